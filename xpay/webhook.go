package xpay

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
)

const (
	tolerance     = 300 * time.Second // by which the time of a signature may differ
	answerTime    = 25 * time.Second  // XPay waits for 30 s
	maxSignatures = 8                 // in one header; each costs a comparison
)

// Event is one proven event. Object is what it is about: a *CheckoutSession,
// *PaymentIntent, *Charge, *Refund, *Customer, *Product, *Coupon, *PromotionCode
// or *DeliveryFailure; nil for a kind that this package does not know. Events may
// come out of order.
type Event struct {
	ID         string // the same for every delivery
	Type       EventType
	APIVersion string
	Created    DateTime
	Livemode   bool
	Object     any
	Raw        Raw // the object as it came
}

// Errors of VerifyAt. The handler answers 401 to the first and 503 to the others;
// XPay delivers again after either.
var (
	// ErrForged is an event that is not XPay's: no or several headers, a
	// signature that does not fit, or an event of the other mode.
	ErrForged = errors.New("xpay: the event is not signed by XPay for this client")
	// ErrStale is a signature made more than 300 seconds before or after now: an
	// old delivery sent again by somebody, or our clock is wrong.
	ErrStale = errors.New("xpay: the event was signed more than 300 seconds from now; look at the clock")
	// ErrNoWebhookSecret is a client without Credentials.WebhookSecret.
	ErrNoWebhookSecret = errors.New("xpay: Credentials.WebhookSecret is empty, so no event can be proven")
)

// Webhook returns the handler for a webhook endpoint's address. handle runs once
// for each event, in 25 seconds at most; a repeated delivery is answered without
// running it again, also across processes that share an event store. Let it
// return nil for events that are of no interest.
//
// Answers: 200 and the text ok when handle returned nil, now or earlier; 401 for
// an event that is not XPay's; 503 when the fault may be ours: no secret is set,
// the clock is off, a genuine event cannot be read, or handle failed. XPay tries
// five times in about two and a half hours.
func (c *Client) Webhook(handle func(context.Context, Event) error) http.Handler {
	return &webhook.Handler[Event]{
		Provider: "xpay", Methods: []string{http.MethodPost}, Timeout: answerTime,
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Body: "ok"},
			Invalid:  webhook.Reply{Status: http.StatusUnauthorized, Body: "bad signature"},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Body: "try again"},
		},
		Read: c.read, Handle: handle, Store: c.events, Logger: c.transport.Logger,
	}
}

func (c *Client) read(r *http.Request, body []byte) (webhook.Notice[Event], error) {
	ev, err := c.VerifyAt(c.transport.Now(), r.Header, body)
	switch {
	case errors.Is(err, ErrForged):
		return webhook.Notice[Event]{}, err
	case err != nil:
		return webhook.Notice[Event]{}, fmt.Errorf("%w: %w", webhook.ErrOurFault, err)
	}
	key := "xpay " + ev.ID
	return webhook.Notice[Event]{Key: key, Confirm: func(context.Context) ([]webhook.Event[Event], error) {
		return []webhook.Event[Event]{{Key: key, Value: ev}}, nil
	}}, nil
}

// VerifyAt proves and reads one event: the check behind Webhook, for callers
// with a queue or a router of their own. body is what arrived, byte for byte. It
// does not de-duplicate: for ten minutes, the window on both sides, the same
// delivery passes again. Event.ID tells it.
func (c *Client) VerifyAt(now time.Time, header http.Header, body []byte) (Event, error) {
	if len(c.auth().webhook) == 0 {
		return Event{}, ErrNoWebhookSecret
	}
	stamp, signatures, err := parseSignature(header.Values("XPay-Signature"))
	if err != nil {
		return Event{}, err
	}
	fits := false
	for _, secret := range c.auth().webhook { // all of them, so that time tells nothing
		want := []byte(sign.HMAC(secret, []byte(stamp+"."), body))
		for _, s := range signatures {
			fits = hmac.Equal([]byte(s), want) || fits
		}
	}
	if !fits {
		return Event{}, fmt.Errorf("%w: the signature does not fit", ErrForged)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || !sign.Within(now.Truncate(time.Second), time.Unix(seconds, 0), tolerance) {
		return Event{}, ErrStale
	}
	ev, err := decodeEvent(body)
	if err == nil && ev.Livemode != c.auth().live {
		return Event{}, fmt.Errorf("%w: it is of the other mode, livemode is %v", ErrForged, ev.Livemode)
	}
	return ev, err
}

// parseSignature reads t=…,v1=…[,v1=…]. Blanks around a part and parts of other
// names are passed over.
func parseSignature(headers []string) (stamp string, signatures []string, err error) {
	if len(headers) != 1 {
		return "", nil, fmt.Errorf("%w: want one header XPay-Signature, got %d", ErrForged, len(headers))
	}
	stamps := 0
	for part := range strings.SplitSeq(headers[0], ",") {
		name, value, _ := strings.Cut(strings.Trim(part, " "), "=")
		switch {
		case len(signatures) > maxSignatures:
			return "", nil, fmt.Errorf("%w: more than %d v1 in XPay-Signature", ErrForged, maxSignatures)
		case name == "t" && value != "" && strings.Trim(value, "0123456789") == "":
			stamp = value
			stamps++
		case name == "v1":
			signatures = append(signatures, value)
		}
	}
	if stamps != 1 || len(signatures) == 0 || len(signatures) > maxSignatures {
		return "", nil, fmt.Errorf("%w: want one t and 1 to %d v1 in XPay-Signature", ErrForged, maxSignatures)
	}
	return stamp, signatures, nil
}

// decodeEvent reads a body that is genuine.
func decodeEvent(body []byte) (Event, error) {
	e, err := transport.Decode[WebhookEvent](body)
	if err != nil {
		return Event{}, fmt.Errorf("xpay: the event is genuine, but: %w", err)
	}
	ev := Event{ID: e.ID, Type: e.Type, APIVersion: e.APIVersion, Created: e.Created, Livemode: e.Livemode, Raw: e.Data.Object}
	if ev.Object, err = decodeObject(ev.Type, ev.Raw); err != nil {
		return Event{}, fmt.Errorf("xpay: the event %s is genuine, but its object: %w", ev.Type, err)
	}
	return ev, nil
}

// decodeObject reads the object of an event by the kind that it names.
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
