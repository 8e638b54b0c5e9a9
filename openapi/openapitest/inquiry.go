package openapitest

import (
	"net/http"
	"strings"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// InquiryPayment returns the state of a payment.
func (p *platform) InquiryPayment(r *http.Request, body api.InquiryPaymentRequest) (sandbox.Response, error) {
	if err := checkIDs("paymentId or paymentRequestId", body.PaymentID, body.PaymentRequestID); err != nil {
		return sandbox.Response{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Response, error) {
		pay, err := p.find(body.PaymentID, body.PaymentRequestID)
		if err != nil {
			return sandbox.Response{}, err
		}
		c := p.config.Get()
		members := object{"paymentId": pay.id, "paymentRequestId": pay.requestID, "paymentStatus": pay.status}
		if pay.status == succeeded || pay.status == authorized {
			members["paymentAmount"] = c.amount(pay.amount)
		}
		if pay.status == succeeded {
			members["paymentTime"] = c.formatTime(pay.finished)
		}
		if pay.status == failed {
			members["failureReason"] = pay.failure
		}
		return success(c.family(members, object{"paymentCreateTime": c.formatTime(pay.created), "transactions": p.transactions(c, pay)})), nil
	})
}

// transactions lists a payment and the operations on it.
func (p *platform) transactions(c Config, pay *payment) []object {
	list := []object{{"transactionId": pay.id, "transactionType": "PAYMENT", "transactionStatus": pay.status, "transactionAmount": c.amount(pay.amount)}}
	for _, o := range p.operations {
		if o.payment == pay {
			list = append(list, object{"transactionId": o.id, "transactionType": strings.ToUpper(o.kind), "transactionStatus": o.status, "transactionAmount": c.amount(o.amount)})
		}
	}
	return list
}

// Cancel cancels a payment that is still open.
func (p *platform) Cancel(r *http.Request, body api.CancelRequest) (sandbox.Response, error) {
	if err := checkIDs("paymentId or paymentRequestId", body.PaymentID, body.PaymentRequestID); err != nil {
		return sandbox.Response{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Response, error) {
		pay, err := p.find(body.PaymentID, body.PaymentRequestID)
		if err != nil {
			return sandbox.Response{}, err
		}
		if pay.status != processing {
			return sandbox.Response{}, codeError(codeOrderClosed)
		}
		p.finish(pay, failed, codeOrderClosed)
		c := p.config.Get()
		return success(c.family(object{"paymentId": pay.id}, object{"paymentRequestId": pay.requestID, "cancelTime": c.formatTime(pay.finished)})), nil
	})
}
