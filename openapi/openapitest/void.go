package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// Void cancels a whole payment before it is settled.
func (p *platform) Void(r *http.Request, body api.VoidRequest) (sandbox.Response, error) {
	if err := checkFields(required("paymentId", body.PaymentID, idLimit), required("voidRequestId", body.VoidRequestID, idLimit)); err != nil {
		return sandbox.Response{}, err
	}
	requested := operation{kind: void, requestID: body.VoidRequestID}
	return p.execute(r, requested, body.PaymentID, p.voidable, func(c Config, o *operation) object {
		return c.family(object{"voidId": o.id, "paymentId": o.payment.id, "voidTime": c.formatTime(o.done)}, object{"voidRequestId": o.requestID})
	})
}

func (p *platform) voidable(pay *payment) error {
	switch {
	case pay.voided || p.total(void, pay) > 0 || p.total(refund, pay) > 0 || p.total(capture, pay) > 0 && pay.status == authorized:
		return codeError(codeVoidNotAllowed)
	case pay.status == authorized:
		return nil
	case pay.status != succeeded:
		return codeError(codeVoidNotAllowed)
	case p.settled(pay):
		return codeError(codeAlreadySettled)
	}
	return nil
}

// InquiryVoid lists the voids of a payment.
func (p *platform) InquiryVoid(r *http.Request, body api.InquiryVoidRequest) (sandbox.Response, error) {
	if err := checkIDs("voidId, acquirementId or merchantTransId", body.VoidID, body.AcquirementID, body.MerchantTransID); err != nil {
		return sandbox.Response{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Response, error) {
		pay, err := p.voidedPayment(body)
		if err != nil {
			return sandbox.Response{}, err
		}
		c, details := p.config.Get(), []object{}
		for _, o := range p.operations {
			if o.kind == void && o.payment == pay && (body.VoidID == "" || body.VoidID == o.id) {
				details = append(details, object{"voidId": o.id, "voidRequestId": o.requestID, "voidStatus": o.status, "voidAmount": c.amount(o.amount)})
			}
		}
		if len(details) == 0 {
			return sandbox.Response{}, codeError(codeVoidNotExist)
		}
		return success(object{"acquirementId": pay.id, "merchantTransId": pay.requestID, "voidDetails": details}), nil
	})
}

// voidedPayment finds the payment that an inquiry names. The void's own ID takes
// precedence.
func (p *platform) voidedPayment(body api.InquiryVoidRequest) (*payment, error) {
	if body.VoidID == "" {
		return p.find(body.AcquirementID, body.MerchantTransID)
	}
	if o := p.operation(void, body.VoidID, ""); o != nil {
		return o.payment, nil
	}
	return nil, codeError(codeVoidNotExist)
}
