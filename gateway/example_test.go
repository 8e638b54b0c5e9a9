package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/pay"
)

// createPayment creates a payment and reports a failure.
func createPayment(ctx context.Context, key, secret, order string, log *slog.Logger, opts ...pay.Option) (*gateway.PaymentCreated, error) {
	client, err := gateway.New(gateway.Credentials{PublicKey: key, Secret: secret}, opts...)
	if err != nil {
		return nil, err // a setting is wrong; nothing was sent
	}
	p, err := client.CreatePayment(ctx, gateway.CreatePaymentRequest{
		ExternalUserID: "user-1001", Email: "buyer@example.com", AmountMinor: 50_000, Currency: gateway.CurrencyIDR, // Rp 50,000
		Method: gateway.MethodQRIS, ReturnURL: "https://shop.example/return",
	}, pay.WithIdempotencyKey(order))
	var e *apierr.Error
	if errors.As(err, &e) {
		log.Warn("call failed", "error", e, "tell the payer", e.CustomerMessage("en"))
	}
	return p, err
}

// The sandbox replaces the gateway: no account and no network are needed.
func Example() {
	srv, err := gatewaytest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	creds := srv.Credentials()
	p, err := createPayment(context.Background(), creds.PublicKey, creds.Secret, "order-1001", slog.New(slog.DiscardHandler), pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := createPayment(context.Background(), creds.PublicKey, creds.Secret, "order-1001", slog.New(slog.DiscardHandler), pay.WithBaseURL(srv.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Status, again.PaymentID == p.PaymentID)
	// Output: initiated true
}

// The text of an error is a code with captured values.
func Example_errors() {
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
	_, err = client.CreatePayment(context.Background(), gateway.CreatePaymentRequest{
		ExternalUserID: "user-1001", AmountMinor: 50_000, Currency: gateway.CurrencyIDR, Method: "cc", ReturnURL: "https://shop.example/return",
	})

	switch {
	case errors.Is(err, apierr.ErrOutcomeUnknown): // first, because other cases may match too; money may have moved: check, do not repeat
		fmt.Println("ask")
	case errors.Is(err, gateway.ErrNoProviderForMethod): // one code of one provider
		fmt.Println("choose another method")
	case errors.Is(err, apierr.ErrRateLimited): // a category, any provider
		fmt.Println("later")
	}

	var e *apierr.Error
	if errors.As(err, &e) {
		fmt.Println(e.Captures["method"], e.Captures["currency"], e.Outcome(), e.DocURL())
	}
	// Output:
	// choose another method
	// cc IDR failed https://specpay.github.io/specpay/errors/gateway.html#no_provider_for_method
}

// The handler verifies the signature before it calls the function.
func ExampleClient_Webhook() {
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
	mux := http.NewServeMux()
	mux.Handle("/hook", client.Webhook(func(_ context.Context, ev gateway.Event) error {
		switch ev.Type {
		case gateway.EventTypePaymentSucceeded:
			fmt.Println("order", ev.Payment.Metadata.Get("order"), "is paid:", ev.Payment.Currency.Format(ev.Payment.Amount))
		case gateway.EventTypeRefundSucceeded:
			fmt.Println("refunded:", ev.Refund.Currency.Format(ev.Refund.Amount))
		}
		return nil
	}))

	p, err := client.CreatePayment(context.Background(), qris())
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := srv.Pay(p.PaymentID); err != nil {
		fmt.Println(err)
		return
	}
	call, err := srv.Callback(p.PaymentID, "https://shop.example/hook") // the request that the gateway sends
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.ServeHTTP(discard{}, call)
	// Output: order 1001 is paid: 50000 IDR
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// An operator reads a response in the console of a payment service provider.
func ExampleParseInbound() {
	code, captures, known := gateway.ParseInbound(400, []byte("bad reference POS-999999\n"))
	fmt.Println(code == gateway.InboundBadReference, captures["reference"], known)
	// Output: true POS-999999 true
}
