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
	events  chan gateway.Event
	payment string
}

func tourGateway(ctx context.Context, p *printer) error {
	t := &gatewayTour{printer: p, events: make(chan gateway.Event, 1)}
	var handler lateHandler
	url, stop, err := openShop(ctx, &handler)
	if err != nil {
		return err
	}
	defer stop()
	if t.psp, err = gatewaytest.Start("127.0.0.1:0", gatewaytest.WithWebhookURL(url+"/hooks/gateway")); err != nil {
		return err
	}
	defer t.psp.Close()
	if t.client, err = gateway.New(t.psp.Credentials(), pay.WithBaseURL(t.psp.URL), pay.WithObserver(p)); err != nil {
		return err
	}
	handler.Handler = t.client.Webhook(func(_ context.Context, ev gateway.Event) error {
		t.events <- ev
		return nil
	})
	return inOrder(ctx, t.create, t.buyerPays, t.lostResponse, t.providerFails, t.unknownID)
}

// checkout is a QRIS payment of 50,000 rupiah.
func (t *gatewayTour) checkout() gateway.CreatePaymentRequest {
	return gateway.CreatePaymentRequest{
		ExternalUserID: "user-1001", Email: "buyer@shop.example", AmountMinor: 50_000, Currency: gateway.CurrencyIDR, Method: gateway.MethodQRIS, ReturnURL: "https://shop.example/return",
	}
}

func (t *gatewayTour) create(ctx context.Context) error {
	t.title("The app creates a payment; the client signs the request and generates the idempotency key")
	var meta pay.Meta
	p, err := t.client.CreatePayment(ctx, t.checkout(), pay.WithMeta(&meta))
	if err != nil {
		return err
	}
	t.payment = p.PaymentID
	t.fact("payment", "%s, idempotency key %s", p.PaymentID, meta.IdempotencyKey)
	t.fact("checkout", "%s", p.CheckoutURL)
	return nil
}

func (t *gatewayTour) buyerPays(context.Context) error {
	t.title("The buyer pays, and the gateway sends a signed notification")
	if err := t.psp.Pay(t.payment); err != nil {
		return err
	}
	select {
	case ev := <-t.events:
		t.fact("webhook", "%s: %d %s for payment %s; the signature is valid", ev.Type, ev.Payment.Amount, ev.Payment.Currency, ev.Payment.PaymentID)
	default:
		return fmt.Errorf("%w: no notification arrived", errUnexpected)
	}
	return nil
}

func (t *gatewayTour) lostResponse(ctx context.Context) error {
	t.title("The response is lost; the client retries with the same key, and there is one payment")
	if err := t.psp.Fault("reset-after-commit"); err != nil {
		return err
	}
	before := len(t.psp.Ledger())
	p, err := t.client.CreatePayment(ctx, t.checkout())
	if err != nil {
		return err
	}
	t.fact("payment", "%s", p.PaymentID)
	t.fact("ledger", "the gateway created %d payment", len(t.psp.Ledger())-before)
	return nil
}

func (t *gatewayTour) providerFails(ctx context.Context) error {
	t.title("Error: the gateway responds with plain text, which the client recognizes")
	if err := t.psp.FailNext("PROVIDER_CHECKOUT_FAILED"); err != nil {
		return err
	}
	_, err := t.client.CreatePayment(ctx, t.checkout())
	return t.failure(err, gateway.ErrProviderCheckoutFailed)
}

func (t *gatewayTour) unknownID(ctx context.Context) error {
	t.title("Error: the payment does not exist")
	_, err := t.client.GetPayment(ctx, "00000000000000000000000000000000")
	return t.failure(err, gateway.ErrPaymentNotFound)
}
