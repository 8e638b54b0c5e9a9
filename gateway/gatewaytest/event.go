package gatewaytest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/specpay/specpay/gateway/gatewaytest/internal/api"
	"github.com/specpay/specpay/internal/sandbox"
)

// paymentEvent is the payload about a payment or a subscription.
type paymentEvent struct {
	Event       string       `json:"event"`
	PaymentID   string       `json:"payment_id"`
	Status      string       `json:"status"`
	Amount      int64        `json:"amount"`
	Currency    string       `json:"currency"`
	Method      string       `json:"method"`
	Provider    string       `json:"provider"`
	ProviderRef string       `json:"provider_ref"`
	Timestamp   string       `json:"timestamp"`
	Metadata    api.Metadata `json:"metadata"`
}

// refundEvent is the payload about a refund. Its metadata is the payment's own.
type refundEvent struct {
	Event       string       `json:"event"`
	RefundID    string       `json:"refund_id"`
	PaymentID   string       `json:"payment_id"`
	Amount      int64        `json:"amount"`
	Currency    string       `json:"currency"`
	Provider    string       `json:"provider"`
	ProviderRef string       `json:"provider_ref"`
	Reason      string       `json:"reason"`
	Timestamp   string       `json:"timestamp"`
	Metadata    api.Metadata `json:"metadata"`
}

func (p *payment) event(event string, at time.Time) paymentEvent {
	q := p.request
	return paymentEvent{
		Event: event, PaymentID: p.id, Status: p.status, Amount: q.AmountMinor, Currency: q.Currency, Method: q.Method,
		Provider: p.provider, ProviderRef: p.ref, Timestamp: rfc3339(at), Metadata: p.metadata,
	}
}

func (f *refund) event() refundEvent {
	q := f.payment.request
	metadata := q.Metadata
	if metadata == nil {
		metadata = api.Metadata{}
	}
	return refundEvent{
		Event: "refund." + f.status, RefundID: f.id, PaymentID: f.payment.id, Amount: f.amount, Currency: q.Currency,
		Provider: f.payment.provider, ProviderRef: f.ref, Reason: f.reason, Timestamp: rfc3339(f.ended), Metadata: metadata,
	}
}

// post writes a notification; deliver sends it. Its body stays the same over
// all attempts, its timestamp and signature do not.
func (g *gateway) post(kind, id string, payload any) {
	c := g.config.Get()
	if c.WebhookURL == "" {
		return
	}
	body := sandbox.JSON(http.StatusOK, payload).Body
	g.letters = append(g.letters, sandbox.Message{
		ID: id, Kind: kind, Pauses: c.pauses(), Judge: judge,
		Build: func(ctx context.Context, _ int) (*http.Request, error) {
			return g.notification(ctx, c.WebhookURL, body)
		},
	})
}

// judge is the delivery policy: a 4xx ends it for good.
func judge(status int, _ []byte) sandbox.Verdict {
	switch {
	case status >= 200 && status < 300:
		return sandbox.Taken
	case status >= 400 && status < 500:
		return sandbox.Dead
	}
	return sandbox.Again
}

func (g *gateway) notification(ctx context.Context, url string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(g.core.Clock().Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-PAY-Timestamp", stamp)
	r.Header.Set("X-PAY-Signature", deliverySignature(webhookSecret(), stamp, body))
	return r, nil
}

// Callback makes the request that the gateway would send to url about a payment
// or a refund that has ended, signed now, for the test of a handler of your own.
func (s *Server) Callback(id, url string) (*http.Request, error) {
	body, err := s.gateway.lastEvent(id)
	if err != nil {
		return nil, s.handle.Report(err)
	}
	return s.SignCallback(url, body)
}

// SignCallback makes a genuine delivery of any body, such as an event that the
// sandbox does not send by itself.
func (s *Server) SignCallback(url string, body []byte) (*http.Request, error) {
	r, err := s.gateway.notification(context.Background(), url, body)
	return r, s.handle.Report(err)
}

func (g *gateway) lastEvent(id string) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p := g.payment(id); p != nil && p.status != paymentInitiated {
		return sandbox.JSON(http.StatusOK, p.event("payment."+p.status, p.modified)).Body, nil
	}
	if f := g.refundByID(id); f != nil && f.status != refundInitiated {
		return sandbox.JSON(http.StatusOK, f.event()).Body, nil
	}
	return nil, fmt.Errorf("no payment and no refund that has ended has the id %q", id)
}
