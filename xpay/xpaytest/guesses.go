package xpaytest

import "github.com/specpay/specpay/internal/sandbox"

// Where the rules come from.
const (
	document = "XPay's own OpenAPI document"
	pages    = "XPay's error page and guides"
	plugins  = "XPay's own shop plugins"
	nobody   = "no source; the sandbox had to choose"
)

// guesses are the rules of this sandbox and how sure each is.
func guesses() []sandbox.Guess {
	rules := make([]sandbox.Guess, 0, 96)
	for _, group := range []struct {
		basis  sandbox.Basis
		source string
		rules  []string
	}{
		{sandbox.Documented, document, byDocument()},
		{sandbox.Documented, pages, byPages()},
		{sandbox.SeenLive, plugins, byPlugins()},
		{sandbox.Guessed, nobody, append(guessedCalls(), guessedMoney()...)},
	} {
		for _, rule := range group.rules {
			rules = append(rules, sandbox.Guess{Rule: rule, Basis: group.basis, Source: group.source})
		}
	}
	return rules
}

func byDocument() []string {
	return []string{
		"the key's prefix alone chooses the mode; ids of one mode are unknown in the other",
		"a missing key is 401 authentication_required, a missing right 403 permission_denied, an unknown id 404 resource_missing with No such <type>: <id>",
		"getAccount works with a live key of an account that is not approved; livePaymentsEnabled says so",
		"request bodies are closed, and answers have the members that the document requires",
		"an update and an expiry need an open session, else 409 resource_invalid_state",
		"an update of mode, uiMode, submitType, currency or expiresAfterMinutes is refused with 400",
		"lineItems of an update replace all lines and keep the locked rate",
		"a session stays open for 24 hours unless expiresAfterMinutes says otherwise, 30 at least",
		"an e-mail address is registered once: 409 resource_invalid_state",
		"a product or price that was used cannot be deleted: 400 resource_invalid_state",
		"deletePrice clears the product's default price; updateProduct merges metadata; null clears",
		"createRefund takes one of chargeId and paymentIntentId, and without amount the whole rest",
		"one refund of a charge at a time: 409 resource_invalid_state while another moves",
		"a refund debits the balance at once and XPay keeps its fees",
		"page and limit of lists: from 1, and 1 to 100 with 20 as default; refunds are a bare array",
		"the secret of a webhook endpoint is shown when it is made and never again",
	}
}

func byPages() []string {
	return []string{
		"codes, their types, and the statuses of the groups that have one; doc_url is the page, # and the code",
		"the two 403 codes are invalid_request_error",
		"an unknown member is parameter_unknown, customerUpdate without customerId parameter_requires_another (the document says ignored; there is a switch)",
		"a line without price and priceData is line_item_missing_price; recurring prices are refused",
		"one idempotency key with another request is 409 idempotency_key_in_use (there is a switch)",
		"the event envelope, the header XPay-Signature, and five attempts after 0, 1 min, 5 min, 30 min and 2 h; any 2xx ends them",
		"after the last attempt webhook_endpoint.delivery_failed goes to another endpoint; the endpoint stays enabled",
		"a declined payment is no HTTP error: it stands on lastPaymentError and on the charge, and charge.failed is sent",
		"guests cannot be named by customerId",
	}
}

func byPlugins() []string {
	return []string{
		"the amount in the answer of createRefund is text (there is a switch)",
		"the query parameter liveMode is taken everywhere",
		"an idempotency key lives for a day; 4xx answers are kept, 408, 429 and 503 are not",
		"a key whose first request is under way is 409 idempotency_key_in_use",
		"an idempotency key is bound to method, path, query and body, and has 255 characters at most",
		"payment_intent.payment_failed carries the payment intent with its session's id and metadata",
		"a refund can be FAILED inside a 201 (there is a switch); refunds do not change afterwards",
		"refunds are in EGP, the processing currency; presentmentDetails mirror them",
		"fawry and valu take EGP only, and valu payments cannot be refunded",
		"lineItems can be empty in the answer of an update (there is a switch)",
	}
}

func guessedCalls() []string {
	return []string{
		"a null for an optional member of a request counts as absent",
		"the status of a code without one is 400",
		"the order: key, JSON, idempotency key, types and unknown members, required members and bounds, objects, state",
		"every answer has its request id in the header X-Request-Id",
		"the right that each call of a restricted key needs; prices need PRODUCTS",
		"a liveMode that contradicts the key is 400 invalid_request",
		"a publishable key is 403 permission_denied everywhere",
		"an unknown path is 404 invalid_request, a wrong method 405",
		"lower-case currencies are taken and answered in upper case",
		"lists are in the order of creation, refunds newest first; refunds have a default limit of 20",
		"lines in two currencies are validation_error",
		"a guest as customerId, an unknown word and a bad address are parameter_invalid",
		"what uiMode does not allow is parameters_exclusive",
		"an http address of a webhook endpoint is taken on this machine",
		"an account can have 16 webhook endpoints in a mode; one more is 400 invalid_request",
		"only event types that are known can be subscribed to",
		"the members of webhook_endpoint.delivery_failed; it is not sent about itself",
		"a removed or disabled endpoint gets nothing more, also not what was under way",
		"customer.*, product.*, coupon.* and promotion_code.* events are not sent, since most of their names are not known",
		"charge.failed comes before payment_intent.payment_failed; a lapsed reference sends async_payment_failed only",
		"refund.created comes before charge.refunded and refund.failed",
		"events are sent before the call that caused them is answered",
		"the payment link conditions: bounds included in bt, days of date in timezone, UTC by default",
		"phone numbers of the form 01xxxxxxxxx become +201xxxxxxxxx",
	}
}

func guessedMoney() []string {
	return []string{
		"amounts of a session are in EGP, and presentmentDetails have the currency of its prices",
		"the rates: USD 50.25, EUR 54.8, SAR 13.4, KWD 163.905; any other pair is exchange_rate_not_found",
		"amountTotal is subtotal less discount; fees and VAT are never added",
		"a line whose price the customer chooses counts with the preset, else with the minimum",
		"a payment intent begins with the first attempt; a decline leads back to REQUIRES_PAYMENT_METHOD",
		"who pays without a customer becomes a guest, or registered when customerCreation is always",
		"XPay keeps 2 % of a charge, and the rest is available at once; Config.Balance was there before",
		"a refund above what is left is amount_invalid, of a charge given back in full resource_invalid_state with 400",
		"failed refunds leave the balance alone; pending ones debit it and stay pending",
		"a fawry reference runs out after 72 hours",
		"stock is taken when the money comes, and a price without enough stock is sold out for new sessions and for the customer",
		"a discount is pending until the session is paid; the larger of percentage and amount counts",
		"a price's own product and price of a line are kept once the session is open",
	}
}
