package gateway_test

import "github.com/specpay/specpay/internal/contract/harness"

// deviations are differences from the spec that the contract tests plant into recorded
// traffic.
func deviations() []harness.Deviation {
	return []harness.Deviation{
		{Kind: "unknown-member", Operation: "getPayment", Pointer: "/brand_new", Edit: harness.Put("/brand_new", "x")},
		{Kind: "enum-value", Operation: "createRefund", Pointer: "/status", Edit: harness.Put("/status", "held")},
		{Kind: "error-code", Operation: "createPayment", Pointer: "", Edit: harness.Respond(400, "text/plain", "an unheard-of problem")},
		{Kind: "error-code-status", Operation: "createPayment", Pointer: "", Edit: harness.Respond(418, "text/plain", "bad signature")},
		{Kind: "undeclared-status", Operation: "getPayment", Pointer: "", Edit: harness.Respond(202, "application/json", `{}`)},
		{Kind: "content-type", Operation: "createRefund", Pointer: "text/html", Edit: harness.Media("text/html")},
		{Kind: "missing-member", Operation: "createPayment", Pointer: "/payment_id", Edit: harness.Drop("/payment_id")},
		{Kind: "type", Operation: "getPayment", Pointer: "/amount_minor", Edit: harness.Put("/amount_minor", "many")},
		{Kind: "null", Operation: "getPayment", Pointer: "/status", Edit: harness.Put("/status", nil)},
		{Kind: "format", Operation: "createPayment", Pointer: "/checkout_url", Edit: harness.Put("/checkout_url", "")},
	}
}
