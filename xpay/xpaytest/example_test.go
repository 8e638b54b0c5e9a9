package xpaytest_test

import (
	"context"
	"fmt"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// An application creates a checkout session, the customer pays it by card, and the
// ledger shows both side effects.
func Example() {
	srv, err := xpaytest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	client, err := xpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	session, err := client.CreateCheckoutSession(context.Background(), xpay.CreateCheckoutSessionRequest{
		LineItems: []xpay.LineItemInput{{Quantity: 2, PriceData: &xpay.PriceData{
			Currency: xpay.CurrencyEGP, UnitAmount: 100_00, ProductData: xpay.ProductData{Name: "Ticket"},
		}}},
		AfterCompletion: xpay.AfterCompletion{Type: xpay.AfterCompletionTypeRedirect, Redirect: &xpay.Redirect{URL: "https://shop.example/thanks"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := srv.Pay(session.ID); err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range srv.Ledger() {
		fmt.Println(e.Seq, e.Kind, e.Amount)
	}
	// Output:
	// 1 session.created 20000
	// 2 payment.succeeded 20000
}
