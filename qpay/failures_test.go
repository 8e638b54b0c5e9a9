package qpay_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// TestInternalErrorIsUnknownAtEveryStatus: QPay's statuses are not reliable. A code
// for a fault of the server does not say that nothing happened, also with a 4xx or
// inside a 200.
func TestInternalErrorIsUnknownAtEveryStatus(t *testing.T) {
	for _, code := range []qpay.ErrorCode{qpay.ErrSystemBusy, qpay.ErrTypeError} {
		for _, status := range []int{200, 400, 409, 422, 429, 500} {
			fails := faulthttp.Respond(status, "application/json", fmt.Sprintf(`{"error":%q,"message":%[1]q}`, string(code)))
			c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"), pay.WithMaxAttempts(1),
				pay.WithTransport(faulthttp.InMemory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/v2/auth/") {
						faulthttp.Respond(200, "application/json", `{"access_token":"a","refresh_token":"r","token_type":"bearer","expires_in":4102444800,"refresh_expires_in":4102444800}`).ServeHTTP(w, r)
						return
					}
					fails.ServeHTTP(w, r)
				})}))
			if err != nil {
				t.Fatal(err)
			}
			err = c.RefundPayment(t.Context(), "1", nil)
			if e, _ := errors.AsType[*apierr.Error](err); e == nil || e.Outcome() != apierr.OutcomeUnknown || !errors.Is(err, code) || e.Advice().Retryable() {
				t.Errorf("refundPayment, %d %v: got %v, want the code with an unknown outcome and no advice to retry", status, code, err)
			}
			if _, err := c.GetPayment(t.Context(), "1"); errors.Is(err, apierr.ErrOutcomeUnknown) || !errors.Is(err, code) {
				t.Errorf("getPayment, %d %v: got %v, want the code; a read has no unknown outcome", status, code, err)
			}
		}
	}
}
