package openapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/redact"
	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// Event is one verified notification. Exactly one of the pointers is set; none if
// the kind is not known, in which case Body holds the notification. Body may contain
// a user's token: it is left out when an Event is printed or logged, but not of JSON
// and other encodings.
type Event struct {
	Payment  *PaymentNotification  // a payment reached its final state
	Refund   *RefundNotification   // a refund reached its final state
	Contract *ContractNotification // an agreement was signed or has ended
	Cashier  *CashierNotification  // the address at which the user pays
	Void     *VoidNotification     // a void reached its final state; no page describes it
	Capture  *CaptureNotification  // a capture reached its final state; no page describes it
	Body     []byte                // as received
}

// Format prints the event without Body, for every verb of package fmt.
func (e Event) Format(f fmt.State, _ rune) { redact.Format(f, e) }

// LogValue returns the event without Body and without secrets.
func (e Event) LogValue() slog.Value { return redact.Fields(e) }

// Errors of VerifyAt. The handler responds with 401 to ErrForged. To ErrStale it responds
// with 503, so that the provider delivers the notification again.
var (
	// ErrForged reports a notification that the provider did not sign: a signature
	// or a time is missing or repeated, or the signature does not match.
	ErrForged = errors.New("openapi: the notification is not signed by the provider")
	// ErrStale reports a valid signature that was made more than 71 hours
	// before now, or more than five minutes after it: the notification may be a replay
	// that the event store has forgotten, or the local clock is wrong.
	ErrStale = errors.New("openapi: the notification was signed more than 71 hours ago, or more than 5 minutes after now; check the clock of this machine")
)

// The provider documents a time window for requests only. A notification may be almost as
// old as what the event store remembers, so that an outage loses none and every replay is
// known. The hour is for clocks that differ, also that of the store.
const (
	maxAge   = webhook.HandledTTL - time.Hour
	maxAhead = 5 * time.Minute
)

// Responses to a notification, in the provider's format.
const (
	replyType     = "application/json; charset=utf-8"
	replyAccepted = `{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}`
	replyInvalid  = `{"result":{"resultCode":"INVALID_SIGNATURE","resultStatus":"F","resultMessage":"invalid signature"}}`
	replyFailed   = `{"result":{"resultCode":"UNKNOWN_EXCEPTION","resultStatus":"U","resultMessage":"send it again"}}`
)

// Webhook returns the handler for all notify URLs. It calls handle once for each
// event. A repeated notification is accepted without calling handle again, also
// across processes that share an event store.
//
// The handler responds with 200 and result S if handle returned nil, now or
// earlier; with 401 and F if the signature is missing or wrong; and with 503 and U if
// handle failed, a verified document cannot be read, or a valid signature is from the
// future or more than 71 hours old, which is close to what the event store remembers. How often the provider
// sends again after a failure is not documented, so check open payments with an inquiry
// as well.
//
// The path of the request is part of the signature: a proxy in front of the
// handler must not change it.
//
// In the event store, an event is known by the client ID, the name of the handler
// and the event's own IDs; see pay.WithHandlerName.
func (c *Client) Webhook(handle func(context.Context, Event) error, opts ...pay.WebhookOption) http.Handler {
	return webhook.New(c.webhooks, webhook.Protocol[Event]{
		Methods: []string{http.MethodPost},
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Type: replyType, Body: replyAccepted},
			Invalid:  webhook.Reply{Status: http.StatusUnauthorized, Type: replyType, Body: replyInvalid},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Type: replyType, Body: replyFailed},
		},
		Read: c.readNotification,
	}, handle, opts)
}

// readNotification verifies a notification. If a genuine one cannot be read, the
// error is returned by Confirm, because the notification is not forged.
func (c *Client) readNotification(r *http.Request, body []byte) (webhook.Notification[Event], error) {
	switch err := c.verify(c.transport.Now(), requestPath(r), r.Header, body); {
	case errors.Is(err, ErrStale):
		return webhook.Notification[Event]{}, fmt.Errorf("%w: %w", webhook.ErrNotVerifiable, err)
	case err != nil:
		return webhook.Notification[Event]{}, err
	}
	ev, err := readEvent(body)
	id := ev.id()
	return webhook.Notification[Event]{ID: id, Confirm: func(context.Context) ([]webhook.Event[Event], error) {
		return []webhook.Event[Event]{{ID: id, Value: ev}}, err
	}}, nil
}

// requestPath returns the path as received, before a router removed a prefix.
func requestPath(r *http.Request) string {
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
		return pathOf(u)
	}
	return pathOf(r.URL)
}

// VerifyAt verifies and reads one notification. It is the check of Webhook, for
// programs that receive notifications in another way. path is the path of the
// notify URL as the provider called it, with its query; body is the request body,
// unchanged. The signature may have been made up to 71 hours before now or five minutes
// after it, so the same notification is valid for three days; VerifyAt does not detect repeated
// notifications.
func (c *Client) VerifyAt(now time.Time, path string, header http.Header, body []byte) (Event, error) {
	if err := c.verify(now, path, header, body); err != nil {
		return Event{}, err
	}
	return readEvent(body)
}

func (c *Client) verify(now time.Time, path string, header http.Header, body []byte) error {
	paths := []string{path}
	if plain, _, found := strings.Cut(path, "?"); found {
		paths = append(paths, plain) // whether the query is signed is not documented
	}
	at, err := c.signer.verify(header, []string{"Request-Time"}, message{http.MethodPost, paths, c.signer.notificationIDs(), body})
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrForged, err)
	case now.Sub(at) > maxAge || at.Sub(now) > maxAhead:
		return fmt.Errorf("%w: Request-Time is %s", ErrStale, at.UTC().Format(time.RFC3339))
	}
	return nil
}

// readEvent distinguishes the kinds by a member that only one of them has.
func readEvent(body []byte) (Event, error) {
	kind, err := transport.Decode[struct {
		PaymentStatus  PaymentStatus  `json:"paymentStatus,omitzero"`
		RefundStatus   RefundStatus   `json:"refundStatus,omitzero"`
		VoidStatus     VoidStatus     `json:"voidStatus,omitzero"`
		CaptureStatus  CaptureStatus  `json:"captureStatus,omitzero"`
		ContractStatus ContractStatus `json:"contractStatus,omitzero"`
		CashierURL     string         `json:"cashierUrl,omitzero"`
		Status         CashierStatus  `json:"status,omitzero"`
	}](body)
	ev := Event{Body: body}
	switch {
	case err != nil:
	case kind.RefundStatus != "":
		ev.Refund, err = transport.Decode[RefundNotification](body)
	case kind.PaymentStatus != "":
		ev.Payment, err = transport.Decode[PaymentNotification](body)
	case kind.VoidStatus != "":
		ev.Void, err = transport.Decode[VoidNotification](body)
	case kind.CaptureStatus != "":
		ev.Capture, err = transport.Decode[CaptureNotification](body)
	case kind.ContractStatus != "":
		ev.Contract, err = transport.Decode[ContractNotification](body)
	case kind.CashierURL != "" || kind.Status != "":
		ev.Cashier, err = transport.Decode[CashierNotification](body)
	}
	if err != nil {
		return Event{Body: body}, fmt.Errorf("openapi: the body of a genuine notification cannot be read: %w", err)
	}
	return ev, nil
}

// id is the same for every delivery of an event and holds no secret.
func (e Event) id() []string {
	switch {
	case e.Payment != nil:
		return []string{"payment", e.Payment.PaymentID, string(e.Payment.PaymentStatus)}
	case e.Refund != nil:
		return []string{"refund", e.Refund.RefundID, string(e.Refund.RefundStatus)}
	case e.Cashier != nil:
		return []string{"cashier", e.Cashier.PaymentID, string(e.Cashier.Status)}
	case e.Contract != nil:
		agreement := sign.BodyHash([]byte(e.Contract.AccessToken))
		return []string{"contract", agreement, string(e.Contract.ContractStatus), string(e.Contract.ModifyTime)}
	}
	switch { // an ID of the request could equal an ID of the platform
	case e.Void != nil && e.Void.VoidID != "":
		return []string{"void", string(e.Void.VoidID), string(e.Void.VoidStatus)}
	case e.Void != nil && e.Void.VoidRequestID != "":
		return []string{"void request", string(e.Void.VoidRequestID), string(e.Void.VoidStatus)}
	case e.Capture != nil && e.Capture.CaptureID != "":
		return []string{"capture", string(e.Capture.CaptureID), string(e.Capture.CaptureStatus)}
	case e.Capture != nil && e.Capture.CaptureRequestID != "":
		return []string{"capture request", string(e.Capture.CaptureRequestID), string(e.Capture.CaptureStatus)}
	}
	return []string{"notification", sign.BodyHash(e.Body)}
}
