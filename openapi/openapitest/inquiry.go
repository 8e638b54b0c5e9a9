package openapitest

import (
	"net/http"

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
		return success(members), nil
	})
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
		return success(object{"paymentId": pay.id}), nil
	})
}
