package openapitest_test

import (
	"context"
	"fmt"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// An application creates a QR order, the user scans and pays it, and the ledger
// shows both side effects.
func Example() {
	srv, err := openapitest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	client, err := openapi.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	order, err := client.CreateQROrder(context.Background(), openapi.CreateQROrderRequest{
		BizType: openapi.BizTypeOrderCode, CodeType: openapi.CodeTypeCGCP, ProductCode: srv.ProductCode(),
		PaymentRequestID: "order-1001", PaymentAmount: openapi.Amount{Currency: "EUR", Value: 25_00},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := srv.Pay(order.QRCode); err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range srv.Ledger() {
		fmt.Println(e.Seq, e.Kind, e.Key, e.Amount)
	}
	// Output:
	// 1 order.created order-1001 EUR 2500
	// 2 payment.paid order-1001 EUR 2500
}
