package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// qpayTour is a shop with a QPay account.
type qpayTour struct {
	*printer
	bank    *qpaytest.Server // QPay and the payer's bank
	client  *qpay.Client
	hook    string // the shop's callback_url, without an order
	key     string // the shop's callback key
	events  chan qpay.Event
	price   qpay.Amount
	invoice *qpay.InvoiceCreated
	payment string
}

func tourQPay(ctx context.Context, p *printer) error {
	bank, err := qpaytest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer bank.Close()
	t := &qpayTour{printer: p, bank: bank, key: rand.Text(), events: make(chan qpay.Event, 1), price: qpay.NewAmount(15_000)}
	creds := qpay.Credentials(bank.Credentials())
	creds.CallbackKey = t.key
	t.client, err = qpay.New(creds, pay.WithBaseURL(bank.URL), pay.WithObserver(t.printer))
	if err != nil {
		return err
	}
	url, stop, err := openShop(ctx, t.client.Webhook(func(_ context.Context, ev qpay.Event) error {
		t.events <- ev
		return nil
	}))
	if err != nil {
		return err
	}
	defer stop()
	t.hook = url + "/hooks/qpay"
	return inOrder(ctx, t.token, t.createInvoice, t.payInvoice, t.check, t.cancelPaid, t.unknownID, t.expiredToken, t.lostConnection)
}

func (t *qpayTour) token(ctx context.Context) error {
	t.title("The first call fetches an access token")
	_, err := t.client.GetInvoice(ctx, "00000000-0000-0000-0000-000000000000") // a read that changes nothing
	if qpay.CodeOf(err) != qpay.ErrInvoiceNotFound {
		return fmt.Errorf("%w: %w", errUnexpected, err)
	}
	t.fact("token", "valid for a day; the client renews it before it expires and shares it between goroutines")
	return nil
}

// order creates an invoice for two tickets.
func (t *qpayTour) order(ctx context.Context, number string) (*qpay.InvoiceCreated, error) {
	callbackURL, err := qpay.CallbackURL(t.hook, number, t.key)
	if err != nil {
		return nil, err
	}
	return t.client.CreateInvoice(ctx, qpay.CreateInvoiceRequest{
		InvoiceCode: t.bank.InvoiceCode(), SenderInvoiceNo: number, InvoiceReceiverCode: "terminal",
		InvoiceDescription: "Two tickets", Amount: t.price, CallbackURL: callbackURL,
	})
}

func (t *qpayTour) createInvoice(ctx context.Context) error {
	t.title("The shop creates an invoice for 15,000 MNT")
	inv, err := t.order(ctx, "1001")
	if err != nil {
		return err
	}
	t.invoice = inv
	t.fact("invoice", "%s", inv.InvoiceID)
	t.fact("links", "%d banking apps, such as %s", len(inv.Links()), inv.Links()[0].Name)
	t.title("The QR code for the payer's banking app")
	return t.qrCode(inv.QRText)
}

func (t *qpayTour) payInvoice(context.Context) error {
	t.title("The payer pays, and QPay calls the shop's webhook")
	id, err := t.bank.Pay(t.invoice.InvoiceID)
	if err != nil {
		return err
	}
	t.payment = id
	select {
	case ev := <-t.events:
		// The order ID only says that the shop made the URL. What was paid is what the API confirmed.
		if p := ev.Payment; ev.OrderID != "1001" || ev.InvoiceID != t.invoice.InvoiceID || p.PaymentAmount.Cmp(t.price) != 0 || p.PaymentCurrency != qpay.CurrencyMNT {
			return fmt.Errorf("%w: payment %s does not match the invoice", errUnexpected, ev.PaymentID)
		}
		t.fact("webhook", "payment %s of %s %s for order %s, confirmed by the API before the shop's code ran",
			ev.PaymentID, ev.Payment.PaymentAmount, ev.Payment.PaymentCurrency, ev.OrderID)
	default:
		return fmt.Errorf("%w: no callback arrived", errUnexpected)
	}
	deliveries := t.bank.Deliveries()
	last := deliveries[len(deliveries)-1]
	t.fact("response", "%d %s; accepted by QPay: %v", last.Status, last.Reply, last.Accepted)
	return nil
}

func (t *qpayTour) check(ctx context.Context) error {
	t.title("The shop checks whether the invoice is paid in full")
	res, err := t.client.CheckPayment(ctx, qpay.CheckPaymentRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: t.invoice.InvoiceID})
	if err != nil {
		return err
	}
	paid, full := res.Paid(t.price)
	t.fact("paid", "%s of %s MNT; in full: %v", paid, t.price, full)
	return nil
}

func (t *qpayTour) cancelPaid(ctx context.Context) error {
	t.title("Error: the shop cancels an invoice that is already paid")
	return t.failure(t.client.CancelInvoice(ctx, t.invoice.InvoiceID), qpay.ErrInvoicePaid)
}

func (t *qpayTour) unknownID(ctx context.Context) error {
	t.title("Error: the payment does not exist")
	_, err := t.client.GetPayment(ctx, "404404404404404")
	return t.failure(err, qpay.ErrPaymentNotFound)
}

func (t *qpayTour) expiredToken(ctx context.Context) error {
	t.title("The token has expired; the client fetches a new one and sends the request again")
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
	t.title("Error: the connection breaks after an invoice was sent, so its outcome is unknown")
	if err := t.bank.Fault("reset-after-commit"); err != nil {
		return err
	}
	before := len(t.bank.Ledger())
	_, err := t.order(ctx, "1002")
	if err := t.failure(err, apierr.ErrOutcomeUnknown); err != nil {
		return err
	}
	t.fact("ledger", "QPay created %d invoice; the client did not send the request twice", len(t.bank.Ledger())-before)
	return nil
}
