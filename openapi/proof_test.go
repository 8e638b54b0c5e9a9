package openapi_test

import (
	"errors"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// TestOnlyAProvedStateSettlesACall: a response to an inquiry that is about something
// else, not a success, or ambiguous proves neither that money moved nor that it did not.
func TestOnlyAProvedStateSettlesACall(t *testing.T) {
	account := openapitest.NewServer(t).Credentials().ClientID
	const s = `{"result":{"resultStatus":"S","resultCode":"SUCCESS"},`
	refund := map[string]string{"/refundRequestId": "R-1", "/refundAmount/value": "100", "/refundAmount/currency": "EUR"}
	for _, tt := range []struct {
		name, operation string
		request         map[string]string
		body            string
		want            apierr.Outcome
	}{
		{"the refund failed", "refundApply", refund, s + `"refundRequestId":"R-1","refundStatus":"FAIL"}`, apierr.OutcomeNotApplied},
		{"the refund failed, without its ID", "refundApply", refund, s + `"refundStatus":"FAIL"}`, apierr.OutcomeNotApplied},
		{"no state", "refundApply", refund, s + `"refundRequestId":"R-1"}`, apierr.OutcomePending},
		{"another refund", "refundApply", refund, s + `"refundRequestId":"R-2","refundStatus":"FAIL"}`, apierr.OutcomeUnknown},
		{"another capture", "capture", map[string]string{"/captureRequestId": "C-1"}, s + `"captureRequestId":"C-2","captureStatus":"SUCCESS"}`, apierr.OutcomeUnknown},
		{"no result", "refundApply", refund, `{"refundRequestId":"R-1","refundStatus":"FAIL"}`, apierr.OutcomeUnknown},
		{"result null", "refundApply", refund, `{"result":null,"refundRequestId":"R-1","refundStatus":"FAIL"}`, apierr.OutcomeUnknown},
		{"an empty result", "pay", map[string]string{"/paymentRequestId": "P-1"}, `{"result":{},"paymentStatus":"SUCCESS"}`, apierr.OutcomeUnknown},
		{"the inquiry is only accepted", "refundApply", refund, `{"result":{"resultStatus":"A","resultCode":"ACCEPT"},"refundRequestId":"R-1","refundStatus":"FAIL"}`, apierr.OutcomePending},
		{"two states", "refundApply", refund, s + `"refundRequestId":"R-1","refundStatus":"PROCESSING","RefundStatus":"FAIL"}`, apierr.OutcomeUnknown},
		{"a record without an ID", "cancel", map[string]string{}, s + `"paymentStatus":"FAIL"}`, apierr.OutcomeUnknown},
	} {
		got, err := responding(t, 200, tt.body).Inquire(t.Context(), pay.PendingCall{Provider: "openapi", Account: account, Operation: tt.operation, Request: tt.request})
		if got != tt.want || (got == apierr.OutcomeUnknown) != (err != nil) {
			t.Errorf("%s: got %s and error %v, want %s", tt.name, got, err, tt.want)
		}
		if human := errors.Is(err, pay.ErrNotInquirable); human != (len(tt.request) == 0) {
			t.Errorf("%s: left to a human %t, want %t", tt.name, human, !human)
		}
	}
}
