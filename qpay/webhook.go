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

// Event is a callback about a payment that the API has confirmed as paid.
type Event struct {
	PaymentID string
	InvoiceID string     // "" if the payment is not for an invoice
	Payment   *Payment   // as the API returned it
	Query     url.Values // of the callback, with the merchant's own parameters of callback_url
}

// errNotPaid makes the handler ask for another callback, because the payment may
// still be settling.
var errNotPaid = errors.New("the payment exists, but its status is not PAID")

// Webhook returns the handler for a callback_url. It calls handle once for each
// payment, after the API has confirmed it. A repeated callback is accepted
// without calling handle again, also across processes that share an event store.
//
// The handler replies with 200 and the text SUCCESS if handle returned nil, now or
// earlier; with 400 if a callback has no ID or the payment does not exist; and
// with 503 if the API cannot be reached, the payment is not paid, or handle
// failed. Whether QPay calls again after a failure is not documented, so check
// open invoices with CheckPayment as well.
func (c *Client) Webhook(handle func(context.Context, Event) error) http.Handler {
	return &webhook.Handler[Event]{
		Provider: "qpay",
		Methods:  []string{http.MethodGet, http.MethodPost}, // QPay sends GET; older documents describe POST
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Body: "SUCCESS"},
			Invalid:  webhook.Reply{Status: http.StatusBadRequest, Body: "not a payment"},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Body: "try again"},
		},
		Read: c.readCallback, Handle: handle, Store: c.events, Logger: c.transport.Logger,
	}
}

// Confirm asks the API about one payment and returns it as an event. It returns
// an error if the payment is not paid or does not exist, or if the API cannot be
// reached. It is the check of Webhook, for programs that receive callbacks in
// another way; it does not detect repeated callbacks.
func (c *Client) Confirm(ctx context.Context, paymentID string) (Event, error) {
	p, err := c.GetPayment(ctx, paymentID)
	var e *apierr.Error
	switch {
	case errors.As(err, &e) && e.StatusCode != 0 && e.StatusCode < 500 && e.StatusCode != http.StatusTooManyRequests && e.Category() != apierr.ErrAuth:
		return Event{}, fmt.Errorf("%w: %w", webhook.ErrForged, err)
	case err != nil:
		return Event{}, err
	case p.PaymentID != paymentID:
		return Event{}, fmt.Errorf("%w: the API returned another payment than the one asked for", webhook.ErrForged)
	case p.PaymentStatus != PaymentStatusPaid:
		return Event{}, errNotPaid
	}
	ev := Event{PaymentID: p.PaymentID, Payment: p}
	if p.ObjectType == ObjectTypeInvoice {
		ev.InvoiceID = p.ObjectID
	}
	return ev, nil
}

// readCallback finds the ID in a callback. payment_id is only a fallback, because
// merchants use that name for parameters of their own.
func (c *Client) readCallback(r *http.Request, body []byte) (webhook.Notification[Event], error) {
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
		return webhook.Notification[Event]{}, errors.New("the body of the callback is not a JSON object; want payment_id or invoice_id")
	}
	for _, id := range []string{q.Get("qpay_payment_id"), doc.PaymentID} {
		if id != "" {
			return c.paymentNotification(id, q), nil
		}
	}
	if doc.InvoiceID != "" {
		return c.invoiceNotification(doc.InvoiceID, q), nil
	}
	if id := q.Get("payment_id"); id != "" {
		return c.paymentNotification(id, q), nil
	}
	return webhook.Notification[Event]{}, errors.New("the callback has no payment ID; want the query parameter qpay_payment_id")
}

func (c *Client) paymentNotification(id string, q url.Values) webhook.Notification[Event] {
	return webhook.Notification[Event]{Key: "qpay payment " + id, Confirm: func(ctx context.Context) ([]webhook.Event[Event], error) {
		return c.confirmed(ctx, q, id)
	}}
}

// invoiceNotification handles the callback that older documents describe. It names an
// invoice; each of its paid payments is an event.
func (c *Client) invoiceNotification(id string, q url.Values) webhook.Notification[Event] {
	return webhook.Notification[Event]{Key: "qpay invoice " + id, Confirm: func(ctx context.Context) ([]webhook.Event[Event], error) {
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
