package openapitest

import (
	"context"
	"fmt"
	"slices"

	"github.com/specpay/specpay/internal/sandbox"
)

// What the user, or the wallet for the user, can make of a payment that waits.
const (
	outcomePaid       = "paid"
	outcomeAuthorized = "authorized"
	outcomeRejected   = "rejected"
	outcomeFailed     = "failed"
	outcomeExpired    = "expired"
)

// PayOption changes what the user does.
type PayOption func(*sandbox.Payment)

// Authorizes reserves the sum instead of paying it: the payment becomes
// AUTH_SUCCESS and can be captured.
func Authorizes() PayOption { return func(o *sandbox.Payment) { o.Outcome = outcomeAuthorized } }

// Rejects lets the user say no.
func Rejects() PayOption { return func(o *sandbox.Payment) { o.Outcome = outcomeRejected } }

// Fails lets the wallet fail; also for a refund, void or capture in process.
func Fails() PayOption { return func(o *sandbox.Payment) { o.Outcome = outcomeFailed } }

// Expires lets the user's time run out.
func Expires() PayOption { return func(o *sandbox.Payment) { o.Outcome = outcomeExpired } }

// Pay is the user: it pays what waits under a payment's id, its request id, its
// QR code or its link. The notification has been sent and answered when Pay
// returns; [Server.Deliveries] has the answer. With the id of a refund, void or
// capture in process it brings that to its end. What does not wait is an error.
func (s *Server) Pay(id string, opts ...PayOption) error {
	order := sandbox.Payment{ID: id}
	for _, option := range opts {
		option(&order)
	}
	_, err := s.platform.pay(context.Background(), order)
	return s.Report(err)
}

// controlPay is Pay for the control route.
func (p *platform) controlPay(ctx context.Context, order sandbox.Payment) (any, error) {
	state, err := p.pay(ctx, order)
	if err != nil {
		return nil, err
	}
	return object{"id": order.ID, "state": state}, nil
}

func (p *platform) pay(ctx context.Context, order sandbox.Payment) (state string, err error) {
	if order.Outcome == "" {
		order.Outcome = outcomePaid
	}
	known := []string{outcomeAuthorized, outcomeExpired, outcomeFailed, outcomePaid, outcomeRejected}
	if !slices.Contains(known, order.Outcome) {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("unknown outcome %q", order.Outcome), Known: known}
	}
	if order.Amount != "" || order.Method != "" {
		return "", &sandbox.InputError{Detail: "this provider's payments have neither a method nor an amount of the payer's choice"}
	}
	_, err = p.locked(ctx, func() (sandbox.Answer, error) {
		if d := p.deedInProcess(order.ID); d != nil {
			state, err = p.decideDeed(d, order.Outcome)
		} else {
			state, err = p.decide(order)
		}
		return sandbox.Answer{}, err
	})
	return state, err
}

func (p *platform) deedInProcess(id string) *deed {
	for _, d := range p.deeds {
		if d.id == id || d.requestID == id {
			return d
		}
	}
	return nil
}

func (p *platform) decideDeed(d *deed, outcome string) (state string, err error) {
	switch {
	case d.status != processing:
		return "", fmt.Errorf("%s %s is %s; only what is in process can be decided (switch processing)", d.kind, d.id, d.status)
	case outcome == outcomePaid:
		p.complete(d, succeeded)
	case outcome == outcomeFailed:
		p.complete(d, failed)
	default:
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a %s cannot be %q", d.kind, outcome), Known: []string{outcomeFailed, outcomePaid}}
	}
	return d.status, nil
}

func (p *platform) decide(order sandbox.Payment) (state string, err error) {
	pay := p.waiting(order.ID)
	switch {
	case pay == nil:
		return "", &sandbox.InputError{Detail: fmt.Sprintf("no payment has the id, request id, code or link %q", order.ID)}
	case pay.status != processing:
		return "", fmt.Errorf("payment %s is %s; only one in PROCESSING waits for its user", pay.id, pay.status)
	}
	switch order.Outcome {
	case outcomePaid:
		p.finish(pay, succeeded, "")
	case outcomeAuthorized:
		p.authorize(pay)
	case outcomeRejected:
		p.finish(pay, failed, codeUserRejected)
	case outcomeFailed:
		p.finish(pay, failed, codePaymentFail)
	case outcomeExpired:
		p.finish(pay, failed, codePaymentTimeout)
	}
	return pay.status, nil
}

// waiting finds a payment by whatever a user may hold of it.
func (p *platform) waiting(id string) *payment {
	for _, pay := range p.payments {
		if id != "" && slices.Contains([]string{pay.id, pay.requestID, pay.qrCode, pay.redirectURL}, id) {
			return pay
		}
	}
	return nil
}
