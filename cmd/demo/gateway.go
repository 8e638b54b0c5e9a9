package main

import (
	"context"
	"fmt"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/pay"
)

// gatewayTour is an app behind the gateway.
type gatewayTour struct {
	*printer
	psp     *gatewaytest.Server
	client  *gateway.Client
	called  chan gateway.Event
	payment string
}

func walkGateway(ctx context.Context, p *printer) error {
	t := &gatewayTour{printer: p, called: make(chan gateway.Event, 1)}
	var handler lazy
	url, stop, err := openShop(ctx, &handler)
	if err != nil {
		return err
	}
	defer stop()
	if t.psp, err = gatewaytest.Start("127.0.0.1:0", gatewaytest.WithWebhookURL(url+"/hooks")); err != nil {
		return err
	}
	defer t.psp.Close()
	if t.client, err = gateway.New(t.psp.Credentials(), pay.WithBaseURL(t.psp.URL), pay.WithObserver(p)); err != nil {
		return err
	}
	handler.Handler = t.client.Webhook(func(_ context.Context, ev gateway.Event) error {
		t.called <- ev
		return nil
	})
	return inTurn(ctx, t.create, t.buyerPays, t.lostAnswer, t.refused, t.unknownID)
}

// checkout is a payment of 50,000 rupiah by QRIS.
func (t *gatewayTour) checkout() gateway.CreatePaymentRequest {
	return gateway.CreatePaymentRequest{
		ExternalUserID: "user-1001", Email: "buyer@shop.example", AmountMinor: 50_000, Currency: gateway.CurrencyIDR, Method: gateway.MethodQRIS, ReturnURL: "https://shop.example/return",
	}
}

func (t *gatewayTour) create(ctx context.Context) error {
	t.title("A payment, signed with HMAC, under a key that the client made")
	var meta pay.Meta
	p, err := t.client.CreatePayment(ctx, t.checkout(), pay.WithMeta(&meta))
	if err != nil {
		return err
	}
	t.payment = p.PaymentID
	t.fact("payment", "%s, key %s", p.PaymentID, meta.IdempotencyKey)
	t.fact("checkout", "%s", p.CheckoutURL)
	return nil
}

func (t *gatewayTour) buyerPays(context.Context) error {
	t.title("The buyer pays; a signed notification arrives")
	if err := t.psp.Pay(t.payment); err != nil {
		return err
	}
	select {
	case ev := <-t.called:
		t.fact("webhook", "%s: %d %s for payment %s, signature checked", ev.Type, ev.Payment.Amount, ev.Payment.Currency, ev.Payment.PaymentID)
	default:
		return fmt.Errorf("%w: no notification came", errSurprise)
	}
	return nil
}

func (t *gatewayTour) lostAnswer(ctx context.Context) error {
	t.title("The answer is lost after the payment was made: the key makes a repetition safe")
	if err := t.psp.Fault("reset-after-commit"); err != nil {
		return err
	}
	before := len(t.psp.Ledger())
	p, err := t.client.CreatePayment(ctx, t.checkout())
	if err != nil {
		return err
	}
	t.fact("payment", "%s, and the ledger grew by %d", p.PaymentID, len(t.psp.Ledger())-before)
	return nil
}

func (t *gatewayTour) refused(ctx context.Context) error {
	t.title("A refusal in plain text, recognised, with what it says inside")
	if err := t.psp.FailNext("PROVIDER_CHECKOUT_FAILED"); err != nil {
		return err
	}
	_, err := t.client.CreatePayment(ctx, t.checkout())
	return t.refusal(err, gateway.ErrProviderCheckoutFailed)
}

func (t *gatewayTour) unknownID(ctx context.Context) error {
	t.title("A refusal: a payment that does not exist")
	_, err := t.client.GetPayment(ctx, "00000000000000000000000000000000")
	return t.refusal(err, gateway.ErrPaymentNotFound)
}
