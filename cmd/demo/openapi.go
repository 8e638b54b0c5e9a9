package main

import (
	"context"
	"fmt"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// openapiTour is a merchant of the super-app wallet.
type openapiTour struct {
	*printer
	wallet *openapitest.Server
	client *openapi.Client
	hook   string
	events chan openapi.Event
	order  *openapi.QROrder
}

func tourOpenAPI(ctx context.Context, p *printer) error {
	wallet, err := openapitest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer wallet.Close()
	t := &openapiTour{printer: p, wallet: wallet, events: make(chan openapi.Event, 1)}
	if t.client, err = openapi.New(wallet.Credentials(), pay.WithBaseURL(wallet.URL), pay.WithObserver(p)); err != nil {
		return err
	}
	url, stop, err := openShop(ctx, t.client.Webhook(func(_ context.Context, ev openapi.Event) error {
		t.events <- ev
		return nil
	}))
	if err != nil {
		return err
	}
	defer stop()
	t.hook = url + "/hooks/openapi"
	return inOrder(ctx, t.create, t.payerScans, t.inquire, t.lostResponse, t.notFound, t.inProcess)
}

func (t *openapiTour) request() openapi.CreateQROrderRequest {
	return openapi.CreateQROrderRequest{
		BizType: openapi.BizTypeOrderCode, CodeType: openapi.CodeTypeCGCP, ProductCode: t.wallet.ProductCode(),
		PaymentAmount: openapi.NewAmount(25_00, "EUR"), PaymentNotifyURL: t.hook,
	}
}

func (t *openapiTour) create(ctx context.Context) error {
	t.title("The merchant creates an order for 25.00 EUR; request and response are signed with RSA")
	order, err := t.client.CreateQROrder(ctx, t.request())
	if err != nil {
		return err
	}
	t.order = order
	t.fact("payment", "%s, QR code %.40s...", order.PaymentID, order.QRCode)
	return nil
}

func (t *openapiTour) payerScans(context.Context) error {
	t.title("The payer scans the code and pays, and the provider sends a signed notification")
	if err := t.wallet.Pay(t.order.PaymentID); err != nil {
		return err
	}
	select {
	case ev := <-t.events:
		t.fact("webhook", "payment %s: %s, %s; the signature is valid", ev.Payment.PaymentID, ev.Payment.PaymentStatus, ev.Payment.PaymentAmount)
	default:
		return fmt.Errorf("%w: no notification arrived", errUnexpected)
	}
	return nil
}

func (t *openapiTour) inquire(ctx context.Context) error {
	t.title("The merchant waits for the final state, which the payment has already reached")
	p, err := t.client.WaitPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: t.order.PaymentID})
	if err != nil {
		return err
	}
	t.fact("payment", "%s is %s", p.PaymentID, p.PaymentStatus)
	return nil
}

func (t *openapiTour) lostResponse(ctx context.Context) error {
	t.title("The connection breaks within the response; the client retries with the same request ID, and there is one order")
	if err := t.wallet.Fault("reset-in-body"); err != nil {
		return err
	}
	before := len(t.wallet.Ledger())
	order, err := t.client.CreateQROrder(ctx, t.request())
	if err != nil {
		return err
	}
	t.fact("payment", "%s", order.PaymentID)
	t.fact("ledger", "the provider created %d order", len(t.wallet.Ledger())-before)
	return nil
}

func (t *openapiTour) notFound(ctx context.Context) error {
	t.title("Error: the order does not exist; the provider reports it inside an HTTP 200")
	_, err := t.client.InquiryPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: "404"})
	return t.failure(err, openapi.ErrOrderNotExist)
}

func (t *openapiTour) inProcess(ctx context.Context) error {
	t.title("Error: the provider responds with the status U, so the outcome is unknown")
	if err := t.wallet.FailNext("PAYMENT_IN_PROCESS"); err != nil {
		return err
	}
	_, err := t.client.CreateQROrder(ctx, t.request())
	return t.failure(err, apierr.ErrOutcomeUnknown)
}
