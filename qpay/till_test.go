package qpay_test

import (
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// till starts a sandbox with limits and a merchant.
func till(t *testing.T, o harness.TillOptions) harness.Till {
	t.Helper()
	srv, err := qpaytest.Start("127.0.0.1:0",
		qpaytest.WithAllowedHosts(o.AllowedHosts...), qpaytest.WithCallbackHosts(o.CallbackHosts...), qpaytest.WithHistory(o.History), qpaytest.WithConfig(func(c *qpaytest.Config) { c.EmptyQRImage = true }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	c := connect(t, srv)
	return harness.Till{URL: srv.URL, TillServer: srv, Pay: func() error {
		inv, err := c.CreateInvoice(t.Context(), invoice(srv.InvoiceCode(), o.Callback))
		if err != nil {
			return err
		}
		_, err = srv.Pay(inv.InvoiceID)
		return err
	}}
}
