package openapi_test

import (
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/openapi/openapitest"
)

// till starts a sandbox with limits and a merchant.
func till(t *testing.T, o harness.TillOptions) harness.Till {
	t.Helper()
	srv, err := openapitest.Start("127.0.0.1:0",
		openapitest.WithAllowedHosts(o.AllowedHosts...), openapitest.WithCallbackHosts(o.CallbackHosts...), openapitest.WithHistory(o.History))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	c := connect(t, srv)
	return harness.Till{URL: srv.URL, TillServer: srv, Pay: func() error {
		body := qrOrder(srv.ProductCode())
		body.PaymentNotifyURL = o.Callback
		made, err := c.CreateQROrder(t.Context(), body)
		if err != nil {
			return err
		}
		return srv.Pay(made.PaymentID)
	}}
}
