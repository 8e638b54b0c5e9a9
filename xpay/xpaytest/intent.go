package xpaytest

import "time"

// The states of a payment that the sandbox knows.
const (
	intentNoMethod   = "REQUIRES_PAYMENT_METHOD"
	intentAction     = "REQUIRES_ACTION"
	intentSucceeded  = "SUCCEEDED"
	intentFailed     = "PAYMENT_FAILED"
	intentRefunded   = "REFUNDED"
	intentPartlyBack = "PARTIALLY_REFUNDED"
)

// intent is the payment of a session. It begins with the first attempt.
type intent struct {
	id, secret, status, method string
	created, updated           time.Time
	charges                    []*charge
	lastError                  object
	voucher                    string
	voucherEnds                time.Time
}

// begin makes the payment of a session, or returns the one that is there.
func (m *merchant) beginIntent(s *session) *intent {
	if s.intent == nil {
		s.intent = &intent{id: m.newID("pi"), created: m.now(), status: intentNoMethod}
		s.intent.secret = s.intent.id + "_secret_" + m.core.IDs().Token(16)
	}
	return s.intent
}

// awaits tells whether a voucher of the session can still be paid.
func (s *session) awaits() bool {
	return s.status == sessionComplete && s.payment == unpaid && s.intent != nil && s.intent.status == intentAction
}

// good is the charge that took the money; nil when none did.
func (i *intent) good() *charge {
	return find(i.charges, func(c *charge) bool { return !c.captured.IsZero() })
}

// intentBody is a payment as webhooks bring it.
func (m *merchant) intentBody(s *session) object {
	body := m.nestedIntent(s)
	body["checkoutSession"] = m.nestedSession(s)
	return body
}

// nestedIntent is a payment inside its session.
func (m *merchant) nestedIntent(s *session) object {
	i, due, received := s.intent, s.due(), int64(0)
	charges, latest := []object{}, any(null())
	for _, c := range i.charges {
		charges, latest = append(charges, m.chargeBody(c)), m.chargeBody(c)
	}
	if i.good() != nil {
		received = due
	}
	body := object{
		"id": i.id, "object": "payment_intent", "checkoutSessionId": s.id, "amount": due, "amountCapturable": 0, "amountReceived": received,
		"currency": processing, "status": i.status, "createdAt": moment(i.created), "updatedAt": moment(i.updated), "clientSecret": i.secret,
		"captureMethod": "automatic", "confirmationMethod": "automatic", "description": null(), "receiptEmail": null(), "canceledAt": null(),
		"shipping": null(), "amountDetails": object{"productAmount": due, "tax": null(), "platformFees": null(), "tip": null(), "discount": null()},
		"presentmentDetails": s.rate.presentment(due), "latestCharge": latest, "charges": charges, "paymentMethod": m.methodBody(i),
		"customer": null(), "nextAction": i.action(), "metadata": rawOrNull(s.metadata), "lastPaymentError": null(),
	}
	if i.lastError != nil {
		body["lastPaymentError"] = i.lastError
	}
	if c := s.customer; c != nil {
		body["customer"] = object{"id": c.id, "name": orNull(c.name), "email": orNull(c.email), "phone": orNull(c.phone)}
	}
	return body
}

// action is what the customer has to do next.
func (i *intent) action() any {
	if i.status != intentAction {
		return null()
	}
	return object{
		"type": "display_voucher_details", "redirectToUrl": null(),
		"displayVoucherDetails": object{
			"provider": i.method, "reference": i.voucher, "expiresAt": moment(i.voucherEnds), "instructions": null(), "hostedVoucherUrl": null(),
		},
	}
}

// methodBody is what was paid with; null before the first attempt.
func (m *merchant) methodBody(i *intent) any {
	if i.method == "" {
		return null()
	}
	body := object{
		"id": "pm_" + i.id, "object": "payment_method", "card": null(), "valu": null(), "fawry": null(), "billingDetails": noBilling(),
		"type": i.method, "createdAt": moment(i.created),
	}
	if i.method == methodCard {
		body["card"] = object{
			"brand": "mastercard", "country": "EG", "displayBrand": "Mastercard", "expMonth": 1, "expYear": 2039, "fingerprint": null(),
			"funding": "debit", "last4": "0008", "networks": null(), "regulatedStatus": null(), "threeDSecureUsage": null(), "wallet": null(),
		}
	}
	return body
}

func noBilling() object {
	return object{"address": null(), "email": null(), "name": null(), "phone": null()}
}
