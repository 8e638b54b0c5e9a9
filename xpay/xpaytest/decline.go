package xpaytest

import (
	"fmt"

	"github.com/specpay/specpay/internal/sandbox"
)

// XPay's pages about failed payments. Some codes are on both pages.
const (
	declineDocs = "https://docs.xpay.app/integrate/errors/decline-codes#"
	paymentDocs = "https://docs.xpay.app/integrate/errors/payment-error-codes#"
)

// decline fails a charge with a decline code or a payment error code.
func (m *merchant) decline(s *session, c *charge, outcome, code string) {
	failure := object{
		"type": "card_error", "code": code, "declineCode": null(), "networkDeclineCode": null(), "docUrl": paymentDocs + code,
		"message": titleOf(paymentErrorCodes, code), "merchantMessage": null(), "adviceCode": adviceCode(code), "param": null(), "chargeId": c.id,
		"paymentMethod":     s.snapshot(c.method),
		"paymentMethodType": c.method, "processorCode": null(), "processorMessage": null(),
	}
	if outcome == outcomeDeclined {
		failure["code"], failure["declineCode"], failure["docUrl"] = "card_declined", code, declineDocs+code
		failure["message"] = titleOf(declineCodes, code)
	}
	if code == "processing_error" {
		failure["type"] = "processor_error"
	}
	c.status, c.failureCode, c.failureMessage = "FAILED", code, fmt.Sprint(failure["message"])
	s.intent.status, s.intent.lastError, s.intent.updated = intentNoMethod, failure, m.now()
	m.core.Record("payment.failed", c.id, "", fmt.Sprint(c.amount))
	m.emit(s.store, "charge.failed", c.id, m.chargeBody(c))
	m.emit(s.store, "payment_intent.payment_failed", s.intent.id, m.intentBody(s))
}

// snapshot returns the payment method of a failed attempt.
func (s *session) snapshot(method string) object {
	payer := object{"name": null(), "email": null()}
	switch {
	case s.details != nil:
		payer = object{"name": orNull(s.details.Name), "email": orNull(s.details.Email)}
	case s.customer != nil:
		payer = object{"name": orNull(s.customer.name), "email": orNull(s.customer.email)}
	}
	return object{
		"id": "pm_" + s.intent.id, "type": method, "billingDetails": payer,
		"card": object{"brand": "mastercard", "last4": "0008", "expMonth": 1, "expYear": 2039, "funding": "debit"},
	}
}

// adviceCode returns XPay's advice code for a failure, or null if it is not known.
func adviceCode(code string) any {
	switch code {
	case "invalid_number", "invalid_expiry_month", "invalid_expiry_year", "invalid_cvc", "incorrect_number", "incorrect_cvc", "incorrect_zip", "expired_card":
		return "confirm_card_data"
	case "lost_card", "stolen_card":
		return "do_not_try_again"
	case "processing_error":
		return "try_again_later"
	}
	return null()
}

// titleOf returns the title of a code, or its value if it is unknown.
func titleOf(codes []sandbox.Code, value string) string {
	for _, code := range codes {
		if code.Value == value {
			return code.Title
		}
	}
	return value
}
