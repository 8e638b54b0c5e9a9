package xpaytest

import (
	"strconv"
	"strings"

	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// quote returns a number as a JSON string.
func quote(n int64) string { return `"` + strconv.FormatInt(n, 10) + `"` }

// sessionBody returns a session with its payment intent.
func (m *merchant) sessionBody(s *session) object {
	body := m.nestedSession(s)
	body["paymentIntent"] = null()
	if s.intent != nil {
		body["paymentIntent"] = m.nestedIntent(s)
	}
	return body
}

// nestedSession returns a session in the form of a member of its payment intent.
func (m *merchant) nestedSession(s *session) object {
	subtotal := sum(s.lines)
	body := object{
		"id": s.id, "object": "checkout.session", "createdAt": formatTime(s.created), "updatedAt": formatTime(s.updated), "mode": s.mode, "uiMode": s.uiMode,
		"submitType": s.submit, "customerCreation": s.creation, "status": s.status, "paymentStatus": s.payment, "currency": processingCurrency,
		"amountSubtotal": s.rate.toEGP(subtotal), "amountTotal": s.due(),
		"totalDetails":    s.totals(),
		"afterCompletion": s.afterBody(), "cancelUrl": orNull(s.expandURL(s.cancelURL)), "url": null(), "clientSecret": s.secret,
		"expiresAt": formatTime(s.expires), "isExpired": s.status == sessionExpired,
		"lineItems": lineBodies(s.lines, s.rate), "customFields": fieldBodies(s.fields), "discounts": s.discount.bodies(m, s),
		"metadata": rawOrNull(s.metadata), "merchantId": m.id, "merchantName": "Sandbox", "merchantLogo": null(), "livemode": s.store.live,
	}
	s.addCustomer(body)
	s.addForm(body)
	if s.uiMode == "hosted" {
		body["url"] = "https://checkout.xpay.app/c/" + s.id
	}
	if s.rate.foreign() {
		presentment := object{
			"amount": s.total(), "currency": s.rate.currency, "exchangeRate": s.rate.number(), "exchangeRateId": s.rate.id,
			"amountSubtotal": subtotal, "amountTotal": s.total(), "amountDiscount": subtotal - s.price(),
		}
		s.addParts(presentment)
		body["presentmentDetails"] = presentment
	}
	return body
}

// addCustomer adds the members about the customer.
func (s *session) addCustomer(body object) {
	body["customerId"], body["paymentIntentId"], body["paymentLinkId"] = null(), null(), null()
	body["customerDetails"], body["customerUpdate"] = pointerOrNull(s.details), pointerOrNull(s.update)
	if c := s.customer; c != nil {
		body["customerId"] = c.id
		body["customer"] = object{
			"id": c.id, "type": c.kind, "name": orNull(c.name), "email": orNull(c.email), "phone": orNull(c.phone),
			"address": c.knownAddress(), "shipping": null(), "metadata": rawOrNull(c.metadata),
		}
	}
	if s.intent != nil {
		body["paymentIntentId"] = s.intent.id
	}
	if s.link != nil {
		body["paymentLinkId"] = s.link.id
	}
}

// addForm adds the members about the checkout page.
func (s *session) addForm(body object) {
	body["allowPromotionCodes"], body["nameCollection"], body["billingAddressCollection"] = s.allowCodes, s.name, s.billing
	body["shippingAddressCollection"], body["phoneNumberCollection"] = s.shipping, s.phone
	body["feeConfig"] = s.fees.body()
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

// offered returns the payment methods of a session.
func (s *session) offered() []string {
	if s.methods != nil {
		return s.methods
	}
	return s.accepted
}

func (s *session) afterBody() object { return afterBody(s.after, s.expandURL) }

// expandURL replaces the placeholder in a URL with the session's ID.
func (s *session) expandURL(url string) string {
	return strings.ReplaceAll(url, "{CHECKOUT_SESSION_ID}", s.id)
}

// afterBody returns what follows a payment. The function expand completes its URLs.
func afterBody(a api.AfterCompletion, expand func(string) string) object {
	body := object{"type": a.Type, "redirect": null(), "hostedConfirmation": null()}
	if a.Redirect != nil {
		body["redirect"] = object{"url": expand(a.Redirect.URL)}
	}
	if h := a.HostedConfirmation; h != nil {
		body["hostedConfirmation"] = object{"customMessage": orNull(h.CustomMessage), "returnUrl": orNull(expand(h.ReturnURL))}
	}
	return body
}

// fieldBodies returns the custom fields. The sandbox's customer leaves them empty.
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
