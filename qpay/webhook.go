package qpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
)

// Event is a payment that QPay called back about, and that its API confirmed as
// paid.
type Event struct {
	PaymentID string
	InvoiceID string     // "" when the payment is not for an invoice
	Payment   *Payment   // as the API returned it
	Query     url.Values // of the callback; holds what the merchant put into callback_url
}

// errNotPaid makes QPay's next callback welcome: the payment may be settling.
var errNotPaid = errors.New("the payment exists, but is not paid")

// Webhook returns the handler for a callback_url. handle runs once for each
// payment, after the API has confirmed it; a repeated callback is answered
// without running it again, also across processes that share an event store.
//
// Answers: 200 and the text SUCCESS when handle returned nil, now or earlier;
// 400 for a callback without an id or about a payment that does not exist; 503
// when QPay cannot be asked, the payment is not paid, or handle failed. Whether
// QPay calls again after a failure is not documented, so reconcile open invoices
// with CheckPayment.
func (c *Client) Webhook(handle func(context.Context, Event) error) http.Handler {
	return &webhook.Handler[Event]{
		Provider: "qpay",
		Methods:  []string{http.MethodGet, http.MethodPost}, // GET is what QPay sends, POST what older documents say
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Body: "SUCCESS"},
			Invalid:  webhook.Reply{Status: http.StatusBadRequest, Body: "not a payment"},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Body: "try again"},
		},
		Read: c.readCallback, Handle: handle, Store: c.events, Logger: c.transport.Logger,
	}
}

// Confirm asks the API about one payment and returns it as an event when it is
// paid: the check behind Webhook, for callers with a queue or a router of their
// own.
func (c *Client) Confirm(ctx context.Context, paymentID string) (Event, error) {
	p, err := c.GetPayment(ctx, paymentID)
	var e *apierr.Error
	switch {
	case errors.As(err, &e) && e.StatusCode != 0 && e.StatusCode < 500 && e.StatusCode != http.StatusTooManyRequests && e.Category() != apierr.ErrAuth:
		return Event{}, fmt.Errorf("%w: %w", webhook.ErrForged, err)
	case err != nil:
		return Event{}, err
	case p.PaymentID != paymentID:
		return Event{}, fmt.Errorf("%w: asked for one payment, got another", webhook.ErrForged)
	case p.PaymentStatus != PaymentStatusPaid:
		return Event{}, errNotPaid
	}
	ev := Event{PaymentID: p.PaymentID, Payment: p}
	if p.ObjectType == ObjectTypeInvoice {
		ev.InvoiceID = p.ObjectID
	}
	return ev, nil
}

// readCallback finds the id in a callback. payment_id is only a fallback, since
// merchants use that name for a parameter of their own.
func (c *Client) readCallback(r *http.Request, body []byte) (webhook.Notice[Event], error) {
	q := r.URL.Query()
	type callback struct {
		PaymentID string `json:"payment_id,omitempty"`
		InvoiceID string `json:"invoice_id,omitempty"`
	}
	doc, err := new(callback), error(nil)
	if len(body) > 0 {
		doc, err = transport.Decode[callback](body)
	}
	if err != nil {
		return webhook.Notice[Event]{}, errors.New("the callback's body is not a JSON object with an id")
	}
	for _, id := range []string{q.Get("qpay_payment_id"), doc.PaymentID} {
		if id != "" {
			return c.paymentNotice(id, q), nil
		}
	}
	if doc.InvoiceID != "" {
		return c.invoiceNotice(doc.InvoiceID, q), nil
	}
	if id := q.Get("payment_id"); id != "" {
		return c.paymentNotice(id, q), nil
	}
	return webhook.Notice[Event]{}, errors.New("the callback has no qpay_payment_id")
}

func (c *Client) paymentNotice(id string, q url.Values) webhook.Notice[Event] {
	return webhook.Notice[Event]{Key: "qpay payment " + id, Confirm: func(ctx context.Context) ([]webhook.Event[Event], error) {
		return c.confirmed(ctx, q, id)
	}}
}

// invoiceNotice serves the callback of the older documents, which names the
// invoice: all its paid payments are events.
func (c *Client) invoiceNotice(id string, q url.Values) webhook.Notice[Event] {
	return webhook.Notice[Event]{Key: "qpay invoice " + id, Confirm: func(ctx context.Context) ([]webhook.Event[Event], error) {
		check, err := c.CheckPayment(ctx, CheckPaymentRequest{ObjectType: ObjectTypeInvoice, ObjectID: id})
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, row := range check.Rows {
			if row.PaymentStatus == PaymentStatusPaid {
				ids = append(ids, row.PaymentID)
			}
		}
		if len(ids) == 0 {
			return nil, errNotPaid
		}
		return c.confirmed(ctx, q, ids...)
	}}
}

func (c *Client) confirmed(ctx context.Context, q url.Values, ids ...string) ([]webhook.Event[Event], error) {
	var events []webhook.Event[Event]
	for _, id := range ids {
		ev, err := c.Confirm(ctx, id)
		if err != nil {
			return nil, err
		}
		ev.Query = q
		events = append(events, webhook.Event[Event]{Key: "qpay payment " + id, Value: ev})
	}
	return events, nil
}
