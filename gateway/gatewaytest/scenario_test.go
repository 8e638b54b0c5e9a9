package gatewaytest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/gateway/gatewaytest"
)

// TestEveryCode returns each code of the spec, by header and by FailNext, and checks
// that nothing is executed.
func TestEveryCode(t *testing.T) {
	a := open(t)
	codes := a.srv.Codes()
	if len(codes) != 25 {
		t.Fatalf("got %d codes, want 25: the pages have 20 and 4, and there is a fallback", len(codes))
	}
	for _, code := range codes {
		status, path, body := 400, "/v1/payments", qris
		if len(code.Statuses) > 0 {
			status = code.Statuses[0]
		}
		if strings.HasPrefix(code.Value, "WEBHOOK_") {
			path, body = "/webhooks/polar", "{}"
		}
		r := a.request("POST", path, body)
		r.Header.Set("Sandbox-Scenario", code.Value)
		if got := a.send(r); got.status != status || got.raw != code.Body || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: %d %q %v", code.Value, got.status, got.raw, got.header)
		}
		if err := a.srv.FailNext(code.Value); err != nil {
			t.Error(err)
		}
		if got := a.call("POST", path, body); got.status != status || got.raw != code.Body {
			t.Errorf("%s, queued: %d %q", code.Value, got.status, got.raw)
		}
	}
	if n := len(a.srv.Ledger()); n != 0 {
		t.Errorf("%d side effects", n)
	}
}

// TestFaultsAndLedger checks by the ledger whether each fault executes the operation.
func TestFaultsAndLedger(t *testing.T) {
	executed := []string{"reset-after-commit", "reset-in-headers", "reset-in-body", "reset-after-body", "empty", "truncated", "slow"}
	notExecuted := []string{"refuse", "reset-before-read", "reset-before-commit", "html", "huge"}
	a := open(t, gatewaytest.WithSlowDelay(time.Millisecond))
	a.skipSpec = true
	for i, kind := range append(executed, notExecuted...) {
		before := len(a.srv.Ledger())
		if err := a.srv.Fault(kind, gatewaytest.OnOperation("createPayment"), gatewaytest.Times(1)); err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		if got, err := c.Do(a.request("POST", "/v1/payments", qris)); err == nil {
			_, _ = io.Copy(io.Discard, got.Body)
			_ = got.Body.Close()
		}
		if n := len(a.srv.Ledger()) - before; (n == 1) != (i < len(executed)) || n > 1 {
			t.Errorf("%s: %d new entries in the ledger", kind, n)
		}
	}
}

// transcript returns the responses to a fixed series of requests.
func transcript(t *testing.T, seed uint64) string {
	a := open(t, gatewaytest.WithSeed(seed), gatewaytest.WithTime(start()))
	var out strings.Builder
	record := func(got response) response { fmt.Fprintln(&out, got.status, got.raw); return got }
	id := a.text(record(a.call("POST", "/v1/payments", qris)), "payment_id")
	if err := a.srv.Pay(id); err != nil {
		t.Fatal(err)
	}
	record(a.call("GET", "/v1/payments/"+id, ""))
	record(a.call("POST", "/v1/refunds", `{"payment_id":"`+id+`"}`))
	record(a.call("GET", "/_sandbox/ledger", ""))
	record(a.call("GET", "/_sandbox/requests", ""))
	return strings.ReplaceAll(out.String(), a.srv.URL, "")
}

func TestSameSeedSameTranscript(t *testing.T) {
	want := transcript(t, 7)
	if transcript(t, 8) == want {
		t.Error("two seeds gave the same transcript")
	}
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got := transcript(t, 7); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

func TestReset(t *testing.T) {
	l := newReceiver(t, 503)
	a := open(t, gatewaytest.WithWebhookURL(l.URL), gatewaytest.WithTime(start()))
	a.key = "k"
	first := a.call("POST", "/v1/payments", qris)
	id := a.text(first, "payment_id")
	if err := a.srv.Pay(id); err != nil {
		t.Fatal(err)
	}
	a.srv.Reset()
	a.want(a.call("GET", "/v1/payments/"+id, ""), 404, "payment not found")
	if again := a.call("POST", "/v1/payments", qris); again.raw != first.raw || len(a.srv.Webhooks()) != 0 || len(a.srv.Ledger()) != 1 {
		t.Errorf("after Reset: %s, before: %s", again.raw, first.raw)
	}
}

func TestControlRoutes(t *testing.T) {
	a := open(t)
	id := a.payment(qris)
	for body, want := range map[string]int{
		`{"id":"x"}`: 400, `{"id":"` + id + `","amount":"1"}`: 400, `{"id":"` + id + `","outcome":"lost"}`: 400,
		`{"id":"` + id + `","outcome":"refunded"}`: 409,
	} {
		if got := a.call("POST", "/_sandbox/pay", body); got.status != want {
			t.Errorf("pay %s: %d %s", body, got.status, got.raw)
		}
	}
	if got := a.call("POST", "/_sandbox/pay", `{"id":"`+id+`","outcome":"failed"}`); got.body["status"] != "failed" {
		t.Errorf("pay: %d %s", got.status, got.raw)
	}
	if got := a.call("POST", "/_sandbox/webhooks", `{}`); got.status != 200 || got.raw != `{"dropped":0,"entries":[]}`+"\n" {
		t.Errorf("webhooks: %d %q", got.status, got.raw)
	}
	if got := a.call("POST", "/_sandbox/config", `{"mode":"lively"}`); got.status != 400 || !strings.Contains(got.raw, "sandbox") {
		t.Errorf("config: %d %s", got.status, got.raw)
	}
	if got := a.call("POST", "/_sandbox/config", `{"mode":"test","allowed_methods":["nicepay:qris"]}`); got.body["mode"] != "test" || got.body["refunds"] != "succeed" {
		t.Errorf("config: %d %s", got.status, got.raw)
	}
}

func TestInvalidStart(t *testing.T) {
	for _, edit := range []func(*gatewaytest.Config){
		func(c *gatewaytest.Config) { c.Mode = "x" }, func(c *gatewaytest.Config) { c.WebhookURL = "hook" },
		func(c *gatewaytest.Config) { c.AllowedMethods = []string{"qris"} }, func(c *gatewaytest.Config) { c.RetryAttempts = 0 },
	} {
		if _, err := gatewaytest.Start("127.0.0.1:0", with(edit)); err == nil {
			t.Error("Start accepted an invalid config")
		}
	}
	srv := gatewaytest.NewServer(t)
	if _, err := gatewaytest.Start(strings.TrimPrefix(srv.URL, "http://")); err == nil {
		t.Error("Start succeeded on a port in use")
	}
}
