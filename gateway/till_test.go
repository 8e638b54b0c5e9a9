package gateway_test

import (
	"testing"

	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/internal/contract/harness"
)

// till starts a sandbox with limits and a merchant.
func till(t *testing.T, o harness.TillOptions) harness.Till {
	t.Helper()
	srv, err := gatewaytest.Start("127.0.0.1:0",
		gatewaytest.WithAllowedHosts(o.AllowedHosts...), gatewaytest.WithCallbackHosts(o.CallbackHosts...), gatewaytest.WithHistory(o.History), gatewaytest.WithWebhookURL(o.Callback))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	c := connect(t, srv)
	return harness.Till{URL: srv.URL, TillServer: srv, Pay: func() error {
		made, err := c.CreatePayment(t.Context(), qris())
		if err != nil {
			return err
		}
		return srv.Pay(made.PaymentID)
	}}
}
