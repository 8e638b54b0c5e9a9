package pay_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
)

// The response to a payment is lost. A reconciler asks the provider, also if the
// process that paid has ended.
func ExampleReconciler() {
	srv, err := openapitest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	store := paytest.NewPendingStore(nil) // in production a durable one, such as that of store/sql
	wallet, err := openapi.New(srv.Credentials(), pay.WithBaseURL(srv.URL), pay.WithMaxAttempts(1), pay.WithPendingStore(store))
	if err != nil {
		fmt.Println(err)
		return
	}
	code, _ := srv.PaymentCode("")
	_ = srv.Fault("reset-after-commit")
	_, err = wallet.RetailPay(context.Background(), openapi.RetailPayRequest{
		ProductCode: srv.ProductCode(), PaymentRequestID: "order-1001", PaymentAuthCode: code,
		PaymentAmount: openapi.Amount{Currency: "EUR", Value: 2500}, PaymentNotifyURL: "https://shop.example/paid",
	})
	fmt.Println("unknown outcome:", errors.Is(err, apierr.ErrOutcomeUnknown))

	reconciler := &pay.Reconciler{
		Store:   store,
		Clients: []pay.Inquirer{wallet},
		Settled: func(_ context.Context, call pay.PendingCall, outcome apierr.Outcome) error {
			fmt.Println(call.IdempotencyKey, "took effect:", outcome == apierr.OutcomeApplied)
			return nil
		},
		Unsettled: func(_ context.Context, call pay.PendingCall, reason error) error {
			fmt.Println(call.IdempotencyKey, "needs a human:", reason)
			return nil
		},
	}
	if err := reconciler.RunOnce(context.Background()); err != nil { // an application calls Run in a goroutine
		fmt.Println(err)
	}
	// Output:
	// unknown outcome: true
	// order-1001 took effect: true
}
