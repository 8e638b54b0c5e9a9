package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// Event is one verified notification. Exactly one of Payment, Refund and
// Subscription is set; none if the type is not known, in which case Body holds
// the notification.
type Event struct {
	Type         EventType
	Payment      *PaymentEvent
	Refund       *RefundEvent
	Subscription *SubscriptionEvent
	Sent         time.Time // when this delivery was signed
	Body         []byte    // as received
}

// Errors of VerifyAt. The handler responds with 401 to ErrForged and with 503 to
// the others.
var (
	// ErrForged reports a notification that the gateway did not sign: the signature
	// or the body is missing, or the signature does not match.
	ErrForged = errors.New("gateway: the notification is not signed by the gateway")
	// ErrStale reports a valid signature that was made more than 300 seconds before
	// or after now: the notification is replayed, or the local clock is wrong.
	ErrStale = errors.New("gateway: the notification was signed more than 300 seconds from now; check the clock of this machine")
	// ErrNoWebhookSecret reports that Credentials.WebhookSecret is empty.
	ErrNoWebhookSecret = errors.New("gateway: Credentials.WebhookSecret is empty; notifications cannot be verified without it")
)

// Webhook returns the handler for the app's webhook_url. It calls handle once for
// each event. A repeated delivery is accepted without calling handle again, also
// across processes that share an event store.
//
// The handler responds with 200 and the text ok if handle returned nil, now or
// earlier; with 401 if the gateway did not sign the notification; and with 503 if
// the cause may be on this side: no webhook secret is set, the clock is wrong, a
// genuine body cannot be read, a body is larger than 1 MiB, or handle failed. The
// gateway delivers again after a 503, but never after a 4xx. So keep the old secret
// in OldWebhookSecrets while secrets are exchanged, and check open payments with
// GetPayment as well.
//
// Two deliveries are one event if these are the same:
//   - of a payment: the type, payment_id, and polar_event_type and
//     current_period_end in metadata. The last two separate the renewals of a
//     subscription, which are events of its first payment;
//   - of a refund: the type and refund_id;
//   - of anything else, such as the end of a subscription: the type and the body.
//
// The event store keeps them with the app's public key and the name of the handler;
// see pay.WithHandlerName. A program that removes duplicates in another way should
// compare the same members: with the type and payment_id alone, the renewals of a
// subscription would be one event.
func (c *Client) Webhook(handle func(context.Context, Event) error, opts ...pay.WebhookOption) http.Handler {
	return webhook.New(c.webhooks, webhook.Protocol[Event]{
		Methods: []string{http.MethodPost},
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Body: "ok"},
			Invalid:  webhook.Reply{Status: http.StatusUnauthorized, Body: "bad signature"},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Body: "try again"},
		},
		Read: c.read,
	}, handle, opts)
}

// read verifies a notification, by the local clock and by the corrected one.
func (c *Client) read(r *http.Request, body []byte) (webhook.Notification[Event], error) {
	a := c.auth()
	now := a.now()
	ev, err := c.VerifyAt(now, r.Header, body)
	if errors.Is(err, ErrStale) {
		ev, err = c.VerifyAt(now.Add(time.Duration(a.skew.Load())), r.Header, body)
	}
	switch {
	case errors.Is(err, ErrForged):
		return webhook.Notification[Event]{}, err
	case err != nil:
		return webhook.Notification[Event]{}, fmt.Errorf("%w: %w", webhook.ErrNotVerifiable, err)
	}
	id := ev.id()
	return webhook.Notification[Event]{ID: id, Confirm: func(context.Context) ([]webhook.Event[Event], error) {
		return []webhook.Event[Event]{{ID: id, Value: ev}}, nil
	}}, nil
}

// VerifyAt verifies and reads one notification. It is the check of Webhook, for
// programs that receive notifications in another way. body is the request body,
// unchanged. The signature may be up to 300 seconds before or after now, so the
// same delivery is valid for up to ten minutes; VerifyAt does not detect repeated
// deliveries.
func (c *Client) VerifyAt(now time.Time, header http.Header, body []byte) (Event, error) {
	secrets := c.auth().webhookSecrets
	if len(secrets) == 0 {
		return Event{}, ErrNoWebhookSecret
	}
	stamps, signatures := header.Values(timestampHeader), header.Values(signatureHeader)
	if len(stamps) != 1 || len(signatures) != 1 || len(body) == 0 {
		return Event{}, fmt.Errorf("%w: want one X-PAY-Timestamp header, one X-PAY-Signature header and a body", ErrForged)
	}
	seconds, _ := strconv.ParseInt(stamps[0], 10, 64) // compared below
	if strconv.FormatInt(seconds, 10) != stamps[0] {
		return Event{}, fmt.Errorf("%w: X-PAY-Timestamp is not a whole number of seconds", ErrForged)
	}
	fits := false
	for _, secret := range secrets { // all of them, to take the same time
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

// decodeEvent reads a verified body.
func decodeEvent(sent time.Time, body []byte) (Event, error) {
	var head struct {
		Event EventType `json:"event"`
	}
	if json.Unmarshal(body, &head) != nil || head.Event == "" {
		return Event{}, errors.New("gateway: the body of a genuine notification cannot be read; want a JSON object with the member event")
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
		return Event{}, fmt.Errorf("gateway: the body of a genuine %s notification cannot be read: %w", head.Event, err)
	}
	return ev, nil
}

// id is the same for every delivery of an event. Renewals of a subscription are
// events of the same payment, so it contains the members in which they differ.
func (e Event) id() []string {
	switch {
	case e.Payment != nil:
		m := e.Payment.Metadata
		return []string{string(e.Type), e.Payment.PaymentID, m.Get("polar_event_type"), m.Get("current_period_end")}
	case e.Refund != nil:
		return []string{string(e.Type), e.Refund.RefundID}
	}
	return []string{string(e.Type), sign.BodyHash(e.Body)}
}

// ParseInbound recognizes the responses that the gateway sends to payment service
// providers on its /webhooks addresses, as an operator sees them in the console of
// such a provider. No call of a Client returns them. captures holds the reference
// of InboundBadReference. known is false if the response is none of the four.
func ParseInbound(status int, body []byte) (code InboundCode, captures map[string]string, known bool) {
	value, captures := errorCatalog.Envelope("InboundText").Text.Read(status, body)
	code = InboundCode(value)
	return code, captures, code.Known()
}
