package xpaytest

import "github.com/specpay/specpay/internal/sandbox"

// The sources of the rules.
const (
	document = "XPay's own OpenAPI document"
	pages    = "XPay's error page and guides"
	sdk      = "the example in the README of XPay's browser SDK"
	plugins  = "XPay's own shop plugins"
	noSource = "no source; the sandbox's own choice"
)

// guesses returns the rules of this sandbox and how certain each one is.
func guesses() []sandbox.Guess {
	rules := make([]sandbox.Guess, 0, 96)
	for _, group := range []struct {
		basis  sandbox.Basis
		source string
		rules  []string
	}{
		{sandbox.Documented, document, fromDocument()},
		{sandbox.Documented, pages, fromPages()},
		{sandbox.Documented, sdk, fromSDK()},
		{sandbox.SeenLive, plugins, fromPlugins()},
		{sandbox.Guessed, noSource, append(guessedCalls(), guessedMoney()...)},
	} {
		for _, rule := range group.rules {
			rules = append(rules, sandbox.Guess{Rule: rule, Basis: group.basis, Source: group.source})
		}
	}
	return rules
}

func fromDocument() []string {
	return []string{
		"only the prefix of the API key selects the mode; IDs of one mode are unknown in the other",
		"a missing API key fails with 401 authentication_required, a missing permission with 403 permission_denied, an unknown ID of a path with 404 resource_missing and the message No such <type>: <id>",
		"getAccount works with a live key of an account that is not approved; livePaymentsEnabled is then false",
		"request bodies must not have unknown members, except for a customer's address",
		"URIs, email addresses, colors, branding, metadata and the filter type of customers must have the declared form",
		"null is accepted for the members that are nullable, and for no others",
		"responses have the members that the document requires, and null only where it allows null",
		"an update and an expiry require an open session; otherwise they fail with 409 resource_invalid_state",
		"an update of mode, uiMode, submitType, currency or expiresAfterMinutes is rejected with 400",
		"lineItems of an update replace all lines and keep the locked exchange rate",
		"a session stays open for 24 hours unless expiresAfterMinutes is given, at least 30",
		"an email address can be registered once; a second time fails with 409 resource_invalid_state",
		"deleting a product or price that was used fails with 400 resource_invalid_state",
		"deletePrice clears the product's default price; updateProduct merges metadata; null clears a member",
		"createRefund takes either chargeId or paymentIntentId; without amount it refunds all that is left",
		"a charge has one refund in progress at a time; another one fails with 409 resource_invalid_state",
		"a coupon, price, product or customer that a request names and that does not exist fails with 404 resource_missing",
		"a refund debits the balance at once, and XPay keeps its fees",
		"lists take page from 1 and limit from 1 to 100 with the default 20; refunds are a bare array",
		"only the response of createWebhookEndpoint contains the endpoint's secret",
	}
}

func fromPages() []string {
	return []string{
		"the codes, their types, and the statuses of the groups that have one; doc_url is the page, # and the code",
		"the two 403 codes have the type invalid_request_error",
		"an unknown member fails with parameter_unknown, customerUpdate without customerId with parameter_requires_another (the document says ignored; config field customer_update_alone)",
		"a line without price and priceData fails with line_item_missing_price; recurring prices are rejected",
		"an idempotency key that was used with another request fails with 409 idempotency_key_in_use (config field key_mismatch_status)",
		"the event envelope, the header XPay-Signature, and five attempts after 0, 1 min, 5 min, 30 min and 2 h; any 2xx ends them",
		"after the last attempt webhook_endpoint.delivery_failed is sent to another endpoint; the endpoint stays enabled",
		"a declined payment is not an HTTP error: lastPaymentError and the charge contain it, and charge.failed is sent",
		"customerId cannot name a guest",
	}
}

func fromSDK() []string {
	return []string{
		"amountTotal contains the fee and the VAT that the customer pays in addition to the price; the sample of a guide leaves out the VAT (config field collected_vat)",
	}
}

func fromPlugins() []string {
	return []string{
		"customerId excludes customerCreation always",
		"a session without currency is in EGP, whatever the currency of its lines, and then rejects lines in another one",
		"a payment method that getAccount does not list for the currency fails with parameter_invalid about paymentMethodTypes",
		"uiMode custom rejects submitType and the collection members, even with the value false",
		"a webhook endpoint too many fails with 400 and a message about the maximum, without a code of its own",
		"the amount in the response of createRefund is a string (config field refund_amount)",
		"every operation accepts the query parameter liveMode",
		"an idempotency key is remembered for a day; 4xx responses are replayed; 408, 429 and 503 are not",
		"an idempotency key whose first request is in progress fails with 409 idempotency_key_in_use",
		"an idempotency key is bound to method, path, query and body, and has at most 255 characters",
		"payment_intent.payment_failed contains the payment intent with its session's ID and metadata",
		"a refund can be FAILED inside a 201 (config field refund_outcome); refunds do not change afterwards",
		"refunds are in EGP, the processing currency; presentmentDetails repeat them in the customer's currency",
		"fawry and valu support EGP only, and valu payments cannot be refunded",
		"lineItems can be empty in the response of an update (config field empty_lines_after_update)",
	}
}

func guessedCalls() []string {
	return []string{
		"a null for a nullable member of a new object counts as absent",
		"a value in a wrong form fails with parameter_invalid, and so does null, but for a required member with parameter_missing",
		"what counts as a URI and an email address; metadata of a product that is text must be a JSON object",
		"param names the member with an ID that does not exist, and is id for the ID of a path",
		"a used price can be updated with the values that it has",
		"the status of a code without a documented one is 400",
		"order of checks: API key, JSON, idempotency key, types and unknown members, required members and limits, objects, state",
		"every response has its request ID in the header X-Request-Id",
		"the permission that each operation requires of a restricted key; prices require PRODUCTS",
		"a liveMode that contradicts the API key fails with 400 invalid_request",
		"every operation with a publishable key fails with 403 permission_denied",
		"an unknown path fails with 404 invalid_request, a wrong method with 405",
		"currencies in lower case are accepted and returned in upper case",
		"lists are in the order of creation, refunds newest first; refunds have a default limit of 20",
		"a currency that getAccount does not list fails with parameter_invalid about currency",
		"lines in two currencies, or in another currency than the session's, fail with validation_error",
		"the account accepts EGP, USD, EUR, SAR and KWD, card, fawry and valu (config fields currencies and payment_methods); products, prices and payment links can have any currency",
		"a guest as customerId, an unknown enum value and an invalid URL fail with parameter_invalid",
		"a member that the uiMode does not permit fails with parameters_exclusive, and so does customerCreation always with customerId",
		"a webhook endpoint on this machine can have an http URL",
		"an account can have 16 webhook endpoints in a mode, and the code of the refusal is invalid_request",
		"an endpoint can subscribe to known event types only",
		"the members of webhook_endpoint.delivery_failed; its own failed delivery is not reported",
		"a deleted or disabled endpoint receives nothing more, not even pending retries",
		"customer.*, product.*, coupon.* and promotion_code.* events are not sent, since most of their names are not known",
		"charge.failed is sent before payment_intent.payment_failed; an expired payment reference sends async_payment_failed only",
		"refund.created is sent before charge.refunded and refund.failed",
		"events are sent before the response of the request that caused them",
		"the filters of payment links: bt includes its bounds, the days of date are in timezone, UTC by default",
		"phone numbers of the form 01xxxxxxxxx become +201xxxxxxxxx",
	}
}

func guessedMoney() []string {
	return []string{
		"amounts of a session are in EGP, and presentmentDetails are in the currency of its prices",
		"the exchange rates: USD 50.25, EUR 54.8, SAR 13.4, KWD 163.905; any other pair fails with exchange_rate_not_found",
		"the fee that a customer pays is 3.5 % of the price after the discount, and XPay keeps as much of each charge; VAT is a share of the same price, 14 % if no rate is given",
		"the VAT that a customer pays is charged only if amountTotal contains it",
		"without a feeConfig the account's settings apply, and the customer pays neither fee nor VAT (config fields fees_pass_through and vat_rate)",
		"there is no VAT on the fee that a customer pays",
		"a line whose price the customer chooses has the preset amount, else the minimum",
		"the first attempt to pay creates the payment intent; a decline returns it to REQUIRES_PAYMENT_METHOD",
		"a payer without a customer becomes a guest, or registered if customerCreation is always",
		"the rest of a charge is available at once, in addition to config field balance",
		"a refund above what is left fails with amount_invalid, a refund of a fully refunded charge with 400 resource_invalid_state",
		"failed refunds do not change the balance; pending ones debit it and stay pending",
		"a fawry reference expires after 72 hours",
		"stock is reduced when the payment succeeds; a price without enough stock is sold out for new sessions and for the customer",
		"a discount is pending until the session is paid; the larger of percentage and amount applies",
		"the product and price of a line's priceData are stored once the session is open",
	}
}
