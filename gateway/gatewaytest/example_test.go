package gatewaytest_test

import (
	"context"
	"fmt"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/pay"
)

// An application creates a payment, the buyer pays it, and the ledger shows both
// side effects.
func Example() {
	srv, err := gatewaytest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	client, err := gateway.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	payment, err := client.CreatePayment(context.Background(), gateway.CreatePaymentRequest{
		ExternalUserID: "user-1001", Email: "buyer@example.com", AmountMinor: 50_000, Currency: "IDR",
		Method: gateway.MethodQRIS, ReturnURL: "https://shop.example.com/return",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := srv.Pay(payment.PaymentID); err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range srv.Ledger() {
		fmt.Println(e.Seq, e.Kind, e.Amount)
	}
	// Output:
	// 1 payment.created 50000
	// 2 payment.succeeded 50000
}
