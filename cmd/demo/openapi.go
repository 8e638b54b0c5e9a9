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
	called chan openapi.Event
	order  *openapi.QROrder
}

func walkOpenAPI(ctx context.Context, p *printer) error {
	wallet, err := openapitest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer wallet.Close()
	t := &openapiTour{printer: p, wallet: wallet, called: make(chan openapi.Event, 1)}
	if t.client, err = openapi.New(wallet.Credentials(), pay.WithBaseURL(wallet.URL), pay.WithObserver(p)); err != nil {
		return err
	}
	url, stop, err := openShop(ctx, t.client.Webhook(func(_ context.Context, ev openapi.Event) error {
		t.called <- ev
		return nil
	}))
	if err != nil {
		return err
	}
	defer stop()
	t.hook = url + "/hooks/payment"
	return inTurn(ctx, t.create, t.payerScans, t.inquire, t.lostAnswer, t.refused)
}

func (t *openapiTour) request() openapi.CreateQROrderRequest {
	return openapi.CreateQROrderRequest{
		BizType: openapi.BizTypeOrderCode, CodeType: openapi.CodeTypeCGCP, ProductCode: t.wallet.ProductCode(),
		PaymentAmount: openapi.NewAmount(25_00, "EUR"), PaymentNotifyURL: t.hook,
	}
}

func (t *openapiTour) create(ctx context.Context) error {
	t.title("An order code over 25.00 euro, signed with RSA; the answer's signature is checked too")
	order, err := t.client.CreateQROrder(ctx, t.request())
	if err != nil {
		return err
	}
	t.order = order
	t.fact("payment", "%s, code %.40s", order.PaymentID, order.QRCode)
	return nil
}

func (t *openapiTour) payerScans(context.Context) error {
	t.title("The payer scans it and pays; a signed notification arrives")
	if err := t.wallet.Pay(t.order.PaymentID); err != nil {
		return err
	}
	select {
	case ev := <-t.called:
		t.fact("webhook", "payment %s: %s, %s", ev.Payment.PaymentID, ev.Payment.PaymentStatus, ev.Payment.PaymentAmount)
	default:
		return fmt.Errorf("%w: no notification came", errSurprise)
	}
	return nil
}

func (t *openapiTour) inquire(ctx context.Context) error {
	t.title("Waiting for a payment ends at once when its state is final")
	p, err := t.client.WaitPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: t.order.PaymentID})
	if err != nil {
		return err
	}
	t.fact("payment", "%s is %s", p.PaymentID, p.PaymentStatus)
	return nil
}

func (t *openapiTour) lostAnswer(ctx context.Context) error {
	t.title("The answer is lost after the order was made: the request id makes a repetition safe")
	if err := t.wallet.Fault("reset-in-body"); err != nil {
		return err
	}
	before := len(t.wallet.Ledger())
	order, err := t.client.CreateQROrder(ctx, t.request())
	if err != nil {
		return err
	}
	t.fact("payment", "%s, and the ledger grew by %d", order.PaymentID, len(t.wallet.Ledger())-before)
	return nil
}

func (t *openapiTour) refused(ctx context.Context) error {
	t.title("A refusal inside HTTP 200")
	_, err := t.client.InquiryPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: "404"})
	if err := t.refusal(err, openapi.ErrOrderNotExist); err != nil {
		return err
	}
	t.title("An answer that settles nothing: U is neither a success nor a refusal")
	if err := t.wallet.FailNext("PAYMENT_IN_PROCESS"); err != nil {
		return err
	}
	_, err = t.client.CreateQROrder(ctx, t.request())
	return t.refusal(err, apierr.ErrOutcomeUnknown)
}
