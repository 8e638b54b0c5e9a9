package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// Void takes a whole payment back while it is not settled.
func (p *platform) Void(r *http.Request, body api.VoidRequest) (sandbox.Answer, error) {
	if err := checkFields(need("paymentId", body.PaymentID, idLimit), need("voidRequestId", body.VoidRequestID, idLimit)); err != nil {
		return sandbox.Answer{}, err
	}
	wanted := deed{kind: void, requestID: body.VoidRequestID}
	return p.act(r, wanted, body.PaymentID, p.voidable, func(c Config, d *deed) object {
		return object{"voidId": d.id, "paymentId": d.payment.id, "voidTime": c.moment(d.done)}
	})
}

func (p *platform) voidable(pay *payment) error {
	switch {
	case pay.voided || p.taken(void, pay) > 0 || p.taken(refund, pay) > 0 || p.taken(capture, pay) > 0 && pay.status == authorized:
		return refusal(codeVoidNotAllowed)
	case pay.status == authorized:
		return nil
	case pay.status != succeeded:
		return refusal(codeVoidNotAllowed)
	case p.settled(pay):
		return refusal(codeAlreadySettled)
	}
	return nil
}

// InquiryVoid lists the voids of a payment.
func (p *platform) InquiryVoid(r *http.Request, body api.InquiryVoidRequest) (sandbox.Answer, error) {
	if err := checkIDs("voidId, acquirementId or merchantTransId", body.VoidID, body.AcquirementID, body.MerchantTransID); err != nil {
		return sandbox.Answer{}, err
	}
	return p.locked(r.Context(), func() (sandbox.Answer, error) {
		pay, err := p.voidedBy(body)
		if err != nil {
			return sandbox.Answer{}, err
		}
		c, details := p.config.Get(), []object{}
		for _, d := range p.deeds {
			if d.kind == void && d.payment == pay && (body.VoidID == "" || body.VoidID == d.id) {
				details = append(details, object{"voidId": d.id, "voidRequestId": d.requestID, "voidStatus": d.status, "voidAmount": c.amount(d.amount)})
			}
		}
		if len(details) == 0 {
			return sandbox.Answer{}, refusal(codeVoidNotExist)
		}
		return success(object{"acquirementId": pay.id, "merchantTransId": pay.requestID, "voidDetails": details}), nil
	})
}

// voidedBy finds the payment that an inquiry names, a void's own id first.
func (p *platform) voidedBy(body api.InquiryVoidRequest) (*payment, error) {
	if body.VoidID == "" {
		return p.find(body.AcquirementID, body.MerchantTransID)
	}
	if d := p.deed(void, body.VoidID, ""); d != nil {
		return d.payment, nil
	}
	return nil, refusal(codeVoidNotExist)
}
