package xpaytest

import (
	"strconv"
	"strings"

	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// quote is a number as JSON text.
func quote(n int64) string { return `"` + strconv.FormatInt(n, 10) + `"` }

// total is what a session comes to in the currency of its prices.
func (s *session) total() int64 {
	subtotal := sum(s.lines)
	return subtotal - s.discount.off(subtotal)
}

// due is what is taken, in EGP.
func (s *session) due() int64 { return s.rate.process(s.total()) }

// sessionBody is a session with its payment.
func (m *merchant) sessionBody(s *session) object {
	body := m.nestedSession(s)
	body["paymentIntent"] = null()
	if s.intent != nil {
		body["paymentIntent"] = m.nestedIntent(s)
	}
	return body
}

// nestedSession is a session inside its own payment.
func (m *merchant) nestedSession(s *session) object {
	subtotal := sum(s.lines)
	off := s.discount.off(subtotal)
	body := object{
		"id": s.id, "object": "checkout.session", "createdAt": moment(s.created), "updatedAt": moment(s.updated), "mode": s.mode, "uiMode": s.uiMode,
		"submitType": s.submit, "customerCreation": s.creation, "status": s.status, "paymentStatus": s.payment, "currency": processing,
		"amountSubtotal": s.rate.process(subtotal), "amountTotal": s.due(),
		"totalDetails":    object{"amountDiscount": s.rate.process(off), "amountTax": 0, "amountShipping": 0, "amountPlatformFee": 0, "amountCollectedVat": 0},
		"afterCompletion": s.afterBody(), "cancelUrl": orNull(s.filled(s.cancelURL)), "url": null(), "clientSecret": s.secret,
		"expiresAt": moment(s.expires), "isExpired": s.status == sessionExpired,
		"lineItems": lineBodies(s.lines, s.rate), "customFields": fieldBodies(s.fields), "discounts": s.discount.bodies(m, s),
		"metadata": rawOrNull(s.metadata), "merchantId": m.id, "merchantName": "Sandbox", "merchantLogo": null(), "livemode": s.book.live,
	}
	s.addPeople(body)
	s.addForm(body)
	if s.uiMode == "hosted" {
		body["url"] = "https://checkout.xpay.app/c/" + s.id
	}
	if s.rate.foreign() {
		body["presentmentDetails"] = object{
			"amount": s.total(), "currency": s.rate.currency, "exchangeRate": s.rate.number(), "exchangeRateId": s.rate.id,
			"amountSubtotal": subtotal, "amountTotal": s.total(), "amountDiscount": off,
		}
	}
	return body
}

// addPeople adds who buys.
func (s *session) addPeople(body object) {
	body["customerId"], body["paymentIntentId"], body["paymentLinkId"] = null(), null(), null()
	body["customerDetails"], body["customerUpdate"] = ptrOrNull(s.details), ptrOrNull(s.update)
	if c := s.customer; c != nil {
		body["customerId"] = c.id
		body["customer"] = object{
			"id": c.id, "type": c.kind, "name": orNull(c.name), "email": orNull(c.email), "phone": orNull(c.phone),
			"address": ptrOrNull(c.address), "shipping": null(), "metadata": rawOrNull(c.metadata),
		}
	}
	if s.intent != nil {
		body["paymentIntentId"] = s.intent.id
	}
	if s.link != nil {
		body["paymentLinkId"] = s.link.id
	}
}

// addForm adds how the page is set up.
func (s *session) addForm(body object) {
	body["allowPromotionCodes"], body["nameCollection"], body["billingAddressCollection"] = s.allowCodes, s.name, s.billing
	body["shippingAddressCollection"], body["phoneNumberCollection"] = s.shipping, s.tele
	body["feeConfig"] = feeBody(s.fee)
	body["paymentMethodConfigurationId"] = orNull(s.configuration)
	if s.branding != nil {
		body["brandingSettings"] = *s.branding
	}
	if s.locale != "" {
		body["locale"] = s.locale
	}
	methods := []object{}
	for _, method := range s.offered() {
		methods = append(methods, object{
			"type": method, "displayName": strings.ReplaceAll(method, "_", " "), "minTransactionAmount": null(), "maxTransactionAmount": null(),
			"requiredCustomerFields": null(), "supportsRefund": method != methodValu, "supportsPartialRefund": method != methodValu,
		})
	}
	body["paymentMethodTypes"] = methods
}

// offered are the ways to pay of a session.
func (s *session) offered() []string {
	switch {
	case s.methods != nil:
		return s.methods
	case s.rate.foreign():
		return []string{methodCard}
	}
	return []string{methodCard, methodFawry, methodValu}
}

func feeBody(fee *api.FeeConfigInput) object {
	if fee == nil {
		return object{"feesPassThrough": false, "vatCollectionEnabled": false, "vatCollectionRate": null(), "source": "merchant"}
	}
	return object{
		"feesPassThrough": fee.FeesPassThrough, "vatCollectionEnabled": fee.VATCollectionEnabled,
		"vatCollectionRate": intOrNull(fee.VATCollectionRate), "source": "session",
	}
}

func (s *session) afterBody() object { return afterBody(s.after, s.filled) }

// filled puts the session's id where an address asks for it.
func (s *session) filled(address string) string {
	return strings.ReplaceAll(address, "{CHECKOUT_SESSION_ID}", s.id)
}

// afterBody writes what comes after a payment; fill completes addresses.
func afterBody(a api.AfterCompletion, fill func(string) string) object {
	body := object{"type": a.Type, "redirect": null(), "hostedConfirmation": null()}
	if a.Redirect != nil {
		body["redirect"] = object{"url": fill(a.Redirect.URL)}
	}
	if h := a.HostedConfirmation; h != nil {
		body["hostedConfirmation"] = object{"customMessage": orNull(h.CustomMessage), "returnUrl": orNull(fill(h.ReturnURL))}
	}
	return body
}

// fieldBodies writes the questions; the sandbox's customer answers none.
func fieldBodies(fields []api.CustomFieldInput) any {
	if fields == nil {
		return null()
	}
	bodies := []object{}
	for _, f := range fields {
		bodies = append(bodies, object{
			"key": strings.ToLower(strings.ReplaceAll(f.Label, " ", "_")), "label": f.Label, "type": f.Type, "isOptional": f.IsOptional,
			"hasLimits": f.HasLimits, "limitType": orNull(f.LimitType), "minCharacters": intOrNull(f.MinCharacters),
			"maxCharacters": intOrNull(f.MaxCharacters), "dropdownOptions": f.DropdownOptions, "text": null(), "numeric": null(), "dropdown": null(),
		})
	}
	return bodies
}
