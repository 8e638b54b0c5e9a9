package xpay

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/redact"
	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

const (
	window        = 300 * time.Second // by which the time of a signature may differ
	handleTimeout = 25 * time.Second  // XPay waits for 30 s
	maxSignatures = 8                 // in one header
)

// Event is one verified event. Object is a *CheckoutSession, *PaymentIntent,
// *Charge, *Refund, *Customer, *Product, *Coupon, *PromotionCode or
// *DeliveryFailure; nil if its kind is not known. Events may arrive out of order. Raw
// may contain the client secret of a session: it is left out when an Event is printed
// or logged, but not of JSON and other encodings.
type Event struct {
	ID         string // the same for every delivery
	Type       EventType
	APIVersion string
	Created    DateTime
	Livemode   bool
	Object     any
	Raw        Raw // the object as received
}

// Format prints the event without Raw, for every verb of package fmt.
func (e Event) Format(f fmt.State, _ rune) { redact.Format(f, e) }

// LogValue returns the event without Raw and without secrets.
func (e Event) LogValue() slog.Value { return redact.Fields(e) }

// Errors of VerifyAt. The handler responds with 401 to ErrForged and with 503 to
// the others. XPay delivers again after either.
var (
	// ErrForged reports an event that XPay did not sign for this client: the header
	// is missing or repeated, the signature does not match, or the event is of the
	// other mode.
	ErrForged = errors.New("xpay: the event is not signed by XPay for this client")
	// ErrStale reports a valid signature that was made more than 300 seconds before
	// or after now: the event is replayed, or the local clock is wrong.
	ErrStale = errors.New("xpay: the event was signed more than 300 seconds from now; check the clock of this machine")
	// ErrNoWebhookSecret reports that Credentials.WebhookSecret is empty.
	ErrNoWebhookSecret = errors.New("xpay: Credentials.WebhookSecret is empty; events cannot be verified without it")
)

// Webhook returns the handler for the URL of a webhook endpoint. It calls handle
// once for each event, with a timeout of 25 seconds. A repeated delivery is accepted
// without calling handle again, also across processes that share an event store.
// handle should return nil for events that it does not need.
//
// The handler responds with 200 and the text ok if handle returned nil, now or
// earlier; with 401 if XPay did not sign the event for this client; and with 503 if
// the cause may be on this side: no webhook secret is set, the clock is wrong, a
// genuine event cannot be read, or handle failed. XPay tries five times within
// about two and a half hours.
//
// In the event store, an event is known by the mode, Credentials.AccountID, the name
// of the handler and Event.ID; see pay.WithHandlerName.
func (c *Client) Webhook(handle func(context.Context, Event) error, opts ...pay.WebhookOption) http.Handler {
	return webhook.New(c.webhooks, webhook.Protocol[Event]{
		Methods: []string{http.MethodPost}, Timeout: handleTimeout,
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Body: "ok"},
			Invalid:  webhook.Reply{Status: http.StatusUnauthorized, Body: "bad signature"},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Body: "try again"},
		},
		Read: c.read,
	}, handle, opts)
}

func (c *Client) read(r *http.Request, body []byte) (webhook.Notification[Event], error) {
	ev, err := c.VerifyAt(c.transport.Now(), r.Header, body)
	switch {
	case errors.Is(err, ErrForged):
		return webhook.Notification[Event]{}, err
	case err != nil:
		return webhook.Notification[Event]{}, fmt.Errorf("%w: %w", webhook.ErrNotVerifiable, err)
	}
	id := []string{ev.ID}
	return webhook.Notification[Event]{ID: id, Confirm: func(context.Context) ([]webhook.Event[Event], error) {
		return []webhook.Event[Event]{{ID: id, Value: ev}}, nil
	}}, nil
}

// VerifyAt verifies and reads one event. It is the check of Webhook, for programs
// that receive events in another way. body is the request body, unchanged. The
// signature may be up to 300 seconds before or after now, so the same delivery is
// valid for up to ten minutes; VerifyAt does not detect repeated deliveries, which
// have the same Event.ID.
func (c *Client) VerifyAt(now time.Time, header http.Header, body []byte) (Event, error) {
	if len(c.auth().webhookSecrets) == 0 {
		return Event{}, ErrNoWebhookSecret
	}
	stamp, signatures, err := parseSignature(header.Values("XPay-Signature"))
	if err != nil {
		return Event{}, err
	}
	fits := false
	for _, secret := range c.auth().webhookSecrets { // all of them, to take the same time
		want := []byte(sign.HMAC(secret, []byte(stamp+"."), body))
		for _, s := range signatures {
			fits = hmac.Equal([]byte(s), want) || fits
		}
	}
	if !fits {
		return Event{}, fmt.Errorf("%w: no signature in XPay-Signature matches", ErrForged)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || !sign.Within(now.Truncate(time.Second), time.Unix(seconds, 0), window) {
		return Event{}, ErrStale
	}
	ev, err := decodeEvent(body)
	if err == nil && ev.Livemode != c.auth().live {
		return Event{}, fmt.Errorf("%w: the event has livemode %v; want the mode of the API key", ErrForged, ev.Livemode)
	}
	return ev, err
}

// parseSignature reads t=…,v1=…[,v1=…]. It ignores spaces around a part and parts
// with other names.
func parseSignature(headers []string) (stamp string, signatures []string, err error) {
	if len(headers) != 1 {
		return "", nil, fmt.Errorf("%w: %d XPay-Signature headers; want one", ErrForged, len(headers))
	}
	stamps := 0
	for part := range strings.SplitSeq(headers[0], ",") {
		name, value, _ := strings.Cut(strings.Trim(part, " "), "=")
		switch {
		case len(signatures) > maxSignatures:
			return "", nil, fmt.Errorf("%w: XPay-Signature has too many values v1; want at most %d", ErrForged, maxSignatures)
		case name == "t" && value != "" && strings.Trim(value, "0123456789") == "":
			stamp = value
			stamps++
		case name == "v1":
			signatures = append(signatures, value)
		}
	}
	if stamps != 1 || len(signatures) == 0 || len(signatures) > maxSignatures {
		return "", nil, fmt.Errorf("%w: XPay-Signature lacks or repeats a value; want one t and 1 to %d v1", ErrForged, maxSignatures)
	}
	return stamp, signatures, nil
}

// decodeEvent reads a verified body.
func decodeEvent(body []byte) (Event, error) {
	e, err := transport.Decode[WebhookEvent](body)
	if err != nil {
		return Event{}, fmt.Errorf("xpay: a genuine event cannot be read: %w", err)
	}
	ev := Event{ID: e.ID, Type: e.Type, APIVersion: e.APIVersion, Created: e.Created, Livemode: e.Livemode, Raw: e.Data.Object}
	if ev.Object, err = decodeObject(ev.Type, ev.Raw); err != nil {
		return Event{}, fmt.Errorf("xpay: the object of a genuine %s event cannot be read: %w", ev.Type, err)
	}
	return ev, nil
}

// decodeObject reads the object of an event by its member object.
func decodeObject(typ EventType, raw Raw) (any, error) {
	head, err := transport.Decode[struct {
		Object string `json:"object,omitempty"`
	}](raw)
	read := map[string]func(Raw) (any, error){
		"checkout.session": object[CheckoutSession], "payment_intent": object[PaymentIntent], "charge": object[Charge], "refund": object[Refund],
		"customer": object[Customer], "product": object[Product], "coupon": object[Coupon], "promotion_code": object[PromotionCode],
	}
	switch {
	case err != nil:
		return nil, err
	case typ == EventTypeWebhookEndpointDeliveryFailed:
		return object[DeliveryFailure](raw)
	case read[head.Object] != nil:
		return read[head.Object](raw)
	}
	return nil, nil
}

func object[T any](raw Raw) (any, error) { return transport.Decode[T](raw) }
