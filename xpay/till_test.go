package xpay_test

import (
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// till starts a sandbox with limits and a merchant.
func till(t *testing.T, o harness.TillOptions) harness.Till {
	t.Helper()
	srv, err := xpaytest.Start("127.0.0.1:0",
		xpaytest.WithAllowedHosts(o.AllowedHosts...), xpaytest.WithCallbackHosts(o.CallbackHosts...), xpaytest.WithHistory(o.History), xpaytest.WithWebhookURL(o.Callback))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	c := connect(t, srv)
	return harness.Till{URL: srv.URL, TillServer: srv, Pay: func() error {
		made, err := c.CreateCheckoutSession(t.Context(), order())
		if err != nil {
			return err
		}
		_, err = srv.Pay(made.ID)
		return err
	}}
}
