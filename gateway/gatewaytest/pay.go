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

// PayOption changes the payment that [Server.Pay] makes.
type PayOption func(*sandbox.Payment)

// PayFails makes the PSP decline the payment or the waiting refund.
func PayFails() PayOption { return func(p *sandbox.Payment) { p.Outcome = "failed" } }

// PayCanceled makes the buyer cancel the payment.
func PayCanceled() PayOption { return func(p *sandbox.Payment) { p.Outcome = "canceled" } }

// SubscriptionCanceled cancels the subscription that a payment through Polar started.
func SubscriptionCanceled() PayOption {
	return func(p *sandbox.Payment) { p.Outcome = "subscription.canceled" }
}

// SubscriptionRevoked revokes the subscription that a payment through Polar started,
// because its renewals were not paid.
func SubscriptionRevoked() PayOption {
	return func(p *sandbox.Payment) { p.Outcome = "subscription.revoked" }
}

// RefundedAtPSP makes the operator refund the payment in the PSP's console.
func RefundedAtPSP() PayOption { return func(p *sandbox.Payment) { p.Outcome = "refunded" } }

// Pay completes a payment as the buyer, by default as paid in full; the options select
// another outcome. With the ID of a waiting refund it completes the refund. Pay
// returns after the notification has been sent; [Server.Deliveries] has the response. An
// unknown ID, and an outcome that the status does not permit, are errors.
func (s *Server) Pay(id string, opts ...PayOption) error {
	order := sandbox.Payment{ID: id}
	for _, option := range opts {
		option(&order)
	}
	_, err := s.gateway.pay(context.Background(), order)
	return s.handle.Report(err)
}

// controlPay implements the control route for Pay.
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
		return "", &sandbox.InputError{Detail: "method and amount are those of the payment request; leave them out"}
	}
	if status, err = g.applyOutcome(order); err == nil {
		g.deliver(ctx)
	}
	return status, err
}

func (g *gateway) applyOutcome(order sandbox.Payment) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.refundByID(order.ID); f != nil {
		return g.applyRefundOutcome(f, order.Outcome)
	}
	p := g.payment(order.ID)
	if p == nil {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("no payment or refund has the ID %q", order.ID)}
	}
	statuses := map[string]string{"": paymentSucceeded, "paid": paymentSucceeded, "failed": paymentFailed, "canceled": paymentCanceled}
	if status, known := statuses[order.Outcome]; known {
		if p.status != paymentInitiated {
			return "", fmt.Errorf("payment %s is %s; only an initiated payment can be completed", p.id, p.status)
		}
		g.finalize(p, status, nil)
		return p.status, nil
	}
	if err := g.applyLaterOutcome(p, order.Outcome); err != nil {
		return "", err
	}
	return p.status, nil
}

// finalize completes a payment. The PSP's event adds extra to its metadata.
func (g *gateway) finalize(p *payment, status string, extra api.Metadata) {
	p.status, p.modified = status, g.now()
	maps.Copy(p.metadata, extra)
	if status == paymentFailed {
		p.lastError = "declined by the sandbox's buyer"
	}
	if status == paymentSucceeded && p.provider == pspPolar && extra == nil {
		p.metadata["polar_event_type"] = jsontext.Value(`"order.paid"`)
	}
	g.core.Record("payment."+status, p.id, p.key, strconv.FormatInt(p.request.AmountMinor, 10))
	g.enqueue("payment."+status, p.id, p.event("payment."+status, p.modified))
}

// applyLaterOutcome applies an outcome that requires a succeeded payment.
func (g *gateway) applyLaterOutcome(p *payment, outcome string) error {
	known := []string{"canceled", "failed", "paid", "refunded", "subscription.canceled", "subscription.revoked"}
	switch {
	case !slices.Contains(known, outcome):
		return &sandbox.InputError{Detail: fmt.Sprintf("unknown outcome %q", outcome), Known: known}
	case p.status != paymentSucceeded:
		return fmt.Errorf("payment %s is %s; %s requires a succeeded payment", p.id, p.status, outcome)
	case outcome == "refunded":
		f := g.addRefund(p, p.request.AmountMinor, "", "")
		g.endRefund(f, refundSucceeded)
		return nil
	case p.psp != pspPolar:
		return fmt.Errorf("payment %s was made through %s, which has no subscriptions", p.id, p.psp)
	}
	g.enqueue(outcome, p.id, p.event(outcome, g.now()))
	return nil
}

func (g *gateway) applyRefundOutcome(f *refund, outcome string) (string, error) {
	statuses := map[string]string{"": refundSucceeded, "paid": refundSucceeded, "failed": refundFailed}
	status, known := statuses[outcome]
	if !known {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a refund cannot have the outcome %q", outcome), Known: []string{"failed", "paid"}}
	}
	if f.status != refundInitiated {
		return "", fmt.Errorf("refund %s is %s; only an initiated refund can be completed", f.id, f.status)
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

// GetPaymentRow returns a payment for the operator.
func (g *gateway) GetPaymentRow(_ *http.Request, id string) (sandbox.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.payment(id)
	if p == nil {
		return sandbox.Response{}, textError{http.StatusNotFound, "payment not found"}
	}
	q := p.request
	return sandbox.JSON(http.StatusOK, api.PaymentRow{PaymentView: g.view(p), ExternalUserID: q.ExternalUserID, Email: q.Email, ReturnURL: q.ReturnURL}), nil
}
