package main

import (
	"context"
	"fmt"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// xpayTour is a shop with an XPay account.
type xpayTour struct {
	*printer
	bank    *xpaytest.Server
	client  *xpay.Client
	events  chan xpay.Event
	session *xpay.CheckoutSession
}

func tourXPay(ctx context.Context, p *printer) error {
	t := &xpayTour{printer: p, events: make(chan xpay.Event, 8)}
	var handler lateHandler
	url, stop, err := openShop(ctx, &handler)
	if err != nil {
		return err
	}
	defer stop()
	if t.bank, err = xpaytest.Start("127.0.0.1:0", xpaytest.WithWebhookURL(url+"/hooks/xpay")); err != nil {
		return err
	}
	defer t.bank.Close()
	if t.client, err = xpay.New(t.bank.Credentials(), pay.WithBaseURL(t.bank.URL), pay.WithObserver(p)); err != nil {
		return err
	}
	handler.Handler = t.client.Webhook(func(_ context.Context, ev xpay.Event) error {
		t.events <- ev
		return nil
	})
	return inOrder(ctx, t.create, t.decline, t.buyerPays, t.lostResponse, t.notFound, t.wrongKey)
}

// checkout is two tickets of EGP 100.00 each.
func (t *xpayTour) checkout() xpay.CreateCheckoutSessionRequest {
	return xpay.CreateCheckoutSessionRequest{
		LineItems: []xpay.LineItemInput{{Quantity: 2, PriceData: &xpay.PriceData{
			Currency: xpay.CurrencyEGP, UnitAmount: 100_00, ProductData: xpay.ProductData{Name: "Ticket"}}}},
		AfterCompletion: xpay.AfterCompletion{Type: xpay.AfterCompletionTypeRedirect, Redirect: &xpay.Redirect{URL: "https://shop.example/thanks"}},
		Metadata:        xpay.Metadata{"order": "1001"},
	}
}

func (t *xpayTour) create(ctx context.Context) error {
	t.title("The shop creates a checkout session; the client generates the idempotency key")
	var meta pay.Meta
	session, err := t.client.CreateCheckoutSession(ctx, t.checkout(), pay.WithMeta(&meta))
	if err != nil {
		return err
	}
	t.session = session
	t.fact("session", "%s for %s, idempotency key %s", session.ID, session.Currency.Format(session.AmountTotal), meta.IdempotencyKey)
	return nil
}

func (t *xpayTour) decline(ctx context.Context) error {
	t.title("The card is declined; the call succeeds, and the payment holds the error")
	if _, err := t.bank.Pay(t.session.ID, xpaytest.PayDeclined("insufficient_funds")); err != nil {
		return err
	}
	session, err := t.client.GetCheckoutSession(ctx, t.session.ID)
	if err != nil {
		return err
	}
	return t.failure(session.PaymentIntent.LastPaymentError.Err(), xpay.DeclineInsufficientFunds)
}

func (t *xpayTour) buyerPays(context.Context) error {
	t.title("The customer pays with another card, and XPay sends signed events")
	if _, err := t.bank.Pay(t.session.ID); err != nil {
		return err
	}
	for len(t.events) > 0 {
		ev := <-t.events
		t.fact("webhook", "%s %s; the signature is valid", ev.Type, ev.ID)
		if s, ok := ev.Object.(*xpay.CheckoutSession); ok && s.Paid() {
			t.fact("order", "%s is paid: %s", s.Metadata.Get("order"), s.Currency.Format(s.AmountTotal))
			return nil
		}
	}
	return fmt.Errorf("%w: no event says that the session is paid", errUnexpected)
}

func (t *xpayTour) lostResponse(ctx context.Context) error {
	t.title("The response is lost; the client retries with the same key, and there is one session")
	if err := t.bank.Fault("reset-after-commit"); err != nil {
		return err
	}
	before := len(t.bank.Ledger())
	session, err := t.client.CreateCheckoutSession(ctx, t.checkout())
	if err != nil {
		return err
	}
	t.fact("session", "%s", session.ID)
	t.fact("ledger", "XPay created %d session", len(t.bank.Ledger())-before)
	return nil
}

func (t *xpayTour) notFound(ctx context.Context) error {
	t.title("Error: the customer does not exist; the link leads to XPay's own documentation")
	_, err := t.client.GetCustomer(ctx, "cus_test_none")
	return t.failure(err, xpay.ErrResourceMissing)
}

func (t *xpayTour) wrongKey(ctx context.Context) error {
	t.title("Error: the API key has the right form, but is not valid")
	creds := t.bank.Credentials()
	creds.APIKey = creds.APIKey[:len(creds.APIKey)-4] + "0000"
	client, err := xpay.New(creds, pay.WithBaseURL(t.bank.URL), pay.WithObserver(t.printer))
	if err != nil {
		return err
	}
	_, err = client.GetAccount(ctx)
	return t.failure(err, apierr.ErrAuth)
}
