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

// apiVersion is the API version in XPay's sample event.
const apiVersion = "3.1.0"

// deliveryFailedType is the event type that reports a failed delivery to another
// endpoint.
const deliveryFailedType = "webhook_endpoint.delivery_failed"

// retryDelays returns the documented delays before the delivery attempts.
func retryDelays() []time.Duration {
	return []time.Duration{0, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}
}

// eventTypes returns the event types that an endpoint can subscribe to.
func eventTypes() []string {
	return strings.Fields(`checkout.session.completed checkout.session.expired checkout.session.async_payment_succeeded
		checkout.session.async_payment_failed payment_intent.payment_failed charge.failed charge.refunded refund.created refund.failed
		promotion_code.created promotion_code.updated webhook_endpoint.delivery_failed`)
}

// event is an event with its encoded body.
type event struct {
	id, kind, object string
	body             []byte
}

// Event is an event that the sandbox emitted.
type Event struct {
	ID     string `json:"id"`
	Type   string `json:"type"`   // such as "checkout.session.completed"
	Object string `json:"object"` // ID of the object that the event is about
}

// emit adds an event and queues a message for each endpoint that subscribes to it.
func (m *merchant) emit(st *store, kind, id string, about object) {
	e := &event{id: m.newID(st.idPrefix("evt")), kind: kind, object: id}
	e.body = sandbox.JSON(http.StatusOK, object{
		"id": e.id, "object": "event", "api_version": apiVersion, "created": formatTime(m.now()), "type": kind, "livemode": st.live,
		"data": object{"object": about},
	}).Body
	st.events = append(sandbox.Keep(m.core, "events", st.events), e)
	for _, to := range st.endpoints {
		if to.subscribes(kind) {
			m.queued = append(m.queued, m.message(st, e, to))
		}
	}
}

// errEndpointGone ends the deliveries to an endpoint.
var errEndpointGone = errors.New("the endpoint was deleted or disabled")

// message returns the delivery of an event to one endpoint. All attempts have the same
// body, and each has a fresh time and signature.
func (m *merchant) message(st *store, e *event, to *endpoint) sandbox.Message {
	return sandbox.Message{
		ID: e.id, Kind: e.kind, Delays: retryDelays(),
		Build: func(ctx context.Context, _ int) (*http.Request, error) {
			url, secret, err := m.target(st, to)
			if err != nil {
				return nil, err
			}
			return m.deliveryRequest(ctx, url, secret, e.body)
		},
		Classify: func(status int, _ []byte) sandbox.DeliveryResult {
			if status >= 200 && status < 300 {
				return sandbox.DeliverySucceeded
			}
			return sandbox.DeliveryRetry
		},
		Done: func(last sandbox.Webhook) { m.emitDeliveryFailed(st, e, to, last) },
	}
}

// target returns the current URL and secret of an endpoint.
func (m *merchant) target(st *store, to *endpoint) (url, secret string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if find(st.endpoints, func(one *endpoint) bool { return one == to }) == nil || to.status != "enabled" {
		return "", "", errEndpointGone
	}
	return to.url, to.secret, nil
}

// emitDeliveryFailed reports the failed delivery of an event to the other endpoints.
func (m *merchant) emitDeliveryFailed(st *store, e *event, to *endpoint, last sandbox.Webhook) {
	if last.State != sandbox.WebhookFailed || last.Error != "" || e.kind == deliveryFailedType {
		return
	}
	m.mu.Lock()
	others := st.endpoints
	st.endpoints = remove(others, to)
	m.emit(st, deliveryFailedType, to.id, object{
		"object": "webhook_delivery_failure", "url": to.url, "eventType": e.kind, "attempts": last.Attempts, "lastError": "no 2xx response",
	})
	st.endpoints = others
	m.mu.Unlock()
	m.sendQueued(context.Background())
}

// deliveryRequest returns one signed request.
func (m *merchant) deliveryRequest(ctx context.Context, url, secret string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("XPay-Signature", signature(secret, strconv.FormatInt(m.core.Clock().Now().Unix(), 10), body))
	return r, nil
}

// signature returns the value of the header XPay-Signature.
func signature(secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Events returns the events of both modes, test mode first, each oldest first.
func (s *Server) Events() []Event { return s.merchant.eventList() }

func (m *merchant) eventList() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := []Event{}
	for _, st := range []*store{m.test, m.live} {
		for _, e := range st.events {
			list = append(list, Event{e.id, e.kind, e.object})
		}
	}
	return list
}

// Callback returns the event that XPay sends to url, for testing a webhook handler. It
// is signed with the webhook secret of [Server.Credentials] and the current time, and
// not sent. The argument id is the ID of an event, or of an object; then Callback uses
// the latest event about it. An unknown ID and an invalid URL are errors.
func (s *Server) Callback(id, url string) (*http.Request, error) {
	body, err := s.merchant.eventBody(id)
	if err != nil {
		return nil, s.handle.Report(err)
	}
	return s.SignCallback(url, body)
}

// SignCallback returns a signed event to url with any body, such as one that the sandbox
// does not send. It is not sent. An invalid URL is an error.
func (s *Server) SignCallback(url string, body []byte) (*http.Request, error) {
	r, err := s.merchant.deliveryRequest(context.Background(), url, webhookSecret, body)
	return r, s.handle.Report(err)
}

func (m *merchant) eventBody(id string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, st := range []*store{m.test, m.live} {
		for i := range st.events {
			if e := st.events[len(st.events)-1-i]; e.id == id || e.object == id {
				return e.body, nil
			}
		}
	}
	return nil, fmt.Errorf("no event has the ID %q or is about an object with this ID", id)
}
