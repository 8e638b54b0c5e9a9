package qpay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
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
	case u.User != nil:
		return "", errors.New("qpay: base contains a user or password, which QPay would store; want a URL without them")
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
var errNotPaid = fmt.Errorf("%w: there is a payment, or an invoice, but its status is not PAID", webhook.ErrNotYet)

// Webhook returns the handler for a callback_url. It calls handle once for each
// payment, after the API has confirmed it. A repeated callback is accepted
// without calling handle again, also across processes that share an event store. Nothing
// in a callback says when it was sent, and anybody who has its URL can send it again, so
// handled payments are remembered for a year. Give your own table a unique key on the
// payment ID as well.
// There, a payment is known by the user name, the name of the handler and the
// payment ID; see pay.WithHandlerName.
//
// The handler replies with 200 and the text SUCCESS if handle returned nil, now or
// earlier; with 400 if a callback has no ID, a malformed one or several, or if the
// payment does not exist; and with 503 if the API cannot be reached or was not
// asked, the payment is not paid, or handle failed. Whether QPay calls again after
// a failure is not documented, so check open invoices with CheckPayment as well.
//
// Anybody can send callbacks, so the handler limits how often forged ones make it ask
// the API: 64 times, and then twice a second. Only callbacks that lead to no new
// payment count. If the API did not confirm a callback, it is not asked about the
// same one again for 5 seconds. Callbacks beyond these limits get a 503.
//
// With Credentials.CallbackKey, a callback whose order ID or MAC is missing or wrong
// gets a 400 before the API is called, and each order ID has limits of its own, so
// that forged callbacks never keep out the genuine one of another order; see
// CallbackURL. Without the key, nothing distinguishes forged callbacks from genuine
// ones: a genuine one can get a 503 while many forged ones arrive, and until half a
// second later. Besides, anybody who has the ID of a payment can then send its
// callback first, with any query. The genuine callback is then a repeated one. Both
// have the same confirmed data, and differ only in UntrustedQuery.
func (c *Client) Webhook(handle func(context.Context, Event) error, opts ...pay.WebhookOption) http.Handler {
	return webhook.New(c.webhooks, webhook.Protocol[Event]{
		Methods: []string{http.MethodGet, http.MethodPost}, // QPay sends GET; older documents describe POST
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Body: "SUCCESS"},
			Invalid:  webhook.Reply{Status: http.StatusBadRequest, Body: "not a payment"},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Body: "try again"},
		},
		Remember: remembered,
		Read:     c.readCallback,
	}, handle, opts)
}

// remembered is how long a handled payment is remembered.
const remembered = 366 * 24 * time.Hour

// Confirm asks the API about one payment and returns it as an event. It returns
// an error if the payment is not paid or does not exist, or if the API cannot be
// reached. It is the check of Webhook, for programs that receive callbacks in
// another way; it does not detect repeated callbacks. It sets neither OrderID nor
// UntrustedQuery.
func (c *Client) Confirm(ctx context.Context, paymentID string) (Event, error) {
	p, err := c.GetPayment(ctx, paymentID)
	switch {
	case err != nil:
		return Event{}, denial("getPayment", err)
	case p.PaymentStatus != PaymentStatusPaid:
		return Event{}, errNotPaid
	}
	ev := Event{PaymentID: p.PaymentID, Payment: p}
	if p.ObjectType == ObjectTypeInvoice {
		ev.InvoiceID = p.ObjectID
	}
	return ev, nil
}

// denial marks an error in which an operation of the API says, with a code of QPay, that
// it does not know an ID or refuses it. The response of a proxy, one that cannot be read,
// a refused login and a missing permission say nothing about the payment.
func denial(operation string, err error) error {
	e, ok := errors.AsType[*apierr.Error](err)
	if !ok || e.Operation != operation || !e.Known() || e.StatusCode/100 != 4 {
		return err
	}
	if category := e.Category(); category != apierr.ErrNotFound && category != apierr.ErrInvalidRequest {
		return err
	}
	return fmt.Errorf("%w: %w", webhook.ErrForged, err)
}

// readCallback reads a callback. The API is asked about what it names.
func (c *Client) readCallback(r *http.Request, body []byte) (webhook.Notification[Event], error) {
	from := origin{query: r.URL.Query()}
	var err error
	if from.orderID, err = c.verifyOrder(from.query); err != nil {
		return webhook.Notification[Event]{}, err
	}
	payment, invoice, err := callbackIDs(from.query, body)
	if err != nil {
		return webhook.Notification[Event]{}, err
	}
	n := webhook.Notification[Event]{Asks: true, Lane: from.orderID}
	if payment != "" {
		n.ID = paymentKey(payment)
		n.Confirm = func(ctx context.Context) ([]webhook.Event[Event], error) { return c.confirmed(ctx, from, payment) }
	} else {
		n.ID = []string{"invoice", invoice}
		n.Confirm = func(ctx context.Context) ([]webhook.Event[Event], error) {
			return c.confirmedInvoice(ctx, from, invoice)
		}
	}
	return n, nil
}

// callbackIDs finds the ID of a payment in a callback, or that of an invoice in the
// callback that older documents describe. The query parameter payment_id is only a
// fallback, because merchants use that name for parameters of their own.
func callbackIDs(query url.Values, body []byte) (payment, invoice string, err error) {
	type callback struct {
		PaymentID string `json:"payment_id,omitempty"`
		InvoiceID string `json:"invoice_id,omitempty"`
	}
	doc := new(callback)
	if len(body) > 0 {
		doc, err = transport.Decode[callback](body)
	}
	if err != nil {
		return "", "", errors.New("the body of the callback is not a JSON object; want payment_id or invoice_id")
	}
	param := paymentIDParam
	if doc.PaymentID+doc.InvoiceID+strings.Join(query[param], "") == "" {
		param = "payment_id"
	}
	if len(query[param]) > 1 {
		return "", "", fmt.Errorf("the callback has %d query parameters %s; want one", len(query[param]), param)
	}
	payment, invoice = cmp.Or(query.Get(param), doc.PaymentID), doc.InvoiceID
	switch {
	case doc.PaymentID != "" && doc.PaymentID != payment:
		return "", "", errors.New("the callback has one payment ID in its query and another in its body; want the same")
	case payment == "" && invoice == "":
		return "", "", errors.New("the callback has no payment ID; want the query parameter " + paymentIDParam)
	case !plausibleID(payment), !plausibleID(invoice):
		return "", "", fmt.Errorf("an ID of the callback is malformed; want at most %d letters, digits, hyphens and underscores", maxID)
	}
	return payment, invoice, nil
}

// maxID is our choice: QPay's IDs are digits, or UUIDs of 36 characters.
const maxID = 64

// plausibleID reports whether an ID is empty or could be one of QPay's.
func plausibleID(id string) bool {
	return len(id) <= maxID && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
}

// origin is what a callback says besides the ID of a payment or invoice.
type origin struct {
	orderID string // verified; "" without a callback key
	query   url.Values
}

// confirmedInvoice returns an event for each paid payment of an invoice.
func (c *Client) confirmedInvoice(ctx context.Context, from origin, id string) ([]webhook.Event[Event], error) {
	check, err := c.CheckPayment(ctx, CheckPaymentRequest{ObjectType: ObjectTypeInvoice, ObjectID: id})
	if err != nil {
		return nil, denial("checkPayment", err)
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
		events = append(events, webhook.Event[Event]{ID: paymentKey(ev.PaymentID), Value: ev})
	}
	return events, nil
}

// paymentKey identifies the event of a payment, however its callback names it.
func paymentKey(id string) []string { return []string{"payment", id} }
