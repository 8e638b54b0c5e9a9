package openapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
)

// TestSuccessDoesNotPrintAsUnknownFailure prints the result of a paid payment. Its code,
// SUCCESS, is not an error code, so the catalog of error codes does not have it.
func TestSuccessDoesNotPrintAsUnknownFailure(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	made, err := c.CreateQROrder(t.Context(), qrOrder(srv.ProductCode()))
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Pay(made.PaymentID); err != nil {
		t.Fatal(err)
	}
	paid, err := c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: made.PaymentID})
	if err != nil {
		t.Fatal(err)
	}
	if paid.Result.ResultCode.Known() {
		t.Fatalf("ResultCode: got %s, want a code that is not an error code", paid.Result.ResultCode)
	}
	for _, v := range []any{paid, *paid, paid.Result, paid.Result.ResultCode} {
		got := fmt.Sprintf("%+v", v)
		for _, misleading := range []string{"not in", "catalog", "unknown", "error"} {
			if strings.Contains(got, misleading) {
				t.Errorf("%T: got %s, want a text without %q", v, got, misleading)
			}
		}
		if !strings.Contains(got, `openapi: "SUCCESS"`) {
			t.Errorf(`%T: got %s, want a text with openapi: "SUCCESS"`, v, got)
		}
	}
}
