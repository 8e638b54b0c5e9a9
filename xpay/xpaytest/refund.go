package xpaytest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// refund is what the provider keeps of one.
type refund struct {
	id, txn, status, reason, description string
	failure, pending                     string
	email                                string
	amount                               int64
	created                              time.Time
	charge                               *charge
}

// lost tells whether the money stayed where it was.
func (f *refund) lost() bool { return f.status == "FAILED" || f.status == "CANCELED" }

// moves tells whether a refund is still under way.
func (f *refund) moves() bool { return f.status == "PENDING" || f.status == "REQUIRES_ACTION" }

// CreateRefund gives a charge back.
func (m *merchant) CreateRefund(r *http.Request, q api.CreateRefundRequest) (sandbox.Answer, error) {
	rules := []rule{
		from("amount", 1), oneOf("reason", "DUPLICATE FRAUDULENT REQUESTED_BY_CUSTOMER RISK_HOLD_CAPTURE"), sized("description", 0, 500),
	}
	if err := check(r, rules); err != nil {
		return sandbox.Answer{}, err
	}
	b := m.book(r)
	c, err := b.refundable(q)
	if err != nil {
		return sandbox.Answer{}, err
	}
	amount, err := m.refundAmount(b, c, q.Amount)
	if err != nil {
		return sandbox.Answer{}, err
	}
	f := &refund{
		id: m.newID("re"), status: m.config.Get().RefundOutcome, reason: q.Reason, description: q.Description, email: q.InstructionsEmail,
		amount: amount, created: m.now(), charge: c,
	}
	m.give(r, b, f)
	body := f.body()
	if m.config.Get().RefundAmount == "text" {
		body["amount"] = fmt.Sprint(f.amount)
	}
	return sandbox.JSON(http.StatusCreated, body), nil
}

// refundable finds the charge that a request means.
func (b *book) refundable(q api.CreateRefundRequest) (*charge, error) {
	switch {
	case q.ChargeID != "" && q.PaymentIntentID != "":
		return nil, refuse(codeParametersExclusive, "chargeId", "chargeId and paymentIntentId exclude each other")
	case q.ChargeID == "" && q.PaymentIntentID == "":
		return nil, refuse(codeParameterMissing, "chargeId", "chargeId or paymentIntentId is required")
	case q.ChargeID != "":
		return b.charge(q.ChargeID)
	}
	s := find(b.sessions, func(s *session) bool { return s.intent != nil && s.intent.id == q.PaymentIntentID })
	if s == nil {
		return nil, missing("payment_intent", q.PaymentIntentID)
	}
	if c := s.intent.good(); c != nil {
		return c, nil
	}
	return nil, refuseWith(http.StatusBadRequest, codeInvalidState, "paymentIntentId", "The payment intent has no succeeded charge")
}

// refundAmount checks what is to go back; nil means the whole rest.
func (m *merchant) refundAmount(b *book, c *charge, wanted *int64) (int64, error) {
	rest := c.amount - c.back()
	amount := rest
	if wanted != nil {
		amount = *wanted
	}
	switch {
	case c.captured.IsZero():
		return 0, refuse(codeNotCaptured, "chargeId", "The charge was not captured")
	case c.method == methodValu:
		return 0, refuseWith(http.StatusBadRequest, codeInvalidState, "chargeId", "ValU payments cannot be refunded")
	case find(c.refunds, (*refund).moves) != nil:
		return 0, refuse(codeInvalidState, "chargeId", "Another refund of this charge is in progress")
	case rest == 0:
		return 0, refuseWith(http.StatusBadRequest, codeInvalidState, "chargeId", "The charge was refunded in full")
	case amount > rest:
		return 0, refuse(codeAmountInvalid, "amount", "The amount is above what is left, %d", rest)
	case amount > m.config.Get().Balance+b.spent:
		return 0, refuse(codeNoBalance, "amount", "The balance is too small for this refund")
	}
	return amount, nil
}

// give makes a refund: balance, states, events.
func (m *merchant) give(r *http.Request, b *book, f *refund) {
	c, i := f.charge, f.charge.session.intent
	c.refunds, b.refunds = append(c.refunds, f), append(b.refunds, f)
	switch {
	case f.lost():
		f.failure = m.config.Get().RefundFailure
	case f.moves():
		f.pending = "processing"
	}
	if !f.lost() {
		f.txn = m.newID("txn")
		b.spent -= f.amount
		c.session.customer.refunded += f.amount
		c.status, i.status = intentPartlyBack, intentPartlyBack
		if c.back() == c.amount {
			c.status, i.status = intentRefunded, intentRefunded
		}
		i.updated = m.now()
	}
	m.record(r, "refund.created", f.id, f.amount)
	m.emit(b, "refund.created", f.id, f.body())
	switch f.status {
	case "SUCCEEDED":
		m.emit(b, "charge.refunded", c.id, m.chargeBody(c))
	case "FAILED":
		m.emit(b, "refund.failed", f.id, f.body())
	}
}

// GetRefund reads a refund.
func (m *merchant) GetRefund(r *http.Request, id string) (sandbox.Answer, error) {
	f := find(m.book(r).refunds, func(f *refund) bool { return f.id == id })
	if f == nil {
		return sandbox.Answer{}, missing("refund", id)
	}
	return sandbox.JSON(http.StatusOK, f.body()), nil
}

// ListRefunds lists refunds, newest first, as a bare array.
func (m *merchant) ListRefunds(r *http.Request, params api.ListRefundsParams) (sandbox.Answer, error) {
	q := r.URL.Query()
	if !q.Has("limit") {
		params.Limit = 20
	}
	if params.Limit < 1 || params.Limit > 100 {
		return sandbox.Answer{}, refuse(codeParameterOutOfRange, "limit", "limit must be 1 to 100")
	}
	if params.Offset < 0 {
		return sandbox.Answer{}, refuse(codeParameterOutOfRange, "offset", "offset must be 0 or more")
	}
	all, rows := m.book(r).refunds, []any{}
	for i := range all {
		if f := all[len(all)-1-i]; params.ChargeID == "" || f.charge.id == params.ChargeID {
			rows = append(rows, f.body())
		}
	}
	return sandbox.JSON(http.StatusOK, cut(rows, params.Offset, params.Limit)), nil
}

func (f *refund) body() object {
	body := object{
		"id": f.id, "object": "refund", "amount": f.amount, "chargeId": f.charge.id, "paymentIntentId": f.charge.session.intent.id,
		"balanceTransactionId": orNull(f.txn), "failureBalanceTransactionId": null(), "externalRefundId": null(), "createdAt": moment(f.created),
		"currency": processing, "status": f.status, "reason": orNull(f.reason), "failureReason": orNull(f.failure), "failureCode": null(),
		"failureMessage": null(), "pendingReason": orNull(f.pending), "description": orNull(f.description), "instructionsEmail": orNull(f.email),
	}
	if rate := f.charge.session.rate; rate.foreign() {
		body["presentmentDetails"] = rate.presentment(f.amount)
	}
	return body
}
