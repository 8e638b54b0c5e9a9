package xpaytest

import "time"

// charge is one attempt to charge the customer.
type charge struct {
	id, txn, status, method     string
	amount                      int64
	created, captured           time.Time
	failureCode, failureMessage string
	session                     *session
	refunds                     []*refund
}

// newCharge adds a pending charge to a session.
func (m *merchant) newCharge(s *session, method string) *charge {
	c := &charge{id: m.newID("ch"), status: "PENDING", method: method, amount: s.due(), created: m.now(), session: s}
	s.intent.charges = append(s.intent.charges, c)
	s.intent.method, s.intent.updated = method, m.now()
	return c
}

// charge finds a charge.
func (st *store) charge(id string) (*charge, error) {
	for _, s := range st.sessions {
		if s.intent == nil {
			continue
		}
		if c := find(s.intent.charges, func(c *charge) bool { return c.id == id }); c != nil {
			return c, nil
		}
	}
	return nil, notFound("charge", id)
}

// refunded returns the amount of all refunds, including pending ones.
func (c *charge) refunded() int64 {
	sum := int64(0)
	for _, f := range c.refunds {
		if !f.isFailed() {
			sum += f.amount
		}
	}
	return sum
}

// fee returns what XPay keeps of a charge.
func (c *charge) fee() int64 { return c.session.rate.toEGP(feeOf(c.session.price())) }

func (m *merchant) chargeBody(c *charge) object {
	isPaid, captured := !c.captured.IsZero(), int64(0)
	if isPaid {
		captured = c.amount
	}
	refunds := []object{}
	for i := range c.refunds {
		refunds = append(refunds, c.refunds[len(c.refunds)-1-i].body())
	}
	return object{
		"id": c.id, "object": "charge", "amount": c.amount, "amountCaptured": captured, "amountRefunded": c.refunded(), "currency": processingCurrency,
		"createdAt": formatTime(c.created), "status": c.status, "paid": isPaid, "refunded": isPaid && c.refunded() == c.amount, "captured": isPaid,
		"capturedAt": timeOrNull(c.captured), "failureCode": orNull(c.failureCode), "failureMessage": orNull(c.failureMessage),
		"receiptUrl": null(), "receiptEmail": null(), "billingDetails": emptyBillingDetails(), "paymentMethodDetails": c.methodDetails(), "outcome": null(),
		"balanceTransaction": m.transaction(c), "presentmentDetails": c.session.rate.presentment(c.amount), "refunds": refunds,
		"paymentIntentId": c.session.intent.id, "paymentMethodId": "pm_" + c.session.intent.id, "calculatedStatementDescriptor": null(),
		"disputed": false, "externalChargeId": null(), "config": c.session.feeConfig(), "geocoding": null(), "session": null(), "merchantOrigin": null(),
		"merchantDomain":        null(),
		"processorCapabilities": object{"supportsRefund": c.method != methodValu, "supportsPartialRefund": c.method != methodValu},
		"activeHoldId":          null(), "settlementModel": "aggregated",
	}
}

func (c *charge) methodDetails() object {
	details := object{"type": c.method, "card": null(), "valu": null(), "fawry": null()}
	switch c.method {
	case methodCard:
		details["card"] = object{
			"brand": "mastercard", "country": "EG", "expMonth": 1, "expYear": 2039, "funding": "debit", "last4": "0008", "network": "mastercard",
			"fingerprint": null(), "threeDSecure": null(), "wallet": null(),
		}
	case methodFawry:
		i := c.session.intent
		details["fawry"] = object{
			"fawryRefNumber": orNull(i.voucher), "paymentReferenceNumber": null(), "paymentMethod": null(), "paymentTime": null(),
			"expiresAt": timeOrNull(i.voucherEnds),
		}
	}
	return details
}

// transaction returns the balance transaction of a charge, or null before it is paid.
func (m *merchant) transaction(c *charge) any {
	if c.captured.IsZero() {
		return null()
	}
	fees := []object{{"amount": c.fee(), "currency": processingCurrency, "description": null(), "type": "xpay_fee", "application": null()}}
	return object{
		"id": c.txn, "object": "balance_transaction", "amount": c.amount, "availableOn": null(), "createdAt": formatTime(c.captured), "currency": processingCurrency,
		"description": null(), "fee": c.fee(), "net": c.amount - c.fee(), "feeDetails": fees, "status": "AVAILABLE", "type": "CHARGE",
		"reportingCategory": "charge", "exchangeRate": null(), "source": c.id, "payoutBatch": null(), "paymentIntentId": c.session.intent.id,
		"merchantId": m.id,
	}
}
