package openapitest

import (
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// The states of a payment, a refund, a void and a capture.
const (
	processing = "PROCESSING"
	succeeded  = "SUCCESS"
	failed     = "FAIL"
	authorized = "AUTH_SUCCESS"
)

// payment is what the provider keeps of one.
type payment struct {
	id, requestID, print string
	status, failure      string
	amount               money
	notifyURL            string
	qrCode, redirectURL  string
	created, finished    time.Time
	expires              time.Time // of the code or link, of the authorization; zero: never
	captured             int64
	voided               bool
}

// newPayment writes a payment down that waits for its user.
func (p *platform) newPayment(requestID, print string, amount money, notifyURL string) *payment {
	pay := &payment{
		id: p.now().Format("20060102") + p.core.IDs().Digits(14), requestID: requestID, print: print,
		status: processing, amount: amount, notifyURL: notifyURL, created: p.now(),
	}
	p.payments = append(p.payments, pay)
	return pay
}

// find finds a payment by its id, else by the merchant's. A missing one is a
// refusal.
func (p *platform) find(id, requestID string) (*payment, error) {
	for _, pay := range p.payments {
		if id != "" && pay.id == id || id == "" && pay.requestID == requestID {
			return pay, nil
		}
	}
	return nil, refusal(codeOrderNotExist)
}

// begun finds the payment that an earlier request under the same key began and
// whose answer was not final.
func (p *platform) begun(requestID, print string) (*payment, error) {
	pay, err := p.find("", requestID)
	if err != nil {
		return nil, nil // not begun yet
	}
	if pay.print != print {
		return nil, refusal(codeRepeatInconsistent)
	}
	return pay, nil
}

// finish brings a payment to its end and writes the notification.
func (p *platform) finish(pay *payment, status, failure string) {
	pay.status, pay.failure, pay.finished, pay.expires = status, failure, p.now(), time.Time{}
	kind := "payment.paid"
	if status == failed {
		kind = "payment.failed"
	}
	p.core.Record(kind, pay.id, pay.requestID, pay.amount.text())
	p.notifyPayment(pay)
}

// authorize reserves the sum for a time.
func (p *platform) authorize(pay *payment) {
	pay.status, pay.expires = authorized, p.now().Add(span(p.config.Get().AuthorizationLife))
	p.core.Record("payment.authorized", pay.id, pay.requestID, pay.amount.text())
}

// settled tells whether the money has left the day's books.
func (p *platform) settled(pay *payment) bool {
	return !p.now().Before(pay.finished.Add(span(p.config.Get().SettleAfter)))
}

// outcome is the answer to the call that made a payment.
func (p *platform) outcome(pay *payment) (sandbox.Answer, error) {
	switch pay.status {
	case processing, authorized:
		return sandbox.Answer{}, refusal(codePaymentInProcess)
	case failed:
		return sandbox.Answer{}, refusal(pay.failure)
	}
	c := p.config.Get()
	return success(object{
		"paymentId": pay.id, "paymentRequestId": pay.requestID, "paymentTime": c.moment(pay.finished), "paymentAmount": c.amount(pay.amount),
	}), nil
}

// age ends what has run out of time, and finishes what was in process long
// enough.
func (p *platform) age() {
	now := p.now()
	for _, pay := range p.payments {
		if pay.expires.IsZero() || now.Before(pay.expires) || p.taken(capture, pay) > 0 {
			continue
		}
		switch {
		case pay.status == authorized:
			p.finish(pay, failed, codeAuthorizationOver)
		case pay.qrCode != "":
			p.finish(pay, failed, codeQRExpired)
		default:
			p.finish(pay, failed, codePaymentTimeout)
		}
	}
	for _, d := range p.deeds {
		if d.status == processing && !now.Before(d.due) {
			p.complete(d, succeeded)
		}
	}
}
