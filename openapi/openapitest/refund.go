package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// RefundApply gives money back, any number of times within the payment.
func (p *platform) RefundApply(r *http.Request, body api.RefundApplyRequest) (sandbox.Answer, error) {
	if err := checkFields(need("paymentId", body.PaymentID, idLimit), need("refundRequestId", body.RefundRequestID, idLimit),
		may("refundReason", body.RefundReason, 256), may("refundNotifyUrl", body.RefundNotifyURL, 2048)); err != nil {
		return sandbox.Answer{}, err
	}
	sum, err := p.checkAmount("refundAmount", body.RefundAmount)
	if err != nil {
		return sandbox.Answer{}, err
	}
	wanted := deed{kind: refund, requestID: body.RefundRequestID, amount: sum, reason: body.RefundReason, notifyURL: body.RefundNotifyURL}
	return p.act(r, wanted, body.PaymentID, func(pay *payment) error { return p.refundable(pay, sum) }, func(c Config, d *deed) object {
		return object{"refundId": d.id, "refundRequestId": d.requestID, "refundAmount": c.amount(d.amount), "refundTime": c.moment(d.done)}
	})
}

func (p *platform) refundable(pay *payment, sum money) error {
	switch {
	case pay.status != succeeded || pay.voided || p.taken(void, pay) > 0:
		return refusal(codeRefundNotAllowed)
	case sum.value > pay.paid()-p.taken(refund, pay):
		return refusal(codeRefundExceed)
	}
	return nil
}

// paid is what a payment brought: of an authorized one, what was captured.
func (pay *payment) paid() int64 {
	if pay.captured > 0 {
		return pay.captured
	}
	return pay.amount.value
}

// InquiryRefund reads the state of a refund.
func (p *platform) InquiryRefund(r *http.Request, body api.InquiryRefundRequest) (sandbox.Answer, error) {
	if err := checkIDs("refundId or refundRequestId", body.RefundID, body.RefundRequestID); err != nil {
		return sandbox.Answer{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Answer, error) {
		d := p.deed(refund, body.RefundID, body.RefundRequestID)
		if d == nil {
			return sandbox.Answer{}, refusal(codeRefundNotExist)
		}
		c := p.config.Get()
		members := object{"refundId": d.id, "refundRequestId": d.requestID, "refundStatus": d.status, "refundAmount": c.amount(d.amount)}
		if d.reason != "" {
			members["refundReason"] = d.reason
		}
		switch d.status {
		case succeeded:
			members["refundTime"] = c.moment(d.done)
		case failed:
			members["refundFailReason"] = codePaymentFail
		}
		return success(members), nil
	})
}
