package openapi_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// chargeAtTill charges the payment code in a payer's wallet. An error that does not
// match apierr.ErrOutcomeUnknown means that nothing was charged.
func chargeAtTill(ctx context.Context, creds openapi.Credentials, product, scanned, hook string, log *slog.Logger, opts ...pay.Option) (*openapi.PaymentInquiry, error) {
	client, err := openapi.New(creds, opts...)
	if err != nil {
		return nil, err // a setting is wrong; nothing was sent
	}
	_, err = client.RetailPay(ctx, openapi.RetailPayRequest{
		ProductCode: product, PaymentRequestID: "till-7-1001", PaymentAuthCode: scanned, PaymentNotifyURL: hook,
		PaymentAmount: openapi.NewAmount(25_00, "EUR"),
	})
	if err != nil && !errors.Is(err, apierr.ErrOutcomeUnknown) {
		var e *apierr.Error
		if errors.As(err, &e) {
			log.Warn("nothing was charged", "error", e, "tell the payer", e.CustomerMessage("en"))
		}
		return nil, err
	}
	state, err := client.WaitPayment(ctx, openapi.InquiryPaymentRequest{PaymentRequestID: "till-7-1001"})
	if err != nil { // time is up, or the inquiry failed: the payment may have succeeded
		return nil, fmt.Errorf("%w: %s", apierr.ErrOutcomeUnknown, err.Error())
	}
	return state, nil // paid or failed
}

// The sandbox replaces the provider: no account and no network are needed.
func Example() {
	srv, err := openapitest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	scanned, err := srv.PaymentCode("") // the user opens the wallet
	if err != nil {
		fmt.Println(err)
		return
	}
	paid, err := chargeAtTill(context.Background(), srv.Credentials(), srv.ProductCode(), scanned, "https://shop.example/paid",
		slog.New(slog.DiscardHandler), pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(paid.PaymentStatus, paid.PaymentAmount)
	// Output: SUCCESS 25.00 EUR
}

// The result statuses F, U and A mean a failure, an unknown outcome and a result that
// waits.
func Example_errors() {
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
	scanned, err := srv.PaymentCode("INSUFFICIENT_BALANCE")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.RetailPay(context.Background(), openapi.RetailPayRequest{
		ProductCode: srv.ProductCode(), PaymentAuthCode: scanned, PaymentNotifyURL: "https://shop.example/paid",
		PaymentAmount: openapi.NewAmount(25_00, "EUR"),
	})

	switch {
	case errors.Is(err, apierr.ErrOutcomeUnknown): // first, because other cases may match too; money may have moved: check, or repeat under the same ID
		fmt.Println("ask")
	case errors.Is(err, openapi.ErrRiskReject): // one code of one provider
		fmt.Println("risk")
	case errors.Is(err, apierr.ErrDeclined): // a category, any provider
		fmt.Println("declined")
	}

	var e *apierr.Error
	if errors.As(err, &e) {
		fmt.Println(e.RawCode, e.Type, e.StatusCode, e.Advice())
		fmt.Println(e.CustomerMessage("en"))
	}
	// Output:
	// declined
	// INSUFFICIENT_BALANCE F 200 change
	// Your wallet does not have enough money for this payment. Please add money or choose another way to pay.
}

// A QR order is paid when its status is final, not when it was created.
func ExampleClient_WaitPayment() {
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
	order, err := client.CreateQROrder(context.Background(), qrOrder(srv.ProductCode()))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := srv.Pay(order.QRCode); err != nil { // the user scans it and agrees
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	state, err := client.WaitPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: order.PaymentID})
	var late *pay.WaitError
	switch {
	case errors.As(err, &late):
		fmt.Println("still open; cancel it, or wait for the notification")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(state.PaymentStatus)
	}
	// Output: SUCCESS
}

// The handler verifies the signature before it calls the function.
func ExampleClient_Webhook() {
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
	mux := http.NewServeMux()
	mux.Handle("/hooks/", client.Webhook(func(_ context.Context, ev openapi.Event) error {
		switch {
		case ev.Payment != nil:
			fmt.Println("payment", ev.Payment.PaymentRequestID, "is", ev.Payment.PaymentStatus)
		case ev.Contract != nil:
			fmt.Println("an agreement is", ev.Contract.ContractStatus)
		}
		return nil
	}))

	body := qrOrder(srv.ProductCode())
	body.PaymentRequestID = "order-1001"
	order, err := client.CreateQROrder(context.Background(), body)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := srv.Pay(order.PaymentID); err != nil {
		fmt.Println(err)
		return
	}
	call, err := srv.Callback(order.PaymentID, "https://shop.example/hooks/payment") // the request that the provider sends
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.ServeHTTP(discard{}, call)
	// Output: payment order-1001 is SUCCESS
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
