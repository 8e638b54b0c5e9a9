package openapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
)

// Event is a notification whose signature holds. One of the pointers is set; of
// a kind that this client does not know yet none is, and Body has it all.
type Event struct {
	Payment  *PaymentNotification  // a payment has reached its end
	Refund   *RefundNotification   // a refund has reached its end
	Contract *ContractNotification // an agreement was signed or has ended
	Cashier  *CashierNotification  // the address at which the user pays
	Body     []byte                // the bytes that were signed
}

// Errors of VerifyAt. The handler answers 401 to both.
var (
	// ErrForged is a notification that is not the provider's: no or several
	// signatures or times, or a signature that does not fit.
	ErrForged = errors.New("openapi: the notification is not genuine")
	// ErrStale is a signature that fits, made more than five minutes before or
	// after now: an old notification sent again by somebody, or our clock is wrong.
	ErrStale = errors.New("openapi: the notification was signed more than five minutes from now; look at the clock")
)

// The provider's own form of an answer to a notification.
const (
	replyType     = "application/json; charset=utf-8"
	replyAccepted = `{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}`
	replyInvalid  = `{"result":{"resultCode":"INVALID_SIGNATURE","resultStatus":"F","resultMessage":"the signature does not hold"}}`
	replyFailed   = `{"result":{"resultCode":"UNKNOWN_EXCEPTION","resultStatus":"U","resultMessage":"send it again"}}`
)

// Webhook returns the handler for all notify URLs. handle runs once for each
// event: a repeated notification is answered without running it again, also
// across processes that share an event store.
//
// Answers: 200 and a result S when handle returned nil, now or earlier; 401 and F
// when the signature is missing, wrong or too old; 503 and U when handle failed
// or the signed document cannot be read. How often the provider sends again
// after a failure is not documented, so ask for payments that stay silent.
//
// The path is part of what is signed: a proxy in front must not change it.
func (c *Client) Webhook(handle func(context.Context, Event) error) http.Handler {
	return &webhook.Handler[Event]{
		Provider: "openapi",
		Methods:  []string{http.MethodPost},
		Replies: webhook.Replies{
			Accepted: webhook.Reply{Status: http.StatusOK, Type: replyType, Body: replyAccepted},
			Invalid:  webhook.Reply{Status: http.StatusUnauthorized, Type: replyType, Body: replyInvalid},
			Failed:   webhook.Reply{Status: http.StatusServiceUnavailable, Type: replyType, Body: replyFailed},
		},
		Read: c.readNotification, Handle: handle, Store: c.events, Logger: c.transport.Logger,
	}
}

// readNotification proves a notification by itself: there is nobody to ask. A
// genuine one that cannot be read is our failure, not a forgery.
func (c *Client) readNotification(r *http.Request, body []byte) (webhook.Notice[Event], error) {
	if err := c.genuine(c.transport.Now(), requestPath(r), r.Header, body); err != nil {
		return webhook.Notice[Event]{}, err
	}
	ev, err := readEvent(body)
	key := ev.key()
	return webhook.Notice[Event]{Key: key, Confirm: func(context.Context) ([]webhook.Event[Event], error) {
		return []webhook.Event[Event]{{Key: key, Value: ev}}, err
	}}, nil
}

// requestPath is the path as it came in, before a router cut a prefix off.
func requestPath(r *http.Request) string {
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
		return pathOf(u)
	}
	return pathOf(r.URL)
}

// VerifyAt checks one notification and reads it: the check behind Webhook, for
// callers with a queue or a router of their own. path is that of the notify URL
// as the provider called it, query included; body are the bytes as they came.
// The signature must be at most five minutes away from now on either side, so
// for ten minutes the same notification passes again: VerifyAt does not
// de-duplicate.
func (c *Client) VerifyAt(now time.Time, path string, header http.Header, body []byte) (Event, error) {
	if err := c.genuine(now, path, header, body); err != nil {
		return Event{}, err
	}
	return readEvent(body)
}

func (c *Client) genuine(now time.Time, path string, header http.Header, body []byte) error {
	paths := []string{path}
	if plain, _, found := strings.Cut(path, "?"); found {
		paths = append(paths, plain) // whether a query is signed too is not documented
	}
	moment, err := c.signer.verify(header, "Request-Time", http.MethodPost, paths, body)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrForged, err)
	case !sign.Within(now, moment, window):
		return fmt.Errorf("%w: %w", ErrStale, outside("Request-Time", moment))
	}
	return nil
}

// readEvent tells the kinds apart by the member that only one of them has.
func readEvent(body []byte) (Event, error) {
	kind, err := transport.Decode[struct {
		PaymentStatus  PaymentStatus  `json:"paymentStatus,omitzero"`
		RefundStatus   RefundStatus   `json:"refundStatus,omitzero"`
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
	case kind.ContractStatus != "":
		ev.Contract, err = transport.Decode[ContractNotification](body)
	case kind.CashierURL != "" || kind.Status != "":
		ev.Cashier, err = transport.Decode[CashierNotification](body)
	}
	if err != nil {
		return Event{Body: body}, fmt.Errorf("openapi: the notification is genuine, but cannot be read: %w", err)
	}
	return ev, nil
}

// key is the same for each delivery of an event, and holds no secret.
func (e Event) key() string {
	switch {
	case e.Payment != nil:
		return "openapi payment " + e.Payment.PaymentID + " " + string(e.Payment.PaymentStatus)
	case e.Refund != nil:
		return "openapi refund " + e.Refund.RefundID + " " + string(e.Refund.RefundStatus)
	case e.Cashier != nil:
		return "openapi cashier " + e.Cashier.PaymentID + " " + string(e.Cashier.Status)
	case e.Contract != nil:
		agreement := sign.BodyHash([]byte(e.Contract.AccessToken))
		return "openapi contract " + agreement + " " + string(e.Contract.ContractStatus) + " " + string(e.Contract.ModifyTime)
	}
	return "openapi notification " + sign.BodyHash(e.Body)
}
