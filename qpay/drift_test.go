package qpay_test

import "github.com/specpay/specpay/internal/contract/harness"

// deviations are differences from the spec that the contract tests plant into recorded
// traffic.
func deviations() []harness.Deviation {
	return []harness.Deviation{
		{Kind: "unknown-member", Operation: "getInvoice", Pointer: "/brand_new", Edit: harness.Put("/brand_new", "x")},
		{Kind: "enum-value", Operation: "getPayment", Pointer: "/payment_status", Edit: harness.Put("/payment_status", "HELD")},
		{Kind: "error-code", Operation: "cancelInvoice", Pointer: "/error", Edit: harness.Respond(400, "application/json", `{"error":"BRAND_NEW_CODE","message":"m"}`)},
		{Kind: "error-code-status", Operation: "refundPayment", Pointer: "/error", Edit: harness.Respond(418, "application/json", `{"error":"INVOICE_PAID","message":"m"}`)},
		{Kind: "undeclared-status", Operation: "getSubscription", Pointer: "", Edit: harness.Respond(202, "application/json", `{}`)},
		{Kind: "content-type", Operation: "checkPayment", Pointer: "text/html", Edit: harness.Media("text/html")},
		{Kind: "missing-member", Operation: "createInvoice", Pointer: "/invoice_id", Edit: harness.Drop("/invoice_id")},
		{Kind: "type", Operation: "listPayments", Pointer: "/count", Edit: harness.Put("/count", "three")},
		{Kind: "null", Operation: "listPayments", Pointer: "/rows", Edit: harness.Put("/rows", nil)},
		{Kind: "format", Operation: "getPayment", Pointer: "/payment_fee", Edit: harness.Put("/payment_fee", "ten")},
	}
}
