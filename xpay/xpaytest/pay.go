package xpaytest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// How a customer pays, and what becomes of it.
const (
	methodCard  = "card"
	methodFawry = "fawry"
	methodValu  = "valu"

	outcomePaid     = "paid"
	outcomeDeclined = "declined" // declined:<decline code>
	outcomeFailed   = "failed"   // failed:<payment error code>
	outcomeLapsed   = "lapsed"

	voucherLife = 72 * time.Hour
)

// PayOption changes how the customer pays.
type PayOption func(*sandbox.Payment)

// PayBy pays with another method than a card, such as "fawry" or "valu". With
// fawry the customer takes a reference first: the session is then complete and
// unpaid, and a second Pay brings the money.
func PayBy(method string) PayOption { return func(p *sandbox.Payment) { p.Method = method } }

// PayDeclined lets the bank decline the card with a decline code, such as
// "insufficient_funds". The session stays open.
func PayDeclined(code string) PayOption {
	return func(p *sandbox.Payment) { p.Outcome = outcomeDeclined + ":" + code }
}

// PayFails lets the payment fail with a payment error code, such as
// "processing_error". The session stays open.
func PayFails(code string) PayOption {
	return func(p *sandbox.Payment) { p.Outcome = outcomeFailed + ":" + code }
}

// PayLapses lets the reference that a customer has taken run out.
func PayLapses() PayOption { return func(p *sandbox.Payment) { p.Outcome = outcomeLapsed } }

// Paid names what a customer's attempt made.
type Paid struct {
	SessionID       string `json:"session_id"`
	PaymentIntentID string `json:"payment_intent_id"`
	ChargeID        string `json:"charge_id"`
	Status          string `json:"status"`         // of the session
	PaymentStatus   string `json:"payment_status"` // of the session
}

// Pay is the customer: it pays a session, or a payment link, which opens a
// session, by card and in full. The events have been sent and answered when Pay
// returns; [Server.Deliveries] has the answers. A session that cannot be paid so
// is an error; a declined card is not.
func (s *Server) Pay(id string, opts ...PayOption) (Paid, error) {
	order := sandbox.Payment{ID: id}
	for _, option := range opts {
		option(&order)
	}
	done, err := s.merchant.pay(context.Background(), order)
	return done, s.Report(err)
}

// controlPay is Pay for the control route.
func (m *merchant) controlPay(ctx context.Context, order sandbox.Payment) (any, error) {
	return m.pay(ctx, order)
}

func (m *merchant) pay(ctx context.Context, order sandbox.Payment) (Paid, error) {
	m.pass(ctx)
	done, err := m.attempt(order)
	m.deliver(ctx)
	return done, err
}

// attempt is one try of the customer.
func (m *merchant) attempt(order sandbox.Payment) (Paid, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	outcome, code, err := parseOutcome(order)
	if err != nil {
		return Paid{}, err
	}
	s, err := m.payable(order.ID)
	if err != nil {
		return Paid{}, err
	}
	var c *charge
	switch {
	case s.awaits():
		c, err = m.payVoucher(s, outcome)
	case s.status != sessionOpen:
		err = fmt.Errorf("session %s is %s and %s; only an open one can be paid", s.id, s.status, s.payment)
	case outcome == outcomeLapsed:
		err = fmt.Errorf("session %s has no reference that could run out", s.id)
	default:
		c, err = m.payOpen(s, order.Method, outcome, code)
	}
	if err != nil {
		return Paid{}, err
	}
	return Paid{s.id, s.intent.id, c.id, s.status, s.payment}, nil
}

// parseOutcome splits the word of an order and checks its code and method.
func parseOutcome(order sandbox.Payment) (outcome, code string, err error) {
	outcome, code, _ = strings.Cut(order.Outcome, ":")
	switch {
	case order.Amount != "":
		return "", "", &sandbox.InputError{Detail: "a session is paid in full; leave amount out"}
	case order.Method != "" && !slices.Contains(strings.Fields(methodWords), order.Method):
		return "", "", &sandbox.InputError{Detail: fmt.Sprintf("unknown method %q", order.Method), Known: strings.Fields(methodWords)}
	case outcome == "":
		outcome = outcomePaid
	case outcome == outcomeDeclined && code == "":
		code = "generic_decline"
	case outcome == outcomeFailed && code == "":
		code = "processing_error"
	}
	known := map[string][]string{outcomePaid: {""}, outcomeLapsed: {""}, outcomeDeclined: values(declineCodes), outcomeFailed: values(paymentErrorCodes)}
	codes, ok := known[outcome]
	if !ok {
		return "", "", &sandbox.InputError{Detail: fmt.Sprintf("unknown outcome %q", order.Outcome), Known: []string{
			outcomeDeclined, outcomeDeclined + ":<decline code>", outcomeFailed, outcomeFailed + ":<payment error code>", outcomeLapsed, outcomePaid,
		}}
	}
	if !slices.Contains(codes, code) {
		return "", "", &sandbox.InputError{Detail: fmt.Sprintf("%s does not know the code %q", outcome, code), Known: codes}
	}
	return outcome, code, nil
}

func values(codes []sandbox.Code) []string {
	list := make([]string, 0, len(codes))
	for _, code := range codes {
		list = append(list, code.Value)
	}
	return list
}

// payable finds the session of an order, or opens one for a payment link.
func (m *merchant) payable(id string) (*session, error) {
	for _, b := range []*book{m.test, m.live} {
		if s, err := b.session(id); err == nil {
			return s, nil
		}
		if l, err := b.link(id); err == nil {
			return m.openLink(b, l)
		}
	}
	return nil, &sandbox.InputError{Detail: fmt.Sprintf("no session and no payment link has the id %q", id)}
}

// payOpen pays an open session.
func (m *merchant) payOpen(s *session, method, outcome, code string) (*charge, error) {
	if method == "" {
		method = methodCard
	}
	if !slices.Contains(s.offered(), method) {
		return nil, &sandbox.InputError{Detail: fmt.Sprintf("session %s does not offer %q", s.id, method), Known: s.offered()}
	}
	for _, l := range s.lines {
		if err := l.price.sellable("price", l.quantity, m.now()); err != nil {
			return nil, err
		}
	}
	m.beginIntent(s)
	c := m.newCharge(s, method)
	switch {
	case outcome != outcomePaid:
		m.decline(s, c, outcome, code)
	case method == methodFawry:
		m.takeReference(s)
	default:
		m.capture(s, c)
		m.complete(s)
		m.emit(s.book, "checkout.session.completed", s.id, m.sessionBody(s))
	}
	return c, nil
}

// takeReference ends the customer's part before the money comes.
func (m *merchant) takeReference(s *session) {
	i := s.intent
	i.status, i.voucher, i.voucherEnds = intentAction, m.core.IDs().Digits(10), m.now().Add(voucherLife)
	m.complete(s)
	m.emit(s.book, "checkout.session.completed", s.id, m.sessionBody(s))
}

// payVoucher brings the money for a reference, or lets it run out.
func (m *merchant) payVoucher(s *session, outcome string) (*charge, error) {
	c := s.intent.charges[len(s.intent.charges)-1]
	switch outcome {
	case outcomePaid:
		m.capture(s, c)
		m.emit(s.book, "checkout.session.async_payment_succeeded", s.id, m.sessionBody(s))
	case outcomeLapsed:
		m.lapse(s)
	default:
		return nil, &sandbox.InputError{Detail: "a reference is paid or lapses", Known: []string{outcomeLapsed, outcomePaid}}
	}
	return c, nil
}

// lapse ends a reference that nobody paid. The session stays complete and unpaid.
func (m *merchant) lapse(s *session) {
	c := s.intent.charges[len(s.intent.charges)-1]
	c.status, s.intent.status, s.intent.updated = "FAILED", intentFailed, m.now()
	m.core.Record("payment.failed", c.id, "", fmt.Sprint(c.amount))
	m.emit(s.book, "checkout.session.async_payment_failed", s.id, m.sessionBody(s))
}

// capture takes the money.
func (m *merchant) capture(s *session, c *charge) {
	now := m.now()
	c.status, c.captured, c.txn = "SUCCEEDED", now, m.newID("txn")
	s.intent.status, s.intent.updated = intentSucceeded, now
	s.payment, s.updated = paid, now
	s.book.spent += c.amount - c.fee()
	sell(s.lines, now)
	if s.discount != nil {
		s.discount.coupon.redeemed++
	}
	m.remember(s, c.amount)
	m.core.Record("payment.succeeded", c.id, "", fmt.Sprint(c.amount))
}

// complete says that the customer is done. Who paid becomes a customer.
func (m *merchant) complete(s *session) {
	s.status, s.updated = sessionComplete, m.now()
	if s.customer == nil {
		kind, d := customerGuest, api.CustomerDetailsInput{}
		if s.creation == "always" {
			kind = customerRegistered
		}
		if s.details != nil {
			d = *s.details
		}
		s.customer = m.newCustomer(s.book, kind, d.Name, d.Email, d.Phone)
	}
}

// remember counts a purchase for its customer.
func (m *merchant) remember(s *session, amount int64) {
	if s.customer == nil {
		m.complete(s)
	}
	c := s.customer
	if c.last = m.now(); c.first.IsZero() {
		c.first = c.last
	}
	c.gross += amount
	c.payments++
}
