package xpaytest

import "time"

// The states of a payment intent that the sandbox uses.
const (
	intentNoMethod   = "REQUIRES_PAYMENT_METHOD"
	intentAction     = "REQUIRES_ACTION"
	intentSucceeded  = "SUCCEEDED"
	intentFailed     = "PAYMENT_FAILED"
	intentRefunded   = "REFUNDED"
	intentPartlyBack = "PARTIALLY_REFUNDED"
)

// intent is the payment intent of a session. The first attempt to pay creates it.
type intent struct {
	id, secret, status, method string
	created, updated           time.Time
	charges                    []*charge
	lastError                  object
	voucher                    string
	voucherEnds                time.Time
}

// ensureIntent returns the payment intent of a session and creates it if necessary.
func (m *merchant) ensureIntent(s *session) *intent {
	if s.intent == nil {
		s.intent = &intent{id: m.newID("pi"), created: m.now(), status: intentNoMethod}
		s.intent.secret = s.intent.id + "_secret_" + m.core.IDs().Token(16)
	}
	return s.intent
}

// awaitsPayment reports whether the session has a payment reference that can still be
// paid.
func (s *session) awaitsPayment() bool {
	return s.status == sessionComplete && s.payment == unpaid && s.intent != nil && s.intent.status == intentAction
}

// succeededCharge returns the charge that succeeded, or nil.
func (i *intent) succeededCharge() *charge {
	return find(i.charges, func(c *charge) bool { return !c.captured.IsZero() })
}

// intentBody returns a payment intent in the form of an event.
func (m *merchant) intentBody(s *session) object {
	body := m.nestedIntent(s)
	body["checkoutSession"] = m.nestedSession(s)
	return body
}

// nestedIntent returns a payment intent in the form of a member of its session.
func (m *merchant) nestedIntent(s *session) object {
	i, due, received := s.intent, s.due(), int64(0)
	charges, latest := []object{}, any(null())
	for _, c := range i.charges {
		charges, latest = append(charges, m.chargeBody(c)), m.chargeBody(c)
	}
	if i.succeededCharge() != nil {
		received = due
	}
	body := object{
		"id": i.id, "object": "payment_intent", "checkoutSessionId": s.id, "amount": due, "amountCapturable": 0, "amountReceived": received,
		"currency": processingCurrency, "status": i.status, "createdAt": formatTime(i.created), "updatedAt": formatTime(i.updated), "clientSecret": i.secret,
		"captureMethod": "automatic", "confirmationMethod": "automatic", "description": null(), "receiptEmail": null(), "canceledAt": null(),
		"shipping": null(), "amountDetails": s.amountDetails(),
		"presentmentDetails": s.rate.presentment(due), "latestCharge": latest, "charges": charges, "paymentMethod": m.methodBody(i),
		"customer": null(), "nextAction": i.action(), "metadata": objectOrEmpty(s.metadata), "lastPaymentError": null(),
	}
	if i.lastError != nil {
		body["lastPaymentError"] = i.lastError
	}
	if c := s.customer; c != nil {
		body["customer"] = object{"id": c.id, "name": orNull(c.name), "email": orNull(c.email), "phone": orNull(c.phone)}
	}
	return body
}

// action returns what the customer has to do next, or null.
func (i *intent) action() any {
	if i.status != intentAction {
		return null()
	}
	return object{
		"type": "display_voucher_details", "redirectToUrl": null(),
		"displayVoucherDetails": object{
			"provider": i.method, "reference": i.voucher, "expiresAt": formatTime(i.voucherEnds), "instructions": null(), "hostedVoucherUrl": null(),
		},
	}
}

// methodBody returns the payment method, or null before the first attempt.
func (m *merchant) methodBody(i *intent) any {
	if i.method == "" {
		return null()
	}
	body := object{
		"id": "pm_" + i.id, "object": "payment_method", "card": null(), "valu": null(), "fawry": null(), "billingDetails": emptyBillingDetails(),
		"type": i.method, "createdAt": formatTime(i.created),
	}
	if i.method == methodCard {
		body["card"] = object{
			"brand": "mastercard", "country": "EG", "displayBrand": "Mastercard", "expMonth": 1, "expYear": 2039, "fingerprint": null(),
			"funding": "debit", "last4": "0008", "networks": null(), "regulatedStatus": null(), "threeDSecureUsage": null(), "wallet": null(),
		}
	}
	return body
}

func emptyBillingDetails() object {
	address := object{"line1": null(), "line2": null(), "city": null(), "state": null(), "postalCode": null(), "country": null()}
	return object{"address": address, "email": null(), "name": null(), "phone": null()}
}
