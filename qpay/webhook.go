package qpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
)

// Event is a callback about a payment that the API has confirmed as paid.
// PaymentID, InvoiceID and Payment are what the API returned. Find the order by
// InvoiceID, and compare the amount and the currency of Payment with it. If they
// do not match, return an error, so that a later callback is not a duplicate.
type Event struct {
	PaymentID string
	InvoiceID string   // "" if the payment is not for an invoice
	Payment   *Payment // as the API returned it

	// OrderID is the order ID that CallbackURL signed; "" without
	// Credentials.CallbackKey. It does not say what was paid: a payer can call the URL
	// of one order with the payment ID of another.
	OrderID string
	// UntrustedQuery is the query of the callback, with the merchant's own parameters
	// of callback_url. The caller of the URL chooses it; never identify an order by it.
	UntrustedQuery url.Values
}

// Query parameters that CallbackURL adds to a URL.
const (
	CallbackOrderParam = "order"     // the order ID
	CallbackMACParam   = "order_mac" // HMAC-SHA256 of the order ID, in lower-case hexadecimal
)

const (
	paymentIDParam = "qpay_payment_id" // added by QPay
	minCallbackKey = 16                // bytes
)

// CallbackURL returns base with an order ID and its MAC in the query, for
// callback_url. The key is Credentials.CallbackKey, with which Webhook verifies
// both; it must have at least 16 bytes. The other query parameters of base stay.
//
// The MAC proves that the shop made the URL. It does not prove that the order is
// paid: match the invoice and the amount as well; see Event. QPay documents a
// maximum of 255 characters for callback_url, which CallbackURL does not check;
// the MAC takes 75 of them.
func CallbackURL(base, orderID, key string) (string, error) {
	u, err := url.Parse(base)
	switch { // without base in the messages: it may be the key, if the arguments are swapped
	case len(key) < minCallbackKey:
		return "", fmt.Errorf("qpay: the callback key has %d bytes; want at least %d", len(key), minCallbackKey)
	case orderID == "":
		return "", errors.New("qpay: the order ID is empty; want the ID of the order that the callback is for")
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return "", errors.New("qpay: base is not an absolute URL; want one such as https://shop.example/paid")
	case u.Fragment != "":
		return "", errors.New("qpay: base has a fragment, which is never sent; want a URL without #")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", errors.New("qpay: the query of base is malformed; want percent-encoded parameters, separated by &")
	}
	for _, name := range []string{paymentIDParam, CallbackOrderParam, CallbackMACParam} {
		if query.Has(name) {
			return "", fmt.Errorf("qpay: base already has the query parameter %s; want a URL without it", name)
		}
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	// %20 instead of + is a space for every reader of the URL.
	order := strings.ReplaceAll(url.QueryEscape(orderID), "+", "%20")
	u.RawQuery += CallbackOrderParam + "=" + order + "&" + CallbackMACParam + "=" + sign.HMAC(key, []byte(orderID))
	return u.String(), nil
}

// orderVerifier returns a function that verifies the order ID of a callback. Without
// a callback key it accepts every callback and returns no order ID.
func orderVerifier(creds Credentials) func(url.Values) (string, error) {
	if creds.CallbackKey == "" {
		return func(url.Values) (string, error) { return "", nil }
	}
	keys := append([]string{creds.CallbackKey}, creds.OldCallbackKeys...)
	return func(q url.Values) (string, error) {
		orders, macs := q[CallbackOrderParam], q[CallbackMACParam]
		switch {
		case len(orders) != 1 || orders[0] == "":
			return "", fmt.Errorf("the callback has no order ID, or several; want one query parameter %s, as CallbackURL adds it", CallbackOrderParam)
		case len(macs) != 1:
			return "", fmt.Errorf("the callback has no MAC, or several; want one query parameter %s, as CallbackURL adds it", CallbackMACParam)
		}
		for _, key := range keys {
			if sign.VerifyHMAC(key, macs[0], []byte(orders[0])) == nil {
				return orders[0], nil
			}
		}
		return "", errors.New("the MAC does not match the order ID of the callback; want a URL that CallbackURL made with the callback key")
	}
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
//
// If Credentials.CallbackKey is set, a callback whose order ID or MAC is missing or
// wrong gets a 400 before the API is called; see CallbackURL. Without the key,
// anybody who has the ID of a payment can send its callback first, with any query.
// The genuine callback is then a repeated one. Both have the same confirmed data,
// and differ only in UntrustedQuery.
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
// another way; it does not detect repeated callbacks. It sets neither OrderID nor
// UntrustedQuery.
func (c *Client) Confirm(ctx context.Context, paymentID string) (Event, error) {
	p, err := c.GetPayment(ctx, paymentID)
	var e *apierr.Error
	switch {
	case errors.As(err, &e) && e.StatusCode != 0 && e.StatusCode < 500 && e.StatusCode != http.StatusTooManyRequests && e.Category() != apierr.ErrAuth:
		return Event{}, fmt.Errorf("%w: %w", webhook.ErrForged, err)
	case err != nil:
		return Event{}, err
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
	from := origin{query: r.URL.Query()}
	var err error
	if from.orderID, err = c.verifyOrder(from.query); err != nil {
		return webhook.Notification[Event]{}, err
	}
	type callback struct {
		PaymentID string `json:"payment_id,omitempty"`
		InvoiceID string `json:"invoice_id,omitempty"`
	}
	doc := new(callback)
	if len(body) > 0 {
		doc, err = transport.Decode[callback](body)
	}
	if err != nil {
		return webhook.Notification[Event]{}, errors.New("the body of the callback is not a JSON object; want payment_id or invoice_id")
	}
	for _, id := range []string{from.query.Get(paymentIDParam), doc.PaymentID} {
		if id != "" {
			return c.paymentNotification(id, from), nil
		}
	}
	if doc.InvoiceID != "" {
		return c.invoiceNotification(doc.InvoiceID, from), nil
	}
	if id := from.query.Get("payment_id"); id != "" {
		return c.paymentNotification(id, from), nil
	}
	return webhook.Notification[Event]{}, errors.New("the callback has no payment ID; want the query parameter " + paymentIDParam)
}

// origin is what a callback says besides the ID of a payment or invoice.
type origin struct {
	orderID string // verified; "" without a callback key
	query   url.Values
}

func (c *Client) paymentNotification(id string, from origin) webhook.Notification[Event] {
	return webhook.Notification[Event]{Key: "qpay payment " + id, Confirm: func(ctx context.Context) ([]webhook.Event[Event], error) {
		return c.confirmed(ctx, from, id)
	}}
}

// invoiceNotification handles the callback that older documents describe. It names an
// invoice; each of its paid payments is an event.
func (c *Client) invoiceNotification(id string, from origin) webhook.Notification[Event] {
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
		return c.confirmed(ctx, from, ids...)
	}}
}

// confirmed returns the events of payments. Their keys depend on nothing in the
// callback but the payment ID that the API confirmed.
func (c *Client) confirmed(ctx context.Context, from origin, ids ...string) ([]webhook.Event[Event], error) {
	var events []webhook.Event[Event]
	for _, id := range ids {
		ev, err := c.Confirm(ctx, id)
		if err != nil {
			return nil, err
		}
		ev.OrderID, ev.UntrustedQuery = from.orderID, from.query
		events = append(events, webhook.Event[Event]{Key: "qpay payment " + ev.PaymentID, Value: ev})
	}
	return events, nil
}
