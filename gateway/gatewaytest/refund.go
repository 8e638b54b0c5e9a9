package gatewaytest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/specpay/specpay/gateway/gatewaytest/internal/api"
	"github.com/specpay/specpay/internal/sandbox"
)

// The states of a refund.
const (
	refundInitiated = "initiated"
	refundSucceeded = "succeeded"
	refundFailed    = "failed"
)

// refund is a stored refund.
type refund struct {
	id, status, key string
	payment         *payment
	amount          int64
	reason, ref     string
	created, ended  time.Time
}

// CreateRefund refunds a payment, once for its idempotency key.
func (g *gateway) CreateRefund(r *http.Request, body api.CreateRefundRequest) (sandbox.Response, error) {
	return g.withIdempotencyKey(r, func() (sandbox.Response, error) { return g.refundPayment(r, body) })
}

func (g *gateway) refundPayment(r *http.Request, body api.CreateRefundRequest) (sandbox.Response, error) {
	c := g.config.Get()
	p, amount, err := g.refundable(body)
	if err != nil {
		return sandbox.Response{}, err
	}
	switch {
	case p.provider == pspPolar:
		return sandbox.Response{}, textError{http.StatusBadGateway, "refund failed: the polar driver has no refunds"}
	case c.Refunds == "refuse":
		return sandbox.Response{}, textError{http.StatusBadGateway, "refund failed: refund window expired"}
	}
	f := g.addRefund(p, amount, body.Reason, r.Header.Get("Idempotency-Key"))
	if c.Refunds == "succeed" {
		g.endRefund(f, refundSucceeded)
	}
	return sandbox.JSON(http.StatusCreated, c.refundView(f)), nil
}

// refundable makes its checks in the order of the refund page's error table.
func (g *gateway) refundable(body api.CreateRefundRequest) (*payment, int64, error) {
	if body.PaymentID == "" {
		return nil, 0, textError{http.StatusBadRequest, "missing required fields: payment_id"}
	}
	p := g.payment(body.PaymentID)
	if p == nil {
		return nil, 0, textError{http.StatusNotFound, "payment not found"}
	}
	if p.status != paymentSucceeded {
		return nil, 0, textError{http.StatusUnprocessableEntity, fmt.Sprintf("payment must be in 'succeeded' state to refund (got %s)", p.status)}
	}
	for _, f := range g.refunds {
		if f.payment == p && (f.status != refundFailed || g.config.Get().FailedRefundBlocks) {
			return nil, 0, textError{http.StatusUnprocessableEntity, "payment already has a refund"}
		}
	}
	amount := p.request.AmountMinor
	if body.AmountMinor != nil {
		amount = *body.AmountMinor
	}
	switch {
	case amount > p.request.AmountMinor:
		return nil, 0, textError{http.StatusUnprocessableEntity, "refund amount exceeds payment amount"}
	case amount <= 0:
		return nil, 0, textError{http.StatusBadRequest, "missing required fields: amount_minor"}
	}
	return p, amount, nil
}

// addRefund adds a refund.
func (g *gateway) addRefund(p *payment, amount int64, reason, key string) *refund {
	f := &refund{id: g.newID(), status: refundInitiated, key: key, payment: p, amount: amount, reason: reason, created: g.now()}
	f.ref = p.provider + "_rfd_" + g.core.IDs().Token(16)
	g.refunds = append(g.refunds, f)
	g.core.Record("refund.created", f.id, key, strconv.FormatInt(amount, 10))
	return f
}

// endRefund completes a refund and enqueues its notification.
func (g *gateway) endRefund(f *refund, status string) {
	f.status, f.ended = status, g.now()
	g.enqueue("refund."+status, f.id, f.event())
}

// refundView is a refund in responses. One page shows only four fields.
func (c Config) refundView(f *refund) api.Refund {
	v := api.Refund{RefundID: f.id, Status: f.status, AmountMinor: f.amount, Currency: f.payment.request.Currency}
	if c.RefundFields == "full" {
		v.PaymentID, v.ProviderRef, v.Reason, v.CreatedAt = f.payment.id, f.ref, f.reason, rfc3339(f.created)
	}
	return v
}
