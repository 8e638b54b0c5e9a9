package gatewaytest

import "github.com/specpay/specpay/internal/sandbox"

// Where the rules come from.
const (
	official = "the gateway's own pages"
	psps     = "the PSPs' own pages"
	inferred = "inferred from the gateway's pages"
	nobody   = "no source; the sandbox had to choose"
)

// guesses are the rules of this sandbox and how sure each is.
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
		{sandbox.Guessed, nobody, append(guessedCalls(), guessedDeliveries()...)},
	} {
		for _, rule := range group.rules {
			rules = append(rules, sandbox.Guess{Rule: rule, Basis: group.basis, Source: group.source})
		}
	}
	return rules
}

func documented() []string {
	return []string{
		"the signature covers timestamp, method, path without query and the hash of the body; its key is the secret as text",
		"a timestamp more than 300 seconds off is refused; exactly 300 passes",
		"19 error texts; refund amount exceeds payment amount as the 20th, from the refund page",
		"statuses 401, 404, 409, 422 and 502",
		"an idempotency key belongs to the app; the same body gets the first answer for 24 hours, another body a conflict",
		"the methods polar and paypal choose their PSP whatever the currency; IDR goes to nicepay",
		"invoice numbers are one sequence for all prefixes, six digits at least; without a prefix there is none in the answer",
		"qr_string and qr_image_url only for qris with the direct flow",
		"a payment leaves initiated once; later events are acknowledged as already_finalized",
		"one refund for a payment, partial or full; the payment stays succeeded",
		"payments through polar cannot be refunded by the API; a refund at Polar brings refund.succeeded",
		"a notification is signed over its timestamp and body with the webhook secret, with a new timestamp for each delivery",
		"a 5xx is delivered again, a 4xx ends the delivery",
		"the payloads of payment and refund events; a refund's metadata is that of the payment as it was made",
		"a PSP's event is archived before its signature is looked at",
		"an app's keys do not open the operator's diagnostics",
	}
}

func documentedByPSPs() []string {
	return []string{
		"the merchant token of NICEPAY, the signature of Polar with its secret as text",
		"code 9018 for a missing email, 9008 for a bad amount, both at NICEPAY",
	}
}

func inferredRules() []string {
	return []string{
		"statuses 400, 500 and 503: from the order of the tables on the error page",
		"the order of the checks: headers, timestamp, window, signature, then body, key, fields, prefix, routing, PSP",
		"an answer that is not a success frees its idempotency key",
		"a body is the same when its bytes are the same; one key on both paths is a conflict",
		"order.paid ends a payment as succeeded; PAYMENT.CAPTURE.COMPLETED, DENIED and REFUNDED do what their names say",
		"acknowledgements are JSON objects",
		"the provider is called mock in test mode",
	}
}

func guessedCalls() []string {
	return []string{
		"a null for an optional member of a request counts as absent",
		"an unknown X-PAY-Key is answered with 401 bad signature",
		"a body that is not JSON, or has a wrong type, is answered with 400 and a text of the sandbox's own; so are an unknown path and a wrong method",
		"missing fields are named in one list, with a comma and a space between; an amount_minor of 0 is missing, an email never is",
		"a negative amount is refused by the PSP; the mock takes anything",
		"polar without the id of a product, and polar or paypal with IDR, are refused by the PSP",
		"routing comes before the mock, so that test mode meets its refusals too",
		"the methods polar and paypal go past allowed_providers, not past allowed_methods; a switch changes the first",
		"two requests under one key: the second waits for the first; a repetition has the status of the first",
		"only a payment with a prefix uses up an invoice number",
		"getPayment has the payment's id as invoice_number where there is no prefix; a switch leaves it out",
		"a failed refund blocks another one; a switch changes that; a refund of 0 or less is a missing field",
		"refunds succeed at once; a switch lets them wait or be refused",
		"the checkout page, its buttons and the QR picture under /mock/checkout, in every mode",
		"the operator's token, the shape of the diagnostics, and that a missing token is 401",
		"the ids of PSPs, the content of the QR code beyond its first bytes",
	}
}

func guessedDeliveries() []string {
	return []string{
		"the delivery schedule: 30 s after the first attempt, then twice as long each time, six attempts; three switches change it",
		"a redirect, a timeout and a lost connection are delivered again; any 2xx counts as taken",
		"a dead delivery is never sent again",
		"subscription.canceled and subscription.revoked have the shape of payment events; renewals are not sent",
		"events are sent in the order in which they happen, while the request that caused them waits",
		"NICEPAY events whose status is not 0 or whose matchCl is not 1 change nothing",
		"PayPal's signature is the word sandbox: the gateway asks PayPal, and here is nobody to ask",
		"a reference is a payment's id or an invoice number; anything else is a bad reference",
	}
}
