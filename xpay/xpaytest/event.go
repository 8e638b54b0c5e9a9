package xpaytest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// apiVersion is the one of XPay's sample.
const apiVersion = "3.1.0"

// failedType tells another endpoint that an event could not be delivered.
const failedType = "webhook_endpoint.delivery_failed"

// pauses are the documented waits before the attempts.
func pauses() []time.Duration {
	return []time.Duration{0, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}
}

// eventTypes are those that the sandbox knows.
func eventTypes() []string {
	return strings.Fields(`checkout.session.completed checkout.session.expired checkout.session.async_payment_succeeded
		checkout.session.async_payment_failed payment_intent.payment_failed charge.failed charge.refunded refund.created refund.failed
		promotion_code.created promotion_code.updated webhook_endpoint.delivery_failed`)
}

// event is one thing that happened.
type event struct {
	id, kind, object string
	body             []byte
}

// Event is one event of the sandbox.
type Event struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Object string `json:"object"` // id of what it is about
}

// emit makes an event and a letter to each endpoint that wants it.
func (m *merchant) emit(b *book, kind, id string, about object) {
	e := &event{id: m.newID(b.infix("evt")), kind: kind, object: id}
	e.body = sandbox.JSON(http.StatusOK, object{
		"id": e.id, "object": "event", "api_version": apiVersion, "created": moment(m.now()), "type": kind, "livemode": b.live,
		"data": object{"object": about},
	}).Body
	b.events = append(b.events, e)
	for _, to := range b.endpoints {
		if to.wants(kind) {
			m.letters = append(m.letters, m.letter(b, e, to))
		}
	}
}

// errGone ends the deliveries to an endpoint that is no longer there.
var errGone = errors.New("the endpoint was removed or switched off")

// letter is an event on its way to one endpoint. Its body stays the same over
// all attempts, its time and signature do not.
func (m *merchant) letter(b *book, e *event, to *endpoint) sandbox.Message {
	return sandbox.Message{
		ID: e.id, Kind: e.kind, Pauses: pauses(),
		Build: func(ctx context.Context, _ int) (*http.Request, error) {
			url, secret, err := m.target(b, to)
			if err != nil {
				return nil, err
			}
			return m.delivery(ctx, url, secret, e.body)
		},
		Judge: func(status int, _ []byte) sandbox.Verdict {
			if status >= 200 && status < 300 {
				return sandbox.Taken
			}
			return sandbox.Again
		},
		Ended: func(last sandbox.Mail) { m.undelivered(b, e, to, last) },
	}
}

// target is where an endpoint is now.
func (m *merchant) target(b *book, to *endpoint) (url, secret string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if find(b.endpoints, func(one *endpoint) bool { return one == to }) == nil || to.status != "enabled" {
		return "", "", errGone
	}
	return to.url, to.secret, nil
}

// undelivered tells the other endpoints about an event that nobody took.
func (m *merchant) undelivered(b *book, e *event, to *endpoint, last sandbox.Mail) {
	if last.State != sandbox.MailDead || last.Error != "" || e.kind == failedType {
		return
	}
	m.mu.Lock()
	others := b.endpoints
	b.endpoints = remove(others, to)
	m.emit(b, failedType, to.id, object{
		"object": "webhook_delivery_failure", "url": to.url, "eventType": e.kind, "attempts": last.Attempts, "lastError": "no 2xx answer",
	})
	b.endpoints = others
	m.mu.Unlock()
	m.deliver(context.Background())
}

// delivery makes one signed request.
func (m *merchant) delivery(ctx context.Context, url, secret string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("XPay-Signature", signature(secret, strconv.FormatInt(m.core.Clock().Now().Unix(), 10), body))
	return r, nil
}

// signature is the header of a delivery.
func signature(secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Events lists the events of both modes, in their order, test mode first.
func (s *Server) Events() []Event { return s.merchant.eventList() }

func (m *merchant) eventList() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := []Event{}
	for _, b := range []*book{m.test, m.live} {
		for _, e := range b.events {
			list = append(list, Event{e.id, e.kind, e.object})
		}
	}
	return list
}

// Callback makes the request that XPay would send to url with an event, signed
// now with the webhook secret of Credentials, for the test of a handler of your
// own. id is an event's, or that of what the newest event is about.
func (s *Server) Callback(id, url string) (*http.Request, error) {
	body, err := s.merchant.eventBody(id)
	if err != nil {
		return nil, s.Report(err)
	}
	return s.SignCallback(url, body)
}

// SignCallback makes a genuine delivery of any body, such as an event that the
// sandbox does not send by itself.
func (s *Server) SignCallback(url string, body []byte) (*http.Request, error) {
	r, err := s.merchant.delivery(context.Background(), url, webhookSecret, body)
	return r, s.Report(err)
}

func (m *merchant) eventBody(id string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range []*book{m.test, m.live} {
		for i := range b.events {
			if e := b.events[len(b.events)-1-i]; e.id == id || e.object == id {
				return e.body, nil
			}
		}
	}
	return nil, fmt.Errorf("no event has the id %q or is about it", id)
}
