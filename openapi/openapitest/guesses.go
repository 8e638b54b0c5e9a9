package openapitest

import "github.com/specpay/specpay/internal/sandbox"

// Where the rules come from.
const (
	pages   = "the provider's pages, edition v2"
	later   = "the provider's pages, edition v1"
	guides  = "the provider's integration guides"
	sisters = "sister platforms of the same wallet family"
	nobody  = "no source; the sandbox had to choose"
)

// guesses are the rules of this sandbox and how sure each is.
func guesses() []sandbox.Guess {
	rules := make([]sandbox.Guess, 0, 64)
	for _, group := range []struct {
		basis  sandbox.Basis
		source string
		rules  []string
	}{
		{sandbox.Documented, pages, documented()},
		{sandbox.Documented, later, []string{
			"inquiryRefund and inquiryVoid have the fields of v1; the provider's id wins over the merchant's",
			"AUTH_SUCCESS is the state of an authorized payment",
		}},
		{sandbox.Documented, guides, []string{
			"Request-Time may be five minutes away from the clock, on both sides",
			"a scanned payment code works once, for 60 seconds",
			"what the merchant answers to a notification has to be status 200 with a result S",
		}},
		{sandbox.Guessed, sisters, fromSisters()},
		{sandbox.Guessed, nobody, append(guessedCalls(), guessedMoney()...)},
	} {
		for _, rule := range group.rules {
			rules = append(rules, sandbox.Guess{Rule: rule, Basis: group.basis, Source: group.source})
		}
	}
	return rules
}

func documented() []string {
	return []string{
		"what is signed: method, blank, path with its /api/open, line feed, Client-Id, dot, time, dot, the bytes of the body",
		"the signature is RSA PKCS #1 v1.5 over SHA-256; keyVersion chooses the key",
		"answers are signed too",
		"a final answer, S or F, is given again for the same request id; other parameters under it are REPEAT_REQ_INCONSISTENT",
		"a message repeated under its requestId has the same messageId",
		"cancel of a payment that is finished or cancelled is ORDER_IS_CLOSED",
		"refunds may be several while their sum stays within the payment: REFUND_AMOUNT_EXCEED beyond",
		"a void is for the whole payment and for the time before settlement: ORDER_ALREADY_SETTLED after it",
		"a capture above the authorized sum is CAPTURE_AMOUNT_EXCEED, a late one AUTHORIZATION_EXPIRED",
		"an authorization code works once: USED_CODE, EXPIRED_CODE, INVALID_CODE",
		"a payment that failed is an inquiry with S and paymentStatus FAIL",
		"the limits of the fields",
	}
}

func fromSisters() []string {
	return []string{
		"the headers of an answer: Client-Id of the caller, Response-Time, Signature; its content has the path of the request",
		"the content of a notification starts with the merchant's Client-Id, which is sent as a header too, and has the query of the address",
		"the value of an amount has at most 16 digits; text and number are taken",
		"the algorithm's name counts in any case, and RSA256 is meant when it is absent",
	}
}

func guessedCalls() []string {
	return []string{
		"a null for an optional member of a request counts as absent",
		"order of checks: Client-Id, time, signature, JSON, required members, limits, amount and currency, request id, business",
		"a request that is refused before its request id is looked at leaves the id free",
		"HTTP 401, 400, 403, 429 and 503 for the codes of those meanings, 200 for all others (switch statuses)",
		"a path nobody knows is 404, a wrong method 405, both with NO_INTERFACE_DEF; a body that is no JSON is PARAM_ILLEGAL",
		"parameters of a repetition are compared by value, not by bytes; pay, retailPay, createQrOrder and linkPayCreate share one space of ids",
		"a repetition while the first request is under way is answered with U and the code that says so",
		"request ids are known for ten years",
		"a failed notification is sent again after 30 s, 1 m, 5 m, 30 m, 1 h and 6 h, when the clock is moved or the next request comes",
		"the notification of a payment that is decided at once is sent before its answer",
		"the cashier notification is never sent, since no page says when",
		"void and capture have no notification of their own; a captured payment has that of a payment",
		"the contract notification VALID follows applyToken, because it holds the access token",
		"applyToken without or with another referenceClientId than prepare: only another one is INVALID_AUTH_CLIENT",
		"an access token lives for an hour, a refresh token for 30 days and once, an authorization code for 5 minutes",
		"a token of a plain login cannot charge: INSUFFICIENT_SCOPE; one of an ended agreement neither: INVALID_ACCESS_TOKEN",
		"members of voidDetails",
	}
}

func guessedMoney() []string {
	return []string{
		"a QR order or a link can be paid for 15 minutes; then it is FAIL with QR_EXPIRED or PAYMENT_TIMEOUT",
		"a cancelled payment is FAIL, and that is notified",
		"a payment is settled 24 hours after it was paid",
		"money of a refund in process counts; a failed refund frees it",
		"a payment with a refund cannot be voided; a void payment cannot be refunded and stays SUCCESS",
		"any waiting payment can be authorized instead of paid, for seven days; the void of an authorized one makes it FAIL",
		"an authorization is captured once; then the payment is SUCCESS and can be refunded up to the captured sum",
		"refunds, voids and captures are done at once (switch processing)",
		"a failed refund, void or capture answers PROCESS_FAIL to a repetition",
		"one currency only, EUR (switch currency)",
		"the scanned code says what becomes of its payment",
	}
}
