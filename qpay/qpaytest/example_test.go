package qpaytest_test

import (
	"context"
	"fmt"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// An application creates an invoice, the payer pays it, and the ledger shows both
// side effects.
func Example() {
	srv, err := qpaytest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	client, err := qpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	invoice, err := client.CreateInvoice(context.Background(), qpay.CreateInvoiceRequest{
		InvoiceCode: srv.InvoiceCode(), SenderInvoiceNo: "1001", InvoiceReceiverCode: "terminal",
		InvoiceDescription: "Two tickets", Amount: qpay.NewAmount(15_000), CallbackURL: "https://shop.example/paid",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := srv.Pay(invoice.InvoiceID); err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range srv.Ledger() {
		fmt.Println(e.Seq, e.Kind, e.Key, e.Amount)
	}
	// Output:
	// 1 invoice.created 1001 15000.00
	// 2 payment.paid 1001 15000.00
}
