package transport_test

import (
	"errors"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// TestDeclaredRedirectIsNoSuccess: clients follow no redirect, so that a 3xx is a
// failure also where the spec declares one.
func TestDeclaredRedirectIsNoSuccess(t *testing.T) {
	p := profile()
	p.Catalog.Operations = []catalog.Operation{{ID: "pay", Method: "POST", Path: "/pay", Successes: []catalog.Success{{Status: 303}}}}
	for _, text := range []string{"", `{}`} {
		rt := &raw{status: 303, body: body(text)}
		c, err := newClient(p, pay.WithTransport(rt), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		err = transport.Exec(t.Context(), c, &transport.Operation{ID: "pay", Method: "POST", Path: "/pay", RetryClass: transport.Keyless}, transport.Input{}, nil)
		if !errors.Is(err, apierr.ErrOutcomeUnknown) {
			t.Errorf("303 with the body %q: got %v, want an unknown outcome", text, err)
		}
	}
}
