package main

import (
	"context"
	"fmt"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// qpayTour is a shop with a QPay account at the local sandbox.
type qpayTour struct {
	*printer
	bank    *qpaytest.Server // the other side: QPay and the payer's bank
	client  *qpay.Client
	hook    string // the shop's callback_url
	called  chan qpay.Event
	invoice *qpay.InvoiceCreated
	payment string
}

func walkQPay(ctx context.Context, p *printer) error {
	bank, err := qpaytest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer bank.Close()
	t := &qpayTour{printer: p, bank: bank, called: make(chan qpay.Event, 1)}
	t.client, err = qpay.New(bank.Credentials(), pay.WithBaseURL(bank.URL), pay.WithObserver(t.printer))
	if err != nil {
		return err
	}
	url, stop, err := openShop(ctx, t.client.Webhook(func(_ context.Context, ev qpay.Event) error {
		t.called <- ev
		return nil
	}))
	if err != nil {
		return err
	}
	defer stop()
	t.hook = url + "/paid?order=1001"
	return inTurn(ctx, t.token, t.createInvoice, t.payInvoice, t.check, t.cancelPaid, t.unknownID, t.expiredToken, t.lostConnection)
}

func (t *qpayTour) token(ctx context.Context) error {
	t.title("A token, bought behind the scenes by the first call")
	// Asking for an invoice that does not exist is the cheapest first call.
	_, err := t.client.GetInvoice(ctx, "00000000-0000-0000-0000-000000000000")
	if qpay.CodeOf(err) != qpay.ErrInvoiceNotFound {
		return fmt.Errorf("%w: %w", errSurprise, err)
	}
	t.fact("token", "good for a day, renewed ahead of its end, shared by all goroutines")
	return nil
}

func (t *qpayTour) createInvoice(ctx context.Context) error {
	t.title("An invoice over 15,000 tögrög")
	inv, err := t.client.CreateInvoice(ctx, qpay.CreateInvoiceRequest{
		InvoiceCode: t.bank.InvoiceCode(), SenderInvoiceNo: "1001", InvoiceReceiverCode: "terminal",
		InvoiceDescription: "Two tickets", Amount: qpay.NewAmount(15_000), CallbackURL: t.hook,
	})
	if err != nil {
		return err
	}
	t.invoice = inv
	t.fact("invoice", "%s", inv.InvoiceID)
	t.fact("banks", "%d apps can open it, such as %s", len(inv.Links()), inv.Links()[0].Name)
	t.title("Its QR code, for the payer's bank app")
	return t.qrCode(inv.QRText)
}

func (t *qpayTour) payInvoice(context.Context) error {
	t.title("The payer scans and pays; QPay calls the shop back")
	id, err := t.bank.Pay(t.invoice.InvoiceID)
	if err != nil {
		return err
	}
	t.payment = id
	select {
	case ev := <-t.called:
		t.fact("callback", "payment %s of order %s: %s %s, confirmed by the API before the shop's code ran",
			ev.PaymentID, ev.Query.Get("order"), ev.Payment.PaymentAmount, ev.Payment.PaymentCurrency)
	default:
		return fmt.Errorf("%w: no callback came", errSurprise)
	}
	deliveries := t.bank.Deliveries()
	last := deliveries[len(deliveries)-1]
	t.fact("answered", "%d %s, accepted by QPay: %v", last.Status, last.Reply, last.Accepted)
	return nil
}

func (t *qpayTour) check(ctx context.Context) error {
	t.title("The check: is the invoice paid, and in full?")
	res, err := t.client.CheckPayment(ctx, qpay.CheckPaymentRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: t.invoice.InvoiceID})
	if err != nil {
		return err
	}
	paid, full := res.Paid(qpay.NewAmount(15_000))
	t.fact("paid", "%s of 15000, in full: %v", paid, full)
	return nil
}

func (t *qpayTour) cancelPaid(ctx context.Context) error {
	t.title("A refusal: cancelling what is paid")
	return t.refusal(t.client.CancelInvoice(ctx, t.invoice.InvoiceID), qpay.ErrInvoicePaid)
}

func (t *qpayTour) unknownID(ctx context.Context) error {
	t.title("A refusal: a payment that does not exist")
	_, err := t.client.GetPayment(ctx, "404404404404404")
	return t.refusal(err, qpay.ErrPaymentNotFound)
}

func (t *qpayTour) expiredToken(ctx context.Context) error {
	t.title("The token dies early; the next call does not notice")
	if err := t.bank.Advance(25 * time.Hour); err != nil {
		return err
	}
	p, err := t.client.GetPayment(ctx, t.payment)
	if err != nil {
		return err
	}
	t.fact("payment", "%s is %s", p.PaymentID, p.PaymentStatus)
	return nil
}

func (t *qpayTour) lostConnection(ctx context.Context) error {
	t.title("The connection is lost after an invoice was sent: nobody knows, so it is not repeated")
	if err := t.bank.Fault("reset-after-commit"); err != nil {
		return err
	}
	before := len(t.bank.Ledger())
	_, err := t.client.CreateInvoice(ctx, qpay.CreateInvoiceRequest{
		InvoiceCode: t.bank.InvoiceCode(), SenderInvoiceNo: "1002", InvoiceReceiverCode: "terminal",
		InvoiceDescription: "Two tickets", Amount: qpay.NewAmount(15_000), CallbackURL: t.hook,
	})
	if err := t.refusal(err, apierr.ErrOutcomeUnknown); err != nil {
		return err
	}
	t.fact("ledger", "%d invoice was made at QPay, and not two", len(t.bank.Ledger())-before)
	return nil
}
