package openapi_test

import "github.com/specpay/specpay/internal/contract/harness"

// deviations are differences from the spec that the contract tests plant into recorded
// traffic.
func deviations() []harness.Deviation {
	return []harness.Deviation{
		{Kind: "unknown-member", Operation: "inquiryPayment", Pointer: "/brandNew", Edit: harness.Put("/brandNew", "x")},
		{Kind: "enum-value", Operation: "inquiryPayment", Pointer: "/paymentStatus", Edit: harness.Put("/paymentStatus", "HELD")},
		{Kind: "error-code", Operation: "cancel", Pointer: "/result/resultCode", Edit: harness.Put("/result", map[string]any{"resultCode": "BRAND_NEW_CODE", "resultStatus": "F", "resultMessage": "m"})},
		{Kind: "unreadable-body", Operation: "refundApply", Pointer: "", Edit: harness.Respond(200, "application/json", "<html></html>")}, // the codes of this API have no statuses
		{Kind: "undeclared-status", Operation: "void", Pointer: "", Edit: harness.Respond(202, "application/json", `{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"m"}}`)},
		{Kind: "content-type", Operation: "capture", Pointer: "text/html", Edit: harness.Media("text/html")},
		{Kind: "missing-member", Operation: "inquiryRefund", Pointer: "/result", Edit: harness.Drop("/result")},
		{Kind: "type", Operation: "createQrOrder", Pointer: "/qrCode", Edit: harness.Put("/qrCode", 5)},
		{Kind: "null", Operation: "linkPayCreate", Pointer: "/redirectUrl", Edit: harness.Put("/redirectUrl", nil)},
		{Kind: "format", Operation: "pay", Pointer: "/paymentId", Edit: harness.Put("/paymentId", "")},
	}
}
