package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// Capture takes an authorized sum, in one part.
func (p *platform) Capture(r *http.Request, body api.CaptureRequest) (sandbox.Answer, error) {
	if err := checkFields(need("paymentId", body.PaymentID, idLimit), need("captureRequestId", body.CaptureRequestID, idLimit)); err != nil {
		return sandbox.Answer{}, err
	}
	sum, err := p.checkAmount("captureAmount", body.CaptureAmount)
	if err != nil {
		return sandbox.Answer{}, err
	}
	wanted := deed{kind: capture, requestID: body.CaptureRequestID, amount: sum}
	return p.act(r, wanted, body.PaymentID, func(pay *payment) error { return p.capturable(pay, sum) }, func(c Config, d *deed) object {
		return object{"captureId": d.id, "captureAmount": c.amount(d.amount), "captureTime": c.moment(d.done)}
	})
}

func (p *platform) capturable(pay *payment, sum money) error {
	switch {
	case pay.failure == codeAuthorizationOver:
		return refusal(codeAuthorizationOver)
	case pay.status != authorized || p.taken(capture, pay) > 0 || p.taken(void, pay) > 0:
		return refusal(codeOrderStatus)
	case sum.value > pay.amount.value:
		return refusal(codeCaptureExceed)
	}
	return nil
}

// InquiryCapture reads the state of a capture.
func (p *platform) InquiryCapture(r *http.Request, body api.InquiryCaptureRequest) (sandbox.Answer, error) {
	if err := checkIDs("captureId or captureRequestId", body.CaptureID, body.CaptureRequestID); err != nil {
		return sandbox.Answer{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Answer, error) {
		d := p.deed(capture, body.CaptureID, body.CaptureRequestID)
		if d == nil {
			return sandbox.Answer{}, refusal(codeOrderNotExist)
		}
		c := p.config.Get()
		members := object{"captureId": d.id, "captureRequestId": d.requestID, "captureStatus": d.status, "captureAmount": c.amount(d.amount)}
		if d.status == succeeded {
			members["captureTime"] = c.moment(d.done)
		}
		return success(members), nil
	})
}
