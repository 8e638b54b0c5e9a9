package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// TestWalk takes the whole tour and sees that each step said what it should.
func TestWalk(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatalf("%v after:\n%s", err, out.String())
	}
	text := out.String()
	for _, want := range []string{
		"createToken, attempt 1: HTTP 200", "invoice ", "16 apps can open it", "█▄", "confirmed by the API", "200 SUCCESS, accepted by QPay: true", "in full: true",
		"INVOICE_PAID (HTTP 400, class conflict, outcome failed)", "errors/qpay.html#invoice_paid",
		"PAYMENT_NOTFOUND (HTTP 422, class not_found, outcome failed)", "errors/qpay.html#payment_notfound",
		"getPayment, attempt 1: HTTP 401", "is PAID", "outcome unknown", "errors/qpay.html#unknown-outcome-createinvoice", "1 invoice was made at QPay",
		"signed with RSA", "ORDER_NOT_EXIST (HTTP 200, class not_found", "errors/openapi.html#payment_in_process", "is SUCCESS",
		"order     1001 is paid: 200.00 EGP", "https://docs.xpay.app/integrate/errors/api-error-codes#resource_missing", "insufficient_funds (no answer, class declined",
		"payment.succeeded: 50000 IDR", "PROVIDER_CHECKOUT_FAILED (HTTP 502", "errors/gateway.html#payment_not_found", "and the ledger grew by 1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the tour does not say %q", want)
		}
	}
}

func TestWalkStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, &bytes.Buffer{}); err == nil {
		t.Error("a cancelled tour ends well")
	}
}
