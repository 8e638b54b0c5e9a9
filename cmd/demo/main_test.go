package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// TestDemo runs the demo and checks that each step prints its result.
func TestDemo(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatalf("%v after:\n%s", err, out.String())
	}
	text := out.String()
	for _, want := range []string{
		"createToken, attempt 1: HTTP 200", "invoice ", "16 banking apps", "█▄", "15000.00 MNT for order 1001, confirmed by the API", "200 SUCCESS; accepted by QPay: true", "in full: true",
		"INVOICE_PAID (HTTP 400), category conflict, outcome failed", "errors/qpay.html#invoice_paid",
		"PAYMENT_NOTFOUND (HTTP 422), category not_found, outcome failed", "errors/qpay.html#payment_notfound",
		"getPayment, attempt 1: HTTP 401", "getPayment, attempt 2: HTTP 200", "is PAID",
		"no code (no HTTP response), category unknown_outcome, outcome unknown", "errors/qpay.html#unknown-outcome-createinvoice", "QPay created 1 invoice",
		"signed with RSA", "SUCCESS, 25.00 EUR; the signature is valid", "ORDER_NOT_EXIST (HTTP 200), category not_found", "errors/openapi.html#payment_in_process", "is SUCCESS",
		"the provider created 1 order", "order     1001 is paid: 200.00 EGP", "https://docs.xpay.app/integrate/errors/api-error-codes#resource_missing",
		"insufficient_funds (no HTTP response), category declined", "XPay created 1 session", "invalid_api_key (HTTP 401), category auth",
		"payment.succeeded: 50000 IDR", "PROVIDER_CHECKOUT_FAILED (HTTP 502)", "errors/gateway.html#payment_not_found", "the gateway created 1 payment",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the demo does not print %q", want)
		}
	}
}

func TestDemoCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, &bytes.Buffer{}); err == nil {
		t.Error("a canceled demo returned no error")
	}
}
