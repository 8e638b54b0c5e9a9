package xpaytest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// refund is the provider's record of a refund.
type refund struct {
	id, txn, status, reason, description string
	failure, pending                     string
	email                                string
	amount                               int64
	created                              time.Time
	charge                               *charge
}

// isFailed reports whether the refund moved no money.
func (f *refund) isFailed() bool { return f.status == "FAILED" || f.status == "CANCELED" }

// isPending reports whether the refund is still in progress.
func (f *refund) isPending() bool { return f.status == "PENDING" || f.status == "REQUIRES_ACTION" }

// CreateRefund refunds all or part of a charge.
func (m *merchant) CreateRefund(r *http.Request, q api.CreateRefundRequest) (sandbox.Response, error) {
	rules := []rule{
		atLeast("amount", 1), oneOf("reason", "DUPLICATE FRAUDULENT REQUESTED_BY_CUSTOMER RISK_HOLD_CAPTURE"), lengthBetween("description", 0, 500),
		isEmail("instructionsEmail"), isObject("metadata", "{"),
	}
	if err := validate(r, rules); err != nil {
		return sandbox.Response{}, err
	}
	st := m.store(r)
	c, err := st.refundable(q)
	if err != nil {
		return sandbox.Response{}, err
	}
	amount, err := m.refundAmount(st, c, q.Amount)
	if err != nil {
		return sandbox.Response{}, err
	}
	f := &refund{
		id: m.newID("re"), status: m.config.Get().RefundOutcome, reason: q.Reason, description: q.Description, email: q.InstructionsEmail,
		amount: amount, created: m.now(), charge: c,
	}
	m.applyRefund(r, st, f)
	body := f.body()
	if m.config.Get().RefundAmount == "text" {
		body["amount"] = fmt.Sprint(f.amount)
	}
	return sandbox.JSON(http.StatusCreated, body), nil
}

// refundable finds the charge that a request names.
func (st *store) refundable(q api.CreateRefundRequest) (*charge, error) {
	switch {
	case q.ChargeID != "" && q.PaymentIntentID != "":
		return nil, errorf(codeParametersExclusive, "chargeId", "chargeId and paymentIntentId are mutually exclusive")
	case q.ChargeID == "" && q.PaymentIntentID == "":
		return nil, errorf(codeParameterMissing, "chargeId", "chargeId or paymentIntentId is required")
	case q.ChargeID != "":
		c, err := st.charge(q.ChargeID)
		return c, reference("chargeId", err)
	}
	s := find(st.sessions, func(s *session) bool { return s.intent != nil && s.intent.id == q.PaymentIntentID })
	if s == nil {
		return nil, reference("paymentIntentId", notFound("payment_intent", q.PaymentIntentID))
	}
	if c := s.intent.succeededCharge(); c != nil {
		return c, nil
	}
	return nil, statusErrorf(http.StatusBadRequest, codeInvalidState, "paymentIntentId", "The payment intent has no succeeded charge")
}

// refundAmount checks the amount of a refund. By default it is all that is left.
func (m *merchant) refundAmount(st *store, c *charge, wanted *int64) (int64, error) {
	rest := c.amount - c.refunded()
	amount := rest
	if wanted != nil {
		amount = *wanted
	}
	switch {
	case c.captured.IsZero():
		return 0, errorf(codeNotCaptured, "chargeId", "The charge was not captured")
	case c.method == methodValu:
		return 0, statusErrorf(http.StatusBadRequest, codeInvalidState, "chargeId", "ValU payments cannot be refunded")
	case find(c.refunds, (*refund).isPending) != nil:
		return 0, errorf(codeInvalidState, "chargeId", "Another refund of this charge is in progress")
	case rest == 0:
		return 0, statusErrorf(http.StatusBadRequest, codeInvalidState, "chargeId", "The charge was refunded in full")
	case amount > rest:
		return 0, errorf(codeAmountInvalid, "amount", "The amount exceeds the %d that can still be refunded", rest)
	case amount > m.config.Get().Balance+st.balance:
		return 0, errorf(codeNoBalance, "amount", "The balance is too small for this refund")
	}
	return amount, nil
}

// applyRefund adds a refund, updates the balance and the states, and emits the events.
func (m *merchant) applyRefund(r *http.Request, st *store, f *refund) {
	c, i := f.charge, f.charge.session.intent
	c.refunds, st.refunds = append(c.refunds, f), append(st.refunds, f)
	switch {
	case f.isFailed():
		f.failure = m.config.Get().RefundFailure
	case f.isPending():
		f.pending = "processing"
	}
	if !f.isFailed() {
		f.txn = m.newID("txn")
		st.balance -= f.amount
		c.session.customer.refunded += f.amount
		c.status, i.status = intentPartlyBack, intentPartlyBack
		if c.refunded() == c.amount {
			c.status, i.status = intentRefunded, intentRefunded
		}
		i.updated = m.now()
	}
	m.record(r, "refund.created", f.id, f.amount)
	m.emit(st, "refund.created", f.id, f.body())
	switch f.status {
	case "SUCCEEDED":
		m.emit(st, "charge.refunded", c.id, m.chargeBody(c))
	case "FAILED":
		m.emit(st, "refund.failed", f.id, f.body())
	}
}

// GetRefund returns a refund.
func (m *merchant) GetRefund(r *http.Request, id string) (sandbox.Response, error) {
	f := find(m.store(r).refunds, func(f *refund) bool { return f.id == id })
	if f == nil {
		return sandbox.Response{}, notFound("refund", id)
	}
	return sandbox.JSON(http.StatusOK, f.body()), nil
}

// ListRefunds lists the refunds, newest first, as a bare array.
func (m *merchant) ListRefunds(r *http.Request, params api.ListRefundsParams) (sandbox.Response, error) {
	q := r.URL.Query()
	if !q.Has("limit") {
		params.Limit = 20
	}
	if params.Limit < 1 || params.Limit > 100 {
		return sandbox.Response{}, errorf(codeParameterOutOfRange, "limit", "limit must be 1 to 100")
	}
	if params.Offset < 0 {
		return sandbox.Response{}, errorf(codeParameterOutOfRange, "offset", "offset must be 0 or more")
	}
	all, rows := m.store(r).refunds, []any{}
	for i := range all {
		if f := all[len(all)-1-i]; params.ChargeID == "" || f.charge.id == params.ChargeID {
			rows = append(rows, f.body())
		}
	}
	return sandbox.JSON(http.StatusOK, pageOf(rows, params.Offset, params.Limit)), nil
}

func (f *refund) body() object {
	body := object{
		"id": f.id, "object": "refund", "amount": f.amount, "chargeId": f.charge.id, "paymentIntentId": f.charge.session.intent.id,
		"balanceTransactionId": orNull(f.txn), "failureBalanceTransactionId": null(), "externalRefundId": null(), "createdAt": formatTime(f.created),
		"currency": processingCurrency, "status": f.status, "reason": orNull(f.reason), "failureReason": orNull(f.failure), "failureCode": null(),
		"failureMessage": null(), "pendingReason": orNull(f.pending), "description": orNull(f.description), "instructionsEmail": orNull(f.email),
	}
	if rate := f.charge.session.rate; rate.foreign() {
		body["presentmentDetails"] = rate.presentment(f.amount)
	}
	return body
}
