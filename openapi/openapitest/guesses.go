package openapitest

import "github.com/specpay/specpay/internal/sandbox"

// The sources of the rules.
const (
	pagesV2  = "the provider's pages, edition v2"
	pagesV1  = "the provider's pages, edition v1"
	guides   = "the provider's integration guides"
	sisters  = "sister platforms of the same wallet family"
	noSource = "no source; the sandbox's own choice"
)

// guesses returns the rules of this sandbox and how certain each one is.
func guesses() []sandbox.Guess {
	rules := make([]sandbox.Guess, 0, 64)
	for _, group := range []struct {
		basis  sandbox.Basis
		source string
		rules  []string
	}{
		{sandbox.Documented, pagesV2, documented()},
		{sandbox.Documented, pagesV1, []string{
			"inquiryRefund and inquiryVoid have the fields of v1; the provider's ID takes precedence over the merchant's",
			"AUTH_SUCCESS is the state of an authorized payment",
			"pay can return A ACCEPT with a redirectActionForm",
		}},
		{sandbox.Documented, guides, []string{
			"Request-Time of a request may differ from the clock by at most five minutes, in either direction",
			"a scanned payment code works once and for 60 seconds (config field payment_code_life)",
			"a notification is delivered when the merchant replies with status 200 and a result S",
		}},
		{sandbox.Guessed, sisters, fromSisters()},
		{sandbox.Guessed, noSource, append(guessedCalls(), guessedMoney()...)},
	} {
		for _, rule := range group.rules {
			rules = append(rules, sandbox.Guess{Rule: rule, Basis: group.basis, Source: group.source})
		}
	}
	return rules
}

func documented() []string {
	return []string{
		"the signed content is: method, space, path including /api/open, line feed, Client-Id, dot, time, dot, the bytes of the body",
		"the signature is RSA PKCS #1 v1.5 over SHA-256; keyVersion selects the key",
		"responses are signed too",
		"a final response, S or F, is replayed for the same request ID; different parameters under it fail with REPEAT_REQ_INCONSISTENT",
		"a message that is sent again under its requestId has the same messageId",
		"cancel of a finished or canceled payment fails with ORDER_IS_CLOSED",
		"a payment can have several refunds as long as their sum stays within it; beyond that it fails with REFUND_AMOUNT_EXCEED",
		"a void covers the whole payment and is possible before settlement; afterwards it fails with ORDER_ALREADY_SETTLED",
		"a capture above the authorized amount fails with CAPTURE_AMOUNT_EXCEED, a late one with AUTHORIZATION_EXPIRED",
		"an authorization code works once; the errors are USED_CODE, EXPIRED_CODE and INVALID_CODE",
		"the inquiry of a failed payment has the result S and paymentStatus FAIL",
		"the value of an amount is a JSON string (config field amounts)",
		"times in bodies have an offset (config field times)",
		"the length limits of the fields",
	}
}

func fromSisters() []string {
	return []string{
		"a response has the headers Client-Id of the caller, Response-Time and Signature, in this case; its signed content has the path of the request (config fields time_header, header_names)",
		"a Signature header of the platform has the parts of a request's: algorithm=RSA256, keyVersion and signature (config fields algorithm, key_version, platform_key, parameter_names)",
		"the time of a response or notification in its headers is in UTC (config field header_times)",
		"the signed content of a notification has the merchant's Client-Id, which is also sent as a header (config field notification_content), and the path with the query of the URL",
		"the value of an amount has at most 16 digits; JSON strings and numbers are accepted",
		"the algorithm's name is not case-sensitive; if it is absent, RSA256 is assumed",
	}
}

func guessedCalls() []string {
	return []string{
		"a null for an optional member of a request counts as absent",
		"a response has the encoding of the signature of its request, a notification standard Base64 (config field encoding)",
		"pay charges the user at once; if it is accepted instead, the user pays within the time of a payment link, and a retry returns the same address (config field agreement_pay)",
		"a message is sent at once, and the user accepts push notifications (config fields messages, subscribed)",
		"order of checks: Client-Id, time, signature, JSON, required members, limits, amount and currency, request ID, business rules",
		"a request that fails before its request ID is checked does not use up the ID",
		"HTTP 401, 400, 403, 429 and 503 for the codes with those meanings, 200 for all others (config field statuses)",
		"an unknown path has status 404, a wrong method 405, both with NO_INTERFACE_DEF; a body that is not JSON fails with PARAM_ILLEGAL",
		"the parameters of a retry are compared by value, not by bytes; pay, retailPay, createQrOrder and linkPayCreate share one space of request IDs",
		"a retry while the first request is in progress returns U with a code such as PAYMENT_IN_PROCESS",
		"request IDs are remembered for ten years",
		"a failed notification is sent again after 30 s, 1 m, 5 m, 30 m, 1 h and 6 h, when the clock is advanced or the next request arrives",
		"each attempt to deliver a notification has a new time and signature (config field redelivery)",
		"the notification of a payment that is decided at once is sent before the response",
		"the cashier notification is never sent, since no page says when",
		"void and capture have no notification of their own (config field family_members), and responses only the members that the provider's pages name; a captured payment has the notification of a payment",
		"the contract notification VALID follows applyToken, because it contains the access token",
		"applyToken with another referenceClientId than prepare fails with INVALID_AUTH_CLIENT; without one it is accepted",
		"an access token is valid for an hour, a refresh token for 30 days and once, an authorization code for 5 minutes (config fields access_life, refresh_life, auth_code_life)",
		"a charge with a token of a plain login fails with INSUFFICIENT_SCOPE, with one of an ended agreement with INVALID_ACCESS_TOKEN",
		"the members of voidDetails",
	}
}

func guessedMoney() []string {
	return []string{
		"a QR order or a payment link can be paid for 15 minutes; then its state is FAIL with QR_EXPIRED or PAYMENT_TIMEOUT (config field order_life)",
		"the state of a canceled payment is FAIL, and the merchant is notified",
		"a payment is settled 24 hours after it was paid (config field settle_after)",
		"the amount of a refund in process counts as refunded; a failed refund releases it",
		"a payment with a refund cannot be voided; a voided payment cannot be refunded, and its state stays SUCCESS",
		"any open payment can be authorized instead of paid, for seven days (config field authorization_life); the void of an authorized payment changes its state to FAIL",
		"an authorization is captured once; then the state of the payment is SUCCESS, and it can be refunded up to the captured amount",
		"refunds, voids and captures complete at once (config field processing)",
		"a retry of a failed refund, void or capture fails with PROCESS_FAIL",
		"there is one currency, EUR (config field currency)",
		"the scanned code determines the result of its payment",
	}
}
