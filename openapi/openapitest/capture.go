package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// Capture takes an authorized amount, in one part.
func (p *platform) Capture(r *http.Request, body api.CaptureRequest) (sandbox.Response, error) {
	if err := checkFields(required("paymentId", body.PaymentID, idLimit), required("captureRequestId", body.CaptureRequestID, idLimit)); err != nil {
		return sandbox.Response{}, err
	}
	amount, err := p.checkAmount("captureAmount", body.CaptureAmount)
	if err != nil {
		return sandbox.Response{}, err
	}
	requested := operation{kind: capture, requestID: body.CaptureRequestID, amount: amount}
	return p.execute(r, requested, body.PaymentID, func(pay *payment) error { return p.capturable(pay, amount) }, func(c Config, o *operation) object {
		return c.family(object{"captureId": o.id, "captureAmount": c.amount(o.amount), "captureTime": c.formatTime(o.done)}, object{"captureRequestId": o.requestID})
	})
}

func (p *platform) capturable(pay *payment, amount money) error {
	switch {
	case pay.failure == codeAuthorizationExpired:
		return codeError(codeAuthorizationExpired)
	case pay.status != authorized || p.total(capture, pay) > 0 || p.total(void, pay) > 0:
		return codeError(codeOrderStatus)
	case amount.value > pay.amount.value:
		return codeError(codeCaptureExceed)
	}
	return nil
}

// InquiryCapture returns the state of a capture.
func (p *platform) InquiryCapture(r *http.Request, body api.InquiryCaptureRequest) (sandbox.Response, error) {
	if err := checkIDs("captureId or captureRequestId", body.CaptureID, body.CaptureRequestID); err != nil {
		return sandbox.Response{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Response, error) {
		o := p.operation(capture, body.CaptureID, body.CaptureRequestID)
		if o == nil {
			return sandbox.Response{}, codeError(codeOrderNotExist)
		}
		c := p.config.Get()
		members := object{"captureId": o.id, "captureRequestId": o.requestID, "captureStatus": o.status, "captureAmount": c.amount(o.amount)}
		if o.status == succeeded {
			members["captureTime"] = c.formatTime(o.done)
		}
		return success(members), nil
	})
}
