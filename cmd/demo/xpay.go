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
	called  chan xpay.Event
	session *xpay.CheckoutSession
}

func walkXPay(ctx context.Context, p *printer) error {
	t := &xpayTour{printer: p, called: make(chan xpay.Event, 8)}
	var handler lazy
	url, stop, err := openShop(ctx, &handler)
	if err != nil {
		return err
	}
	defer stop()
	if t.bank, err = xpaytest.Start("127.0.0.1:0", xpaytest.WithWebhookURL(url+"/hooks")); err != nil {
		return err
	}
	defer t.bank.Close()
	if t.client, err = xpay.New(t.bank.Credentials(), pay.WithBaseURL(t.bank.URL), pay.WithObserver(p)); err != nil {
		return err
	}
	handler.Handler = t.client.Webhook(func(_ context.Context, ev xpay.Event) error {
		t.called <- ev
		return nil
	})
	return inTurn(ctx, t.create, t.decline, t.buyerPays, t.lostAnswer, t.refused, t.wrongKey)
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
	t.title("A checkout session over EGP 200.00, under a key that the client made")
	var meta pay.Meta
	session, err := t.client.CreateCheckoutSession(ctx, t.checkout(), pay.WithMeta(&meta))
	if err != nil {
		return err
	}
	t.session = session
	t.fact("session", "%s, %s, key %s", session.ID, session.Currency.Format(session.AmountTotal), meta.IdempotencyKey)
	return nil
}

func (t *xpayTour) decline(ctx context.Context) error {
	t.title("The card is declined: not the error of a call, it stands on the payment")
	if _, err := t.bank.Pay(t.session.ID, xpaytest.PayDeclined("insufficient_funds")); err != nil {
		return err
	}
	session, err := t.client.GetCheckoutSession(ctx, t.session.ID)
	if err != nil {
		return err
	}
	return t.refusal(session.PaymentIntent.LastPaymentError.Err(), xpay.DeclineInsufficientFunds)
}

func (t *xpayTour) buyerPays(context.Context) error {
	t.title("The customer pays with another card; signed events arrive")
	if _, err := t.bank.Pay(t.session.ID); err != nil {
		return err
	}
	for len(t.called) > 0 {
		ev := <-t.called
		t.fact("webhook", "%s %s, signature checked", ev.Type, ev.ID)
		if s, ok := ev.Object.(*xpay.CheckoutSession); ok && s.Paid() {
			t.fact("order", "%s is paid: %s", s.Metadata.Get("order"), s.Currency.Format(s.AmountTotal))
			return nil
		}
	}
	return fmt.Errorf("%w: no event said that the session is paid", errSurprise)
}

func (t *xpayTour) lostAnswer(ctx context.Context) error {
	t.title("The answer is lost after the session was made: the key makes a repetition safe")
	if err := t.bank.Fault("reset-after-commit"); err != nil {
		return err
	}
	before := len(t.bank.Ledger())
	session, err := t.client.CreateCheckoutSession(ctx, t.checkout())
	if err != nil {
		return err
	}
	t.fact("session", "%s, and the ledger grew by %d", session.ID, len(t.bank.Ledger())-before)
	return nil
}

func (t *xpayTour) refused(ctx context.Context) error {
	t.title("A refusal: a customer that does not exist; the link is XPay's own")
	_, err := t.client.GetCustomer(ctx, "cus_test_none")
	return t.refusal(err, xpay.ErrResourceMissing)
}

func (t *xpayTour) wrongKey(ctx context.Context) error {
	t.title("A key of the right form that XPay does not know")
	creds := t.bank.Credentials()
	creds.APIKey = creds.APIKey[:len(creds.APIKey)-4] + "0000"
	client, err := xpay.New(creds, pay.WithBaseURL(t.bank.URL), pay.WithObserver(t.printer))
	if err != nil {
		return err
	}
	_, err = client.GetAccount(ctx)
	return t.refusal(err, apierr.ErrAuth)
}
