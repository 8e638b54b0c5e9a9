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

// paymentEvent is the payload of a payment or subscription event.
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

// refundEvent is the payload of a refund event. Its metadata is that of the payment
// request.
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

// enqueue adds a notification, which deliver sends. All attempts have the same body
// but different timestamps and signatures.
func (g *gateway) enqueue(kind, id string, payload any) {
	c := g.config.Get()
	if c.WebhookURL == "" {
		return
	}
	body := sandbox.JSON(http.StatusOK, payload).Body
	g.outgoing = append(g.outgoing, sandbox.Message{
		ID: id, Kind: kind, Delays: c.retryDelays(), Classify: classifyReply,
		Build: func(ctx context.Context, _ int) (*http.Request, error) {
			return g.notification(ctx, c.WebhookURL, body)
		},
	})
}

// classifyReply implements the delivery policy: a 4xx is never retried.
func classifyReply(status int, _ []byte) sandbox.DeliveryResult {
	switch {
	case status >= 200 && status < 300:
		return sandbox.DeliverySucceeded
	case status >= 400 && status < 500:
		return sandbox.DeliveryFailed
	}
	return sandbox.DeliveryRetry
}

func (g *gateway) notification(ctx context.Context, url string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	timestamp := strconv.FormatInt(g.core.Clock().Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-PAY-Timestamp", timestamp)
	r.Header.Set("X-PAY-Signature", deliverySignature(webhookSecret(), timestamp, body))
	return r, nil
}

// Callback returns the notification that the gateway sends to url about a completed
// payment or refund, for testing a webhook handler. It is signed with the current time
// and not sent. An unknown ID, a payment or refund that is still initiated, and an
// invalid URL are errors.
func (s *Server) Callback(id, url string) (*http.Request, error) {
	body, err := s.gateway.lastEvent(id)
	if err != nil {
		return nil, s.handle.Report(err)
	}
	return s.SignCallback(url, body)
}

// SignCallback returns a signed notification to url with any body, such as one
// that the sandbox does not send. It is not sent. An invalid URL is an error.
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
	return nil, fmt.Errorf("no completed payment or refund has the ID %q", id)
}
