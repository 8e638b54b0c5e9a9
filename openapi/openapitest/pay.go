package openapitest

import (
	"context"
	"fmt"
	"slices"

	"github.com/specpay/specpay/internal/sandbox"
)

// The outcomes of an open payment.
const (
	outcomePaid       = "paid"
	outcomeAuthorized = "authorized"
	outcomeRejected   = "rejected"
	outcomeFailed     = "failed"
	outcomeExpired    = "expired"
)

// PayOption changes the payment that [Server.Pay] makes.
type PayOption func(*sandbox.Payment)

// PayAuthorized reserves the amount instead of paying it. The payment becomes
// AUTH_SUCCESS and can be captured.
func PayAuthorized() PayOption { return func(p *sandbox.Payment) { p.Outcome = outcomeAuthorized } }

// PayRejected makes the user reject the payment. It fails with USER_REJECTED.
func PayRejected() PayOption { return func(p *sandbox.Payment) { p.Outcome = outcomeRejected } }

// PayFails makes the payment fail with PAYMENT_FAIL. It also applies to a refund, void
// or capture that is in process.
func PayFails() PayOption { return func(p *sandbox.Payment) { p.Outcome = outcomeFailed } }

// PayExpires makes the payment fail with PAYMENT_TIMEOUT, as if the user had not paid
// in time.
func PayExpires() PayOption { return func(p *sandbox.Payment) { p.Outcome = outcomeExpired } }

// Pay pays an open payment as the user; the options select another outcome. The argument
// id is the payment's ID, request ID, QR code or link. With the ID or request ID of a
// refund, void or capture that is in process, Pay completes that operation instead.
// Pay returns after the notification has been sent; [Server.Deliveries] has the response.
// An unknown ID, and a payment or operation that is not open, are errors.
func (s *Server) Pay(id string, opts ...PayOption) error {
	payment := sandbox.Payment{ID: id}
	for _, option := range opts {
		option(&payment)
	}
	_, err := s.platform.pay(context.Background(), payment)
	return s.handle.Report(err)
}

// controlPay implements the control route pay.
func (p *platform) controlPay(ctx context.Context, in sandbox.Payment) (any, error) {
	state, err := p.pay(ctx, in)
	if err != nil {
		return nil, err
	}
	return object{"id": in.ID, "state": state}, nil
}

func (p *platform) pay(ctx context.Context, in sandbox.Payment) (state string, err error) {
	if in.Outcome == "" {
		in.Outcome = outcomePaid
	}
	known := []string{outcomeAuthorized, outcomeExpired, outcomeFailed, outcomePaid, outcomeRejected}
	if !slices.Contains(known, in.Outcome) {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("unknown outcome %q", in.Outcome), Known: known}
	}
	if in.Amount != "" || in.Method != "" {
		return "", &sandbox.InputError{Detail: "openapi has no payments with a method or amount of the payer's choice; omit amount and method"}
	}
	_, err = p.locked(ctx, func() (sandbox.Response, error) {
		if o := p.lookupOperation(in.ID); o != nil {
			state, err = p.completeOperation(o, in.Outcome)
		} else {
			state, err = p.completePayment(in)
		}
		return sandbox.Response{}, err
	})
	return state, err
}

// lookupOperation finds an operation of any kind by its ID or request ID.
func (p *platform) lookupOperation(id string) *operation {
	for _, o := range p.operations {
		if o.id == id || o.requestID == id {
			return o
		}
	}
	return nil
}

func (p *platform) completeOperation(o *operation, outcome string) (state string, err error) {
	switch {
	case o.status != processing:
		return "", fmt.Errorf("%s %s is %s; only one that is in process can be completed (see config field processing)", o.kind, o.id, o.status)
	case outcome == outcomePaid:
		p.complete(o, succeeded)
	case outcome == outcomeFailed:
		p.complete(o, failed)
	default:
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a %s cannot have the outcome %q", o.kind, outcome), Known: []string{outcomeFailed, outcomePaid}}
	}
	return o.status, nil
}

func (p *platform) completePayment(in sandbox.Payment) (state string, err error) {
	pay := p.lookupPayment(in.ID)
	switch {
	case pay == nil:
		return "", &sandbox.InputError{Detail: fmt.Sprintf("no payment has the ID, request ID, QR code or link %q", in.ID)}
	case pay.status != processing:
		return "", fmt.Errorf("payment %s is %s; only a payment in PROCESSING can be paid", pay.id, pay.status)
	}
	switch in.Outcome {
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

// lookupPayment finds a payment by its ID, request ID, QR code or link.
func (p *platform) lookupPayment(id string) *payment {
	for _, pay := range p.payments {
		if id != "" && slices.Contains([]string{pay.id, pay.requestID, pay.qrCode, pay.redirectURL}, id) {
			return pay
		}
	}
	return nil
}
