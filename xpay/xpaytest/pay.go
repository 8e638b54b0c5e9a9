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

// The payment methods that the sandbox treats specially, and the outcomes of Pay.
const (
	methodCard  = "card"
	methodFawry = "fawry"
	methodValu  = "valu"

	outcomePaid     = "paid"
	outcomeDeclined = "declined" // declined:<decline code>
	outcomeFailed   = "failed"   // failed:<payment error code>
	outcomeExpired  = "expired"

	voucherLife = 72 * time.Hour
)

// PayOption changes the payment that [Server.Pay] makes.
type PayOption func(*sandbox.Payment)

// PayBy pays with a method other than a card, such as "fawry" or "valu". With fawry,
// the customer first gets a payment reference: the session is then complete but unpaid,
// and a second Pay pays it. A reference expires after 72 hours.
func PayBy(method string) PayOption { return func(p *sandbox.Payment) { p.Method = method } }

// PayDeclined makes the bank decline the card with a decline code, such as
// "insufficient_funds". The session stays open.
func PayDeclined(code string) PayOption {
	return func(p *sandbox.Payment) { p.Outcome = outcomeDeclined + ":" + code }
}

// PayFails makes the payment fail with a payment error code, such as
// "processing_error". The session stays open.
func PayFails(code string) PayOption {
	return func(p *sandbox.Payment) { p.Outcome = outcomeFailed + ":" + code }
}

// PayExpires makes a payment reference expire unpaid.
func PayExpires() PayOption { return func(p *sandbox.Payment) { p.Outcome = outcomeExpired } }

// PayResult is the result of [Server.Pay].
type PayResult struct {
	SessionID       string `json:"session_id"`
	PaymentIntentID string `json:"payment_intent_id"`
	ChargeID        string `json:"charge_id"`
	Status          string `json:"status"`         // of the session
	PaymentStatus   string `json:"payment_status"` // of the session
}

// Pay pays a checkout session in full as the customer, by default with a card; the
// options select another method or outcome. The argument id is the ID of a session, or
// of a payment link, which creates a session. Pay returns after the events have been
// sent; [Server.Deliveries] has the responses. An unknown ID or option, and a session
// that cannot be paid this way, are errors. A declined card is not an error.
func (s *Server) Pay(id string, opts ...PayOption) (PayResult, error) {
	in := sandbox.Payment{ID: id}
	for _, option := range opts {
		option(&in)
	}
	done, err := s.merchant.pay(context.Background(), in)
	return done, s.handle.Report(err)
}

// controlPay implements the control route pay.
func (m *merchant) controlPay(ctx context.Context, in sandbox.Payment) (any, error) {
	return m.pay(ctx, in)
}

func (m *merchant) pay(ctx context.Context, in sandbox.Payment) (PayResult, error) {
	m.runDue(ctx)
	done, err := m.attempt(in)
	m.sendQueued(ctx)
	return done, err
}

// attempt makes one attempt to pay, with the lock held.
func (m *merchant) attempt(in sandbox.Payment) (PayResult, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	outcome, code, err := parseOutcome(in)
	if err != nil {
		return PayResult{}, err
	}
	s, err := m.payableSession(in.ID)
	if err != nil {
		return PayResult{}, err
	}
	var c *charge
	switch {
	case s.awaitsPayment():
		c, err = m.payReference(s, outcome)
	case s.status != sessionOpen:
		err = fmt.Errorf("session %s is %s and %s; only an open session can be paid", s.id, s.status, s.payment)
	case outcome == outcomeExpired:
		err = fmt.Errorf("session %s has no payment reference that could expire; pay with the method fawry first", s.id)
	default:
		c, err = m.payOpen(s, in.Method, outcome, code)
	}
	if err != nil {
		return PayResult{}, err
	}
	return PayResult{s.id, s.intent.id, c.id, s.status, s.payment}, nil
}

// parseOutcome splits an outcome into its kind and code, and checks the input.
func parseOutcome(in sandbox.Payment) (outcome, code string, err error) {
	outcome, code, _ = strings.Cut(in.Outcome, ":")
	switch {
	case in.Amount != "":
		return "", "", &sandbox.InputError{Detail: "a session is paid in full; omit amount"}
	case in.Method != "" && !slices.Contains(strings.Fields(paymentMethods), in.Method):
		return "", "", &sandbox.InputError{Detail: fmt.Sprintf("unknown method %q", in.Method), Known: strings.Fields(paymentMethods)}
	case outcome == "":
		outcome = outcomePaid
	case outcome == outcomeDeclined && code == "":
		code = "generic_decline"
	case outcome == outcomeFailed && code == "":
		code = "processing_error"
	}
	known := map[string][]string{outcomePaid: {""}, outcomeExpired: {""}, outcomeDeclined: codeValues(declineCodes), outcomeFailed: codeValues(paymentErrorCodes)}
	codes, ok := known[outcome]
	if !ok {
		return "", "", &sandbox.InputError{Detail: fmt.Sprintf("unknown outcome %q", in.Outcome), Known: []string{
			outcomeDeclined, outcomeDeclined + ":<decline code>", outcomeFailed, outcomeFailed + ":<payment error code>", outcomeExpired, outcomePaid,
		}}
	}
	if !slices.Contains(codes, code) {
		return "", "", &sandbox.InputError{Detail: fmt.Sprintf("the outcome %s cannot have the code %q", outcome, code), Known: codes}
	}
	return outcome, code, nil
}

func codeValues(codes []sandbox.Code) []string {
	list := make([]string, 0, len(codes))
	for _, code := range codes {
		list = append(list, code.Value)
	}
	return list
}

// payableSession finds a session, or creates one for a payment link.
func (m *merchant) payableSession(id string) (*session, error) {
	for _, st := range []*store{m.test, m.live} {
		if s, err := st.session(id); err == nil {
			return s, nil
		}
		if l, err := st.link(id); err == nil {
			return m.openLink(st, l)
		}
	}
	return nil, &sandbox.InputError{Detail: fmt.Sprintf("no session or payment link has the ID %q", id)}
}

// payOpen pays an open session.
func (m *merchant) payOpen(s *session, method, outcome, code string) (*charge, error) {
	if method == "" {
		method = methodCard
	}
	if !slices.Contains(s.offered(), method) {
		return nil, &sandbox.InputError{Detail: fmt.Sprintf("session %s does not offer the method %q", s.id, method), Known: s.offered()}
	}
	for _, l := range s.lines {
		if err := l.price.sellable("price", l.quantity, m.now()); err != nil {
			return nil, err
		}
	}
	m.ensureIntent(s)
	c := m.newCharge(s, method)
	switch {
	case outcome != outcomePaid:
		m.decline(s, c, outcome, code)
	case method == methodFawry:
		m.issueReference(s)
	default:
		m.capture(s, c)
		m.complete(s)
		m.emit(s.store, "checkout.session.completed", s.id, m.sessionBody(s))
	}
	return c, nil
}

// issueReference completes a session with a payment reference, which is paid later.
func (m *merchant) issueReference(s *session) {
	i := s.intent
	i.status, i.voucher, i.voucherEnds = intentAction, m.core.IDs().Digits(10), m.now().Add(voucherLife)
	m.complete(s)
	m.emit(s.store, "checkout.session.completed", s.id, m.sessionBody(s))
}

// payReference pays a payment reference or makes it expire.
func (m *merchant) payReference(s *session, outcome string) (*charge, error) {
	c := s.intent.charges[len(s.intent.charges)-1]
	switch outcome {
	case outcomePaid:
		m.capture(s, c)
		m.emit(s.store, "checkout.session.async_payment_succeeded", s.id, m.sessionBody(s))
	case outcomeExpired:
		m.expireReference(s)
	default:
		return nil, &sandbox.InputError{Detail: "a payment reference cannot be declined or fail", Known: []string{outcomeExpired, outcomePaid}}
	}
	return c, nil
}

// expireReference ends an unpaid payment reference. The session stays complete and
// unpaid.
func (m *merchant) expireReference(s *session) {
	c := s.intent.charges[len(s.intent.charges)-1]
	c.status, s.intent.status, s.intent.updated = "FAILED", intentFailed, m.now()
	m.core.Record("payment.failed", c.id, "", fmt.Sprint(c.amount))
	m.emit(s.store, "checkout.session.async_payment_failed", s.id, m.sessionBody(s))
}

// capture completes a charge.
func (m *merchant) capture(s *session, c *charge) {
	now := m.now()
	c.status, c.captured, c.txn = "SUCCEEDED", now, m.newID("txn")
	s.intent.status, s.intent.updated = intentSucceeded, now
	s.payment, s.updated = paid, now
	s.store.balance += c.amount - c.fee()
	reduceStock(s.lines, now)
	if s.discount != nil {
		s.discount.coupon.redeemed++
	}
	m.addPurchase(s, c.amount)
	m.core.Record("payment.succeeded", c.id, "", fmt.Sprint(c.amount))
}

// complete ends the checkout. A payer without a customer becomes one.
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
		s.customer = m.newCustomer(s.store, kind, d.Name, d.Email, d.Phone)
	}
}

// addPurchase adds a payment to the spending data of its customer.
func (m *merchant) addPurchase(s *session, amount int64) {
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
