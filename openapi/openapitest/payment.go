package openapitest

import (
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// The states of payments, refunds, voids and captures.
const (
	processing = "PROCESSING"
	succeeded  = "SUCCESS"
	failed     = "FAIL"
	authorized = "AUTH_SUCCESS"
)

// payment is the provider's record of a payment.
type payment struct {
	id, requestID, fingerprint string
	status, failure            string
	amount                     money
	notifyURL                  string
	qrCode, redirectURL        string
	created, finished          time.Time
	expires                    time.Time // of the QR code, link or authorization; zero: never
	captured                   int64
	voided                     bool
}

// newPayment adds an open payment.
func (p *platform) newPayment(requestID, fingerprint string, amount money, notifyURL string) *payment {
	pay := &payment{
		id: p.now().Format("20060102") + p.core.IDs().Digits(14), requestID: requestID, fingerprint: fingerprint,
		status: processing, amount: amount, notifyURL: notifyURL, created: p.now(),
	}
	p.payments = append(p.payments, pay)
	return pay
}

// find finds a payment by its ID or, if id is empty, by the merchant's request ID.
// The error is ORDER_NOT_EXIST.
func (p *platform) find(id, requestID string) (*payment, error) {
	for _, pay := range p.payments {
		if id != "" && pay.id == id || id == "" && pay.requestID == requestID {
			return pay, nil
		}
	}
	return nil, codeError(codeOrderNotExist)
}

// existing finds the payment that an earlier request with the same request ID
// created and that had no final response. It returns nil if there is none.
func (p *platform) existing(requestID, fingerprint string) (*payment, error) {
	pay, err := p.find("", requestID)
	if err != nil {
		return nil, nil // not created yet
	}
	if pay.fingerprint != fingerprint {
		return nil, codeError(codeRepeatInconsistent)
	}
	return pay, nil
}

// finish sets the final status of a payment and queues its notification.
func (p *platform) finish(pay *payment, status, failure string) {
	pay.status, pay.failure, pay.finished, pay.expires = status, failure, p.now(), time.Time{}
	kind := "payment.paid"
	if status == failed {
		kind = "payment.failed"
	}
	p.core.Record(kind, pay.id, pay.requestID, pay.amount.String())
	p.notifyPayment(pay)
}

// authorize reserves the amount until the authorization expires.
func (p *platform) authorize(pay *payment) {
	pay.status, pay.expires = authorized, p.now().Add(duration(p.config.Get().AuthorizationLife))
	p.core.Record("payment.authorized", pay.id, pay.requestID, pay.amount.String())
}

// settled reports whether a payment can no longer be voided.
func (p *platform) settled(pay *payment) bool {
	return !p.now().Before(pay.finished.Add(duration(p.config.Get().SettleAfter)))
}

// paymentResponse returns the response to the request that created a payment.
func (p *platform) paymentResponse(pay *payment) (sandbox.Response, error) {
	switch pay.status {
	case processing, authorized:
		return sandbox.Response{}, codeError(codePaymentInProcess)
	case failed:
		return sandbox.Response{}, codeError(pay.failure)
	}
	c := p.config.Get()
	return success(object{
		"paymentId": pay.id, "paymentRequestId": pay.requestID, "paymentTime": c.formatTime(pay.finished), "paymentAmount": c.amount(pay.amount),
	}), nil
}

// expire fails the payments that have expired and completes the operations whose
// processing time is over.
func (p *platform) expire() {
	now := p.now()
	for _, pay := range p.payments {
		if pay.expires.IsZero() || now.Before(pay.expires) || p.total(capture, pay) > 0 {
			continue
		}
		switch {
		case pay.status == authorized:
			p.finish(pay, failed, codeAuthorizationExpired)
		case pay.qrCode != "":
			p.finish(pay, failed, codeQRExpired)
		default:
			p.finish(pay, failed, codePaymentTimeout)
		}
	}
	for _, o := range p.operations {
		if o.status == processing && !now.Before(o.due) {
			p.complete(o, succeeded)
		}
	}
}
