package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// RefundApply refunds all or part of a payment. A payment can have several refunds.
func (p *platform) RefundApply(r *http.Request, body api.RefundApplyRequest) (sandbox.Response, error) {
	if err := checkFields(required("paymentId", body.PaymentID, idLimit), required("refundRequestId", body.RefundRequestID, idLimit),
		optional("refundReason", body.RefundReason, 256), optional("refundNotifyUrl", body.RefundNotifyURL, 2048)); err != nil {
		return sandbox.Response{}, err
	}
	amount, err := p.checkAmount("refundAmount", body.RefundAmount)
	if err != nil {
		return sandbox.Response{}, err
	}
	requested := operation{kind: refund, requestID: body.RefundRequestID, amount: amount, reason: body.RefundReason, notifyURL: body.RefundNotifyURL}
	return p.execute(r, requested, body.PaymentID, func(pay *payment) error { return p.refundable(pay, amount) }, func(c Config, o *operation) object {
		return object{"refundId": o.id, "refundRequestId": o.requestID, "refundAmount": c.amount(o.amount), "refundTime": c.formatTime(o.done)}
	})
}

func (p *platform) refundable(pay *payment, amount money) error {
	switch {
	case pay.status != succeeded || pay.voided || p.total(void, pay) > 0:
		return codeError(codeRefundNotAllowed)
	case amount.value > pay.paid()-p.total(refund, pay):
		return codeError(codeRefundExceed)
	}
	return nil
}

// paid returns the amount that was paid. For an authorized payment that is the
// captured amount.
func (pay *payment) paid() int64 {
	if pay.captured > 0 {
		return pay.captured
	}
	return pay.amount.value
}

// InquiryRefund returns the state of a refund.
func (p *platform) InquiryRefund(r *http.Request, body api.InquiryRefundRequest) (sandbox.Response, error) {
	if err := checkIDs("refundId or refundRequestId", body.RefundID, body.RefundRequestID); err != nil {
		return sandbox.Response{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Response, error) {
		o := p.operation(refund, body.RefundID, body.RefundRequestID)
		if o == nil {
			return sandbox.Response{}, codeError(codeRefundNotExist)
		}
		c := p.config.Get()
		members := object{"refundId": o.id, "refundRequestId": o.requestID, "refundStatus": o.status, "refundAmount": c.amount(o.amount)}
		if o.reason != "" {
			members["refundReason"] = o.reason
		}
		switch o.status {
		case succeeded:
			members["refundTime"] = c.formatTime(o.done)
		case failed:
			members["refundFailReason"] = codePaymentFail
		}
		return success(members), nil
	})
}
