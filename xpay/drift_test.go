package xpay_test

import "github.com/specpay/specpay/internal/contract/harness"

// deviations are differences from the spec that the contract tests plant into recorded
// traffic.
func deviations() []harness.Deviation {
	return []harness.Deviation{
		{Kind: "unknown-member", Operation: "getProduct", Pointer: "/prices/[]/brandNew", Edit: harness.Put("/prices/0/brandNew", map[string]any{"deep": []any{1.5, nil}})},
		{Kind: "enum-value", Operation: "getRefund", Pointer: "/status", Edit: harness.Put("/status", "HELD")},
		{Kind: "error-code", Operation: "getCustomer", Pointer: "/error/code", Edit: harness.Respond(400, "application/json", `{"error":{"type":"invalid_request_error","code":"brand_new_code","message":"m"},"request_id":"req_1"}`)},
		{Kind: "error-code-status", Operation: "createCustomer", Pointer: "/error/code", Edit: harness.Respond(418, "application/json", `{"error":{"type":"invalid_request_error","code":"resource_missing","message":"m"},"request_id":"req_1"}`)},
		{Kind: "undeclared-status", Operation: "createProduct", Pointer: "", Edit: harness.Respond(202, "application/json", `{}`)},
		{Kind: "content-type", Operation: "listProducts", Pointer: "text/html", Edit: harness.Media("text/html")},
		{Kind: "missing-member", Operation: "getPaymentLink", Pointer: "/id", Edit: harness.Drop("/id")},
		{Kind: "type", Operation: "getProduct", Pointer: "/active", Edit: harness.Put("/active", "yes")},
		{Kind: "null", Operation: "getProduct", Pointer: "/id", Edit: harness.Put("/id", nil)},
		{Kind: "format", Operation: "createRefund", Pointer: "/amount", Edit: harness.Put("/amount", "many")},
	}
}
