package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// InquiryPayment reads the state of a payment.
func (p *platform) InquiryPayment(r *http.Request, body api.InquiryPaymentRequest) (sandbox.Answer, error) {
	if err := checkIDs("paymentId or paymentRequestId", body.PaymentID, body.PaymentRequestID); err != nil {
		return sandbox.Answer{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Answer, error) {
		pay, err := p.find(body.PaymentID, body.PaymentRequestID)
		if err != nil {
			return sandbox.Answer{}, err
		}
		c := p.config.Get()
		members := object{"paymentId": pay.id, "paymentRequestId": pay.requestID, "paymentStatus": pay.status}
		if pay.status == succeeded || pay.status == authorized {
			members["paymentAmount"] = c.amount(pay.amount)
		}
		if pay.status == succeeded {
			members["paymentTime"] = c.moment(pay.finished)
		}
		if pay.status == failed {
			members["failureReason"] = pay.failure
		}
		return success(members), nil
	})
}

// checkIDs wants at least one of two ids, neither too long.
func checkIDs(names string, ids ...string) error {
	if err := oneOf(names, ids...); err != nil {
		return err
	}
	for _, id := range ids {
		if err := checkFields(may(names, id, idLimit)); err != nil {
			return err
		}
	}
	return nil
}

// Cancel ends a payment that is still open.
func (p *platform) Cancel(r *http.Request, body api.CancelRequest) (sandbox.Answer, error) {
	if err := checkIDs("paymentId or paymentRequestId", body.PaymentID, body.PaymentRequestID); err != nil {
		return sandbox.Answer{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Answer, error) {
		pay, err := p.find(body.PaymentID, body.PaymentRequestID)
		if err != nil {
			return sandbox.Answer{}, err
		}
		if pay.status != processing {
			return sandbox.Answer{}, refusal(codeOrderClosed)
		}
		p.finish(pay, failed, codeOrderClosed)
		return success(object{"paymentId": pay.id}), nil
	})
}
