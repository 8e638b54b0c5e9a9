package gatewaytest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/specpay/specpay/gateway/gatewaytest/internal/api"
	"github.com/specpay/specpay/internal/sandbox"
)

// PayOption changes what the buyer, or the PSP, does.
type PayOption func(*sandbox.Payment)

// PayFails lets the PSP refuse the payment, or a refund that waits.
func PayFails() PayOption { return func(p *sandbox.Payment) { p.Outcome = "failed" } }

// PayCanceled lets the buyer give up.
func PayCanceled() PayOption { return func(p *sandbox.Payment) { p.Outcome = "canceled" } }

// SubscriptionCanceled and SubscriptionRevoked end the subscription that a
// payment through Polar began.
func SubscriptionCanceled() PayOption {
	return func(p *sandbox.Payment) { p.Outcome = "subscription.canceled" }
}

// SubscriptionRevoked is a subscription whose renewals were not paid.
func SubscriptionRevoked() PayOption {
	return func(p *sandbox.Payment) { p.Outcome = "subscription.revoked" }
}

// RefundedAtPSP is a refund that the operator makes in the PSP's own console.
func RefundedAtPSP() PayOption { return func(p *sandbox.Payment) { p.Outcome = "refunded" } }

// Pay is the buyer: it pays a payment in full, unless an option says otherwise,
// or ends a refund that waits. The notification has been sent and answered when
// Pay returns; [Server.Deliveries] has the answer. What cannot be paid is an
// error.
func (s *Server) Pay(id string, opts ...PayOption) error {
	order := sandbox.Payment{ID: id}
	for _, option := range opts {
		option(&order)
	}
	_, err := s.gateway.pay(context.Background(), order)
	return s.handle.Report(err)
}

// controlPay is Pay for the control route.
func (g *gateway) controlPay(ctx context.Context, order sandbox.Payment) (any, error) {
	status, err := g.pay(ctx, order)
	if err != nil {
		return nil, err
	}
	return struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	}{order.ID, status}, nil
}

func (g *gateway) pay(ctx context.Context, order sandbox.Payment) (status string, err error) {
	if order.Method != "" || order.Amount != "" {
		return "", &sandbox.InputError{Detail: "method and amount were fixed when the payment was made; leave them out"}
	}
	if status, err = g.settle(order); err == nil {
		g.deliver(ctx)
	}
	return status, err
}

func (g *gateway) settle(order sandbox.Payment) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.refundByID(order.ID); f != nil {
		return g.settleRefund(f, order.Outcome)
	}
	p := g.payment(order.ID)
	if p == nil {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("no payment and no refund has the id %q", order.ID)}
	}
	endings := map[string]string{"": paymentSucceeded, "paid": paymentSucceeded, "failed": paymentFailed, "canceled": paymentCanceled}
	if status, known := endings[order.Outcome]; known {
		if p.status != paymentInitiated {
			return "", fmt.Errorf("payment %s is %s; only an initiated one can end", p.id, p.status)
		}
		g.finalize(p, status, nil)
		return p.status, nil
	}
	if err := g.afterwards(p, order.Outcome); err != nil {
		return "", err
	}
	return p.status, nil
}

// finalize ends a payment. more is what the PSP's event adds to its metadata.
func (g *gateway) finalize(p *payment, status string, more api.Metadata) {
	p.status, p.modified = status, g.now()
	maps.Copy(p.metadata, more)
	if status == paymentFailed {
		p.problem = "declined by the sandbox's buyer"
	}
	if status == paymentSucceeded && p.provider == pspPolar && more == nil {
		p.metadata["polar_event_type"] = jsontext.Value(`"order.paid"`)
	}
	g.core.Record("payment."+status, p.id, p.key, strconv.FormatInt(p.request.AmountMinor, 10))
	g.post("payment."+status, p.id, p.event("payment."+status, p.modified))
}

// afterwards is what can still happen to a payment that has succeeded.
func (g *gateway) afterwards(p *payment, outcome string) error {
	known := []string{"canceled", "failed", "paid", "refunded", "subscription.canceled", "subscription.revoked"}
	switch {
	case !slices.Contains(known, outcome):
		return &sandbox.InputError{Detail: fmt.Sprintf("unknown outcome %q", outcome), Known: known}
	case p.status != paymentSucceeded:
		return fmt.Errorf("payment %s is %s; %s needs one that has succeeded", p.id, p.status, outcome)
	case outcome == "refunded":
		f := g.refund(p, p.request.AmountMinor, "", "")
		g.endRefund(f, refundSucceeded)
		return nil
	case p.psp != pspPolar:
		return fmt.Errorf("payment %s went through %s, which has no subscriptions", p.id, p.psp)
	}
	g.post(outcome, p.id, p.event(outcome, g.now()))
	return nil
}

func (g *gateway) settleRefund(f *refund, outcome string) (string, error) {
	endings := map[string]string{"": refundSucceeded, "paid": refundSucceeded, "failed": refundFailed}
	status, known := endings[outcome]
	if !known {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a refund cannot end as %q", outcome), Known: []string{"failed", "paid"}}
	}
	if f.status != refundInitiated {
		return "", fmt.Errorf("refund %s is %s; only an initiated one can end", f.id, f.status)
	}
	g.endRefund(f, status)
	g.core.Record("refund."+status, f.id, f.key, strconv.FormatInt(f.amount, 10))
	return status, nil
}

func (g *gateway) refundByID(id string) *refund {
	for _, f := range g.refunds {
		if f.id == id {
			return f
		}
	}
	return nil
}

// GetPaymentRow is what the operator sees.
func (g *gateway) GetPaymentRow(_ *http.Request, id string) (sandbox.Answer, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.payment(id)
	if p == nil {
		return sandbox.Answer{}, refusal{http.StatusNotFound, "payment not found"}
	}
	q := p.request
	return sandbox.JSON(http.StatusOK, api.PaymentRow{PaymentView: g.view(p), ExternalUserID: q.ExternalUserID, Email: q.Email, ReturnURL: q.ReturnURL}), nil
}
