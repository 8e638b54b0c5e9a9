package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
)

// Event is one proven notification. Exactly one of Payment, Refund and
// Subscription is set for the types that are known; none for a new type, which
// Body still holds.
type Event struct {
	Type         EventType
	Payment      *PaymentEvent
	Refund       *RefundEvent
	Subscription *SubscriptionEvent
	Sent         time.Time // when this delivery was signed
	Body         []byte    // as it arrived
}

// Errors of VerifyAt. The handler answers 401 to the first and 503 to the others.
var (
	// ErrForged is a notification that is not the gateway's: no or several
	// signatures, one that does not fit, or no body.
	ErrForged = errors.New("gateway: the notification is not signed by the gateway")
	// ErrStale is a signature that fits, made more than 300 seconds before or
	// after now: an old delivery sent again by somebody, or our clock is wrong.
	ErrStale = errors.New("gateway: the notification was signed more than 300 seconds from now; look at the clock")
	// ErrNoWebhookSecret is a client without Credentials.WebhookSecret.
	ErrNoWebhookSecret = errors.New("gateway: Credentials.WebhookSecret is empty, so no notification can be proven")
)

// Webhook returns the handler for the app's webhook_url. handle runs once for
// each event; a repeated delivery is answered without running it again, also
// across processes that share an event store.
//
// Answers: 200 and the text ok when handle returned nil, now or earlier; 401 for
// a notification that is not the gateway's; 503 when the fault may be ours: no
// secret is set, the clock is off, a genuine body cannot be read, or handle
// failed. After a 503 the gateway delivers again, after a 4xx never: while
// secrets are exchanged, keep the old one in OldWebhookSecrets, and reconcile
// with GetPayment.
func (c *Client) Webhook(handle func(context.Context, Event) error) http.Handler {
	return &webhook.Handler[Event]{
		Provider: "gateway",
		Methods:  []string{http.MethodPost},
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Body: "ok"},
			Invalid:  webhook.Reply{Status: http.StatusUnauthorized, Body: "bad signature"},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Body: "try again"},
		},
		Read: c.read, Handle: handle, Store: c.events, Logger: c.transport.Logger,
	}
}

// read proves a notification. A clock that the gateway has corrected counts as
// well as our own.
func (c *Client) read(r *http.Request, body []byte) (webhook.Notice[Event], error) {
	a := c.auth()
	now := a.now()
	ev, err := c.VerifyAt(now, r.Header, body)
	if skew := time.Duration(a.skew.Load()); errors.Is(err, ErrStale) && skew != 0 {
		ev, err = c.VerifyAt(now.Add(skew), r.Header, body)
	}
	switch {
	case errors.Is(err, ErrForged):
		return webhook.Notice[Event]{}, err
	case err != nil:
		return webhook.Notice[Event]{}, fmt.Errorf("%w: %w", webhook.ErrOurFault, err)
	}
	key := ev.key()
	return webhook.Notice[Event]{Key: key, Confirm: func(context.Context) ([]webhook.Event[Event], error) {
		return []webhook.Event[Event]{{Key: key, Value: ev}}, nil
	}}, nil
}

// VerifyAt proves and reads one notification: the check behind Webhook, for
// callers with a queue or a router of their own. body is what arrived, byte for
// byte. It does not de-duplicate: for ten minutes, the window on both sides, the
// same delivery passes again.
func (c *Client) VerifyAt(now time.Time, header http.Header, body []byte) (Event, error) {
	secrets := c.auth().webhook
	if len(secrets) == 0 {
		return Event{}, ErrNoWebhookSecret
	}
	stamps, signatures := header.Values("X-PAY-Timestamp"), header.Values("X-PAY-Signature")
	if len(stamps) != 1 || len(signatures) != 1 || len(body) == 0 {
		return Event{}, fmt.Errorf("%w: want one timestamp, one signature and a body", ErrForged)
	}
	seconds, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != stamps[0] {
		return Event{}, fmt.Errorf("%w: the timestamp is not a whole number of seconds", ErrForged)
	}
	fits := false
	for _, secret := range secrets { // all of them, so that time tells nothing
		fits = sign.VerifyHMAC(secret, signatures[0], []byte(stamps[0]+"."), body) == nil || fits
	}
	sent := time.Unix(seconds, 0)
	switch {
	case !fits:
		return Event{}, ErrForged
	case !sign.Within(now.Truncate(time.Second), sent, window):
		return Event{}, ErrStale
	}
	return decodeEvent(sent, body)
}

// decodeEvent reads a body that is genuine.
func decodeEvent(sent time.Time, body []byte) (Event, error) {
	var head struct {
		Event EventType `json:"event"`
	}
	if json.Unmarshal(body, &head) != nil || head.Event == "" {
		return Event{}, errors.New("gateway: the notification is genuine, but its body is not a JSON object with an event")
	}
	ev, err := Event{Type: head.Event, Sent: sent.UTC(), Body: body}, error(nil)
	switch head.Event {
	case EventTypePaymentSucceeded, EventTypePaymentCanceled, EventTypePaymentFailed:
		ev.Payment, err = transport.Decode[PaymentEvent](body)
	case EventTypeRefundSucceeded, EventTypeRefundFailed:
		ev.Refund, err = transport.Decode[RefundEvent](body)
	case EventTypeSubscriptionCanceled, EventTypeSubscriptionRevoked:
		ev.Subscription, err = transport.Decode[SubscriptionEvent](body)
	}
	if err != nil {
		return Event{}, fmt.Errorf("gateway: the notification %s is genuine, but: %w", head.Event, err)
	}
	return ev, nil
}

// key is the same for each delivery of an event. Renewals of a subscription
// come as events of one payment, so what tells them apart is part of it.
func (e Event) key() string {
	parts := []string{"gateway", string(e.Type)}
	switch {
	case e.Payment != nil:
		m := e.Payment.Metadata
		parts = append(parts, e.Payment.PaymentID, m.Text("polar_event_type"), m.Text("current_period_end"))
	case e.Refund != nil:
		parts = append(parts, e.Refund.RefundID)
	default:
		parts = append(parts, sign.BodyHash(e.Body))
	}
	return strings.TrimRight(strings.Join(parts, " "), " ")
}

// ParseInbound recognises the answers that the gateway gives to PSPs on its
// /webhooks addresses, as an operator sees them in a PSP's console; the calls of
// a Client never return them. captures holds the reference of a bad one. known is
// false for an answer that is none of the four.
func ParseInbound(status int, body []byte) (code InboundCode, captures map[string]string, known bool) {
	value, captures := errorCatalog.Envelope("InboundText").Text.Read(status, body)
	code = InboundCode(value)
	return code, captures, code.Known()
}
