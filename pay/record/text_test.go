package record_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/pay/record"
	"github.com/specpay/specpay/specs"
)

// TestErrorTextsHoldNoData: a text of the catalog is kept, and one that repeats a value
// of the request is replaced by the catalog's example.
func TestErrorTextsHoldNoData(t *testing.T) {
	spec, err := specs.Bytes("gateway")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"payment not found\n":                              "payment not found",
		"provider secret-7 not allowed for this app":       "provider paddle not allowed for this app",
		"missing required fields: secret":                  "missing required fields: currency, method",
		"payment not found: secret":                        "",
		"secret payment not found":                         "",
		"provider a not allowed for this app, dear secret": "",
	} {
		rec, err := record.New(spec, record.WithTransport(respond(422, text, "Content-Type", "text/plain")))
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://payment.uncle-z.com/v1/payments/secret", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := exchange(t, rec, r); got != text {
			t.Errorf("the caller got %q, want %q", got, text)
		}
		list, all := entries(t, rec)
		if got := list[0].Response.Content.Text; got != want || strings.Contains(all, "secret") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if (want == "") != (list[0].NotRecorded["response"] != "") {
			t.Errorf("%q: not recorded: %v", text, list[0].NotRecorded)
		}
	}
}
