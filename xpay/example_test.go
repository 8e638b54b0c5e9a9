package xpay_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// openSession opens a checkout session and reports a failure.
func openSession(ctx context.Context, key string, log *slog.Logger, opts ...pay.Option) (*xpay.CheckoutSession, error) {
	client, err := xpay.New(xpay.Credentials{APIKey: key}, opts...)
	if err != nil {
		return nil, err // a setting is wrong; nothing was sent
	}
	session, err := client.CreateCheckoutSession(ctx, xpay.CreateCheckoutSessionRequest{
		LineItems:       []xpay.LineItemInput{{Price: "price_ticket", Quantity: 2}},
		AfterCompletion: xpay.AfterCompletion{Type: xpay.AfterCompletionTypeRedirect, Redirect: &xpay.Redirect{URL: "https://shop.example/thanks"}},
		Metadata:        xpay.Metadata{"order": "1001"},
	})
	var e *apierr.Error
	if errors.As(err, &e) {
		log.Warn("call failed", "error", e, "tell the payer", e.CustomerMessage("en"))
	}
	return session, err
}

// start starts a sandbox that replaces XPay: no account and no network are needed.
func start() (*xpaytest.Server, *xpay.Client, error) {
	srv, err := xpaytest.Start("127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	client, err := xpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	return srv, client, err
}

func Example() {
	srv, client, err := start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	session, err := client.CreateCheckoutSession(context.Background(), order())
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := srv.Pay(session.ID); err != nil { // the customer pays on session.URL
		fmt.Println(err)
		return
	}
	session, err = client.GetCheckoutSession(context.Background(), session.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(session.Currency.Format(session.AmountTotal), session.Paid())
	// Output: 200.00 EGP true
}

// XPay asks to branch on the type of an error first and on its code second.
func Example_errors() {
	srv, _, err := start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	_, err = openSession(context.Background(), srv.Credentials().APIKey, slog.New(slog.DiscardHandler), pay.WithBaseURL(srv.URL))

	switch {
	case errors.Is(err, apierr.ErrOutcomeUnknown): // first, because other cases may match too; money may have moved: repeat with the same key, or check
		fmt.Println("ask")
	case errors.Is(err, xpay.ErrPriceSoldOut): // one code
		fmt.Println("sold out")
	case xpay.TypeOf(err) == xpay.ErrorTypeInvalidRequest: // XPay's type
		fmt.Println("the request is invalid:", xpay.CodeOf(err))
	case errors.Is(err, apierr.ErrRateLimited): // a category, any provider
		fmt.Println("later")
	}

	var e *apierr.Error
	if errors.As(err, &e) {
		fmt.Println(e.Known(), e.Outcome(), e.DocURL())
	}
	// Output:
	// the request is invalid: xpay: resource_missing: The object does not exist
	// true failed https://docs.xpay.app/integrate/errors/api-error-codes#resource_missing
}

// A declined card is not the error of a call but part of the payment.
func ExampleLastPaymentError_Err() {
	srv, client, err := start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	session, err := client.CreateCheckoutSession(context.Background(), order())
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := srv.Pay(session.ID, xpaytest.PayDeclined("insufficient_funds")); err != nil {
		fmt.Println(err)
		return
	}
	session, err = client.GetCheckoutSession(context.Background(), session.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	failure := session.PaymentIntent.LastPaymentError.Err()
	fmt.Println(errors.Is(failure, xpay.DeclineInsufficientFunds), errors.Is(failure, apierr.ErrDeclined))
	var e *apierr.Error
	if errors.As(failure, &e) {
		fmt.Println(e.CustomerMessage("en"))
	}
	// Output:
	// true true
	// Your card has insufficient funds. Please try another payment method.
}

// The handler verifies the signature and its time before it calls the function.
func ExampleClient_Webhook() {
	srv, client, err := start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	mux := http.NewServeMux()
	mux.Handle("/xpay", client.Webhook(func(_ context.Context, ev xpay.Event) error {
		switch object := ev.Object.(type) {
		case *xpay.CheckoutSession:
			if object.Paid() {
				fmt.Println("order", object.Metadata.Get("order"), "is paid:", object.Currency.Format(object.AmountTotal))
			}
		case *xpay.PaymentIntent:
			fmt.Println("declined:", object.LastPaymentError.Err())
		}
		return nil // also for events that are not needed
	}))

	session, err := client.CreateCheckoutSession(context.Background(), order())
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := srv.Pay(session.ID); err != nil {
		fmt.Println(err)
		return
	}
	call, err := srv.Callback(session.ID, "https://shop.example/xpay") // the request that XPay sends
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.ServeHTTP(discard{}, call)
	// Output: order 1001 is paid: 200.00 EGP
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// Null clears a member, Set changes it, and an absent member is left unchanged.
func ExampleNull() {
	srv, client, err := start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	session, err := client.CreateCheckoutSession(context.Background(), order())
	if err != nil {
		fmt.Println(err)
		return
	}
	change := xpay.UpdateCheckoutSessionRequest{CancelURL: xpay.Set("https://shop.example/cart"), Locale: xpay.Null[xpay.Locale]()}
	session, err = client.UpdateMerchantCheckoutSession(context.Background(), session.ID, change)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(session.CancelURL, session.Currency.Format(session.AmountTotal))
	// Output: https://shop.example/cart 200.00 EGP
}

// Refunds fetches page after page as the loop proceeds.
func ExampleClient_Refunds() {
	srv, client, err := start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	n := 0
	for _, err := range client.Refunds(context.Background(), nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		n++
	}
	fmt.Println(n, "refunds")
	// Output: 0 refunds
}
