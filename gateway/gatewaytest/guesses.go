package gatewaytest

import "github.com/specpay/specpay/internal/sandbox"

// The sources of the rules.
const (
	official = "the gateway's own pages"
	psps     = "the PSPs' own pages"
	inferred = "inferred from the gateway's pages"
	noSource = "no source; the sandbox's own choice"
)

// guesses returns the rules of this sandbox and how certain each one is.
func guesses() []sandbox.Guess {
	var rules []sandbox.Guess
	for _, group := range []struct {
		basis  sandbox.Basis
		source string
		rules  []string
	}{
		{sandbox.Documented, official, documented()},
		{sandbox.Documented, psps, documentedByPSPs()},
		{sandbox.Guessed, inferred, inferredRules()},
		{sandbox.Guessed, noSource, append(guessedCalls(), guessedDeliveries()...)},
	} {
		for _, rule := range group.rules {
			rules = append(rules, sandbox.Guess{Rule: rule, Basis: group.basis, Source: group.source})
		}
	}
	return rules
}

func documented() []string {
	return []string{
		"the signature covers the timestamp, method, path without query and hash of the body; its key is the secret as text",
		"an accepted event has no action if it made the payment final, none if it changes no state, and already_finalized if an earlier event made the payment final",
		"a timestamp that is more than 300 seconds off is rejected; exactly 300 is accepted",
		"19 error texts; refund amount exceeds payment amount as the 20th, from the refund page",
		"statuses 401, 404, 409, 422 and 502",
		"an idempotency key belongs to the app; for 24 hours the same body gets the first response again and another body a conflict",
		"the methods polar and paypal select their PSP for any currency; IDR goes to nicepay",
		"invoice numbers are one sequence for all prefixes, with at least six digits; without a prefix the response has none",
		"qr_string and qr_image_url only for qris with the direct flow",
		"a payment leaves initiated once",
		"one refund for a payment, partial or full; the payment stays succeeded",
		"payments through polar cannot be refunded by the API; a refund at Polar causes refund.succeeded",
		"a notification is signed over its timestamp and body with the webhook secret, with a new timestamp for each delivery",
		"a delivery is retried after a 5xx and ends after a 4xx",
		"the payloads of payment and refund events; a refund's metadata is that of the payment request",
		"a PSP's event is archived before its signature is checked",
		"an app's keys do not give access to the operator's diagnostics",
	}
}

func documentedByPSPs() []string {
	return []string{
		"the merchant token of NICEPAY, the signature of Polar with its secret as text",
		"code 9018 for a missing email, 9008 for an invalid amount, both at NICEPAY",
	}
}

func inferredRules() []string {
	return []string{
		"statuses 400, 500 and 503: from the order of the tables on the error page",
		"the order of the checks: headers, timestamp, window, signature, then body, key, fields, prefix, routing, PSP",
		"after an unsuccessful response its idempotency key can be used again",
		"two bodies are the same if their bytes are the same; one idempotency key on both paths is a conflict",
		"order.paid ends a payment as succeeded; PAYMENT.CAPTURE.COMPLETED, DENIED and REFUNDED have the effects that their names say",
		"acknowledgements are JSON objects",
		"the path that is signed is the decoded one",
		"the names of headers are found in any case, although the gateway's page demands the exact case X-PAY-Key",
		"the provider is called mock in test mode",
	}
}

func guessedCalls() []string {
	return []string{
		"a null for an optional member of a request counts as absent",
		"an unknown X-PAY-Key fails with 401 bad signature",
		"a body that is not JSON, or has a wrong type, fails with 400 and a text of the sandbox's own; so do an unknown path and a wrong method",
		"missing fields are listed in one text, separated by a comma and a space; an amount_minor of 0 is missing, an email never is",
		"a negative amount is rejected by the PSP; the mock accepts any",
		"polar without a product ID, and polar or paypal with IDR, are rejected by the PSP",
		"routing comes before the mock, so that its errors occur in test mode too",
		"the methods polar and paypal bypass allowed_providers, not allowed_methods; a config field changes the first",
		"of two concurrent requests with one idempotency key the second waits for the first; a repeated request has the status of the first",
		"only a payment with a prefix uses an invoice number",
		"without a prefix, getPayment has the payment's ID as invoice_number; a config field removes it",
		"a failed refund prevents another one; a config field changes that; a refund of 0 or less is a missing field",
		"refunds succeed at once; a config field makes them wait or fail",
		"the checkout page, its buttons and the QR image under /mock/checkout, in every mode",
		"the operator's token, the format of the diagnostics, and that a missing token is 401",
		"the IDs of PSPs, the content of the QR code after its first bytes",
	}
}

func guessedDeliveries() []string {
	return []string{
		"the delivery schedule: 30 s after the first attempt, then twice as long each time, six attempts; three config fields change it",
		"a delivery is retried after a redirect, a timeout and a lost connection; any 2xx counts as delivered",
		"a dead delivery is never sent again",
		"subscription.canceled and subscription.revoked have the format of payment events; renewals are not sent",
		"events are sent in the order in which they happen, while the request that caused them waits",
		"NICEPAY events whose status is not 0 or whose matchCl is not 1 have no effect",
		"PayPal's signature is the word sandbox: the gateway verifies signatures with PayPal, which the sandbox cannot do",
		"a reference is a payment's ID or an invoice number; anything else is a bad reference",
	}
}
