package qpay_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// createInvoice creates an invoice and reports a failure.
func createInvoice(ctx context.Context, user, pass, code, hook string, log *slog.Logger, opts ...pay.Option) (*qpay.InvoiceCreated, error) {
	client, err := qpay.New(qpay.Credentials{Username: user, Password: pass}, opts...)
	if err != nil {
		return nil, err // a setting is wrong; nothing was sent
	}
	inv, err := client.CreateInvoice(ctx, qpay.CreateInvoiceRequest{
		InvoiceCode: code, SenderInvoiceNo: "1001", InvoiceReceiverCode: "terminal",
		InvoiceDescription: "Two tickets", Amount: qpay.NewAmount(15_000), CallbackURL: hook,
	})
	var e *apierr.Error
	if errors.As(err, &e) {
		log.Warn("call failed", "error", e, "tell the payer", e.CustomerMessage("en"))
	}
	return inv, err
}

// The sandbox replaces QPay: no account and no network are needed.
func Example() {
	srv, err := qpaytest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	creds := srv.Credentials()
	inv, err := createInvoice(context.Background(), creds.Username, creds.Password, srv.InvoiceCode(), "https://shop.example/paid",
		slog.New(slog.DiscardHandler), pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(inv.Links()), "banks can open it")
	// Output: 16 banks can open it
}

// An error is checked for one code, for a category of any provider, or for an
// unknown outcome.
func Example_errors() {
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
	_, err = client.GetPayment(context.Background(), "404")

	switch {
	case errors.Is(err, apierr.ErrOutcomeUnknown): // first, because other cases may match too; money may have moved: check, do not repeat
		fmt.Println("ask")
	case errors.Is(err, qpay.ErrPaymentNotFound): // one code of one provider
		fmt.Println("no such payment")
	case errors.Is(err, apierr.ErrRateLimited): // a category, any provider
		fmt.Println("later")
	}

	var e *apierr.Error
	if errors.As(err, &e) {
		fmt.Println(e.Known(), e.Outcome(), e.DocURL())
	}
	// Output:
	// no such payment
	// true failed https://specpay.github.io/specpay/errors/qpay.html#payment_notfound
}

// The handler confirms the payment with QPay before it calls the function.
func ExampleClient_Webhook() {
	srv, err := qpaytest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	creds := qpay.Credentials(srv.Credentials())
	creds.CallbackKey = "change-this-to-a-random-text"
	client, err := qpay.New(creds, pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	invoices := map[string]string{} // the invoice of each order
	mux := http.NewServeMux()
	mux.Handle("/paid", client.Webhook(func(_ context.Context, ev qpay.Event) error {
		if invoices[ev.OrderID] != ev.InvoiceID || ev.Payment.PaymentAmount.Cmp(qpay.NewAmount(15_000)) != 0 || ev.Payment.PaymentCurrency != qpay.CurrencyMNT {
			return fmt.Errorf("payment %s does not match order %s", ev.PaymentID, ev.OrderID)
		}
		fmt.Println("order", ev.OrderID, "is paid:", ev.Payment.PaymentAmount, ev.Payment.PaymentCurrency)
		return nil
	}))

	callbackURL, err := qpay.CallbackURL("https://shop.example/paid", "1001", creds.CallbackKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	inv, err := client.CreateInvoice(context.Background(), invoice(srv.InvoiceCode(), callbackURL))
	if err != nil {
		fmt.Println(err)
		return
	}
	invoices["1001"] = inv.InvoiceID
	id, err := srv.Pay(inv.InvoiceID)
	if err != nil {
		fmt.Println(err)
		return
	}
	call, err := srv.Callback(id, callbackURL) // the request that QPay sends
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.ServeHTTP(discard{}, call)
	// Output: order 1001 is paid: 15000.00 MNT
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// Payments fetches page after page as the loop proceeds.
func ExampleClient_Payments() {
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
	rows := 0
	for _, err := range client.Payments(context.Background(), qpay.ListPaymentsRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: srv.InvoiceCode()}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		rows++
	}
	fmt.Println(rows, "payments")
	// Output: 0 payments
}
