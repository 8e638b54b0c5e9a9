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
	"github.com/specpay/specpay/pay/paytest"
	"github.com/specpay/specpay/qpay"
)

// responding returns a client whose every call gets one response.
func responding(t *testing.T, status int, body string, opts ...pay.Option) *qpay.Client {
	t.Helper()
	respond := faulthttp.Respond(status, "application/json", body)
	c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, append(opts, pay.WithBaseURL("http://localhost"), pay.WithMaxAttempts(1),
		pay.WithTransport(faulthttp.InMemory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/v2/auth/") {
				faulthttp.Respond(200, "application/json", `{"access_token":"a","refresh_token":"r","token_type":"bearer","expires_in":4102444800,"refresh_expires_in":4102444800}`).ServeHTTP(w, r)
				return
			}
			respond.ServeHTTP(w, r)
		})}))...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestInternalErrorIsUnknownAtEveryStatus: QPay's statuses are not reliable. A code
// for a fault of the server does not say that nothing happened, also with a 4xx or
// inside a 200.
func TestInternalErrorIsUnknownAtEveryStatus(t *testing.T) {
	for _, code := range []qpay.ErrorCode{qpay.ErrSystemBusy, qpay.ErrTypeError} {
		for _, status := range []int{200, 400, 409, 422, 429, 500} {
			c := responding(t, status, fmt.Sprintf(`{"error":%q,"message":%[1]q}`, string(code)))
			err := c.RefundPayment(t.Context(), "1", nil)
			if e, _ := errors.AsType[*apierr.Error](err); e == nil || e.Outcome() != apierr.OutcomeUnknown || !errors.Is(err, code) || e.Advice().Retryable() {
				t.Errorf("refundPayment, %d %v: got %v, want the code with an unknown outcome and no advice to retry", status, code, err)
			}
			if _, err := c.GetPayment(t.Context(), "1"); errors.Is(err, apierr.ErrOutcomeUnknown) || !errors.Is(err, code) {
				t.Errorf("getPayment, %d %v: got %v, want the code; a read has no unknown outcome", status, code, err)
			}
		}
	}
}

// TestAlreadyCanceledDoesNotProveARefund: nobody has seen what QPay returns when a refund
// is repeated. The code says neither that the money was returned nor that it was not, so
// the call stays in the pending store until getPayment shows REFUNDED.
func TestAlreadyCanceledDoesNotProveARefund(t *testing.T) {
	for _, status := range []int{200, 400, 409, 422} {
		store := paytest.NewPendingStore(nil)
		c := responding(t, status, `{"error":"PAYMENT_ALREADY_CANCELED","message":"PAYMENT_ALREADY_CANCELED"}`, pay.WithPendingStore(store))
		for name, err := range map[string]error{"refundPayment": c.RefundPayment(t.Context(), "1", nil), "cancelPayment": c.CancelPayment(t.Context(), "1", nil)} {
			e, _ := errors.AsType[*apierr.Error](err)
			if e == nil || !errors.Is(err, qpay.ErrPaymentAlreadyCanceled) || e.Outcome() != apierr.OutcomeUnknown || e.Advice() != apierr.AdviceInquire {
				t.Errorf("%s, %d: got %v, want the code with an unknown outcome and the advice to inquire", name, status, err)
			} else if !strings.Contains(e.Resolution(), "getPayment") {
				t.Errorf("%s, %d: the resolution %q does not name getPayment", name, status, e.Resolution())
			}
		}
		if left := len(store.Calls()); left != 2 {
			t.Errorf("%d: %d calls are left in the pending store, want 2", status, left)
		}
	}
}

// TestTransactionNotApprovedIsNotADecline: QPay's own table speaks of a transaction line,
// which is a part of a split settlement. The payer has not paid yet, so no bank has
// declined anything.
func TestTransactionNotApprovedIsNotADecline(t *testing.T) {
	c := responding(t, 422, `{"error":"TRANSACTION_NOT_APPROVED","message":"TRANSACTION_NOT_APPROVED"}`)
	_, err := c.CreateInvoice(t.Context(), invoice("TEST_INVOICE", "https://shop.example/paid"))
	e, ok := errors.AsType[*apierr.Error](err)
	if !ok || !errors.Is(err, qpay.ErrTransactionNotApproved) {
		t.Fatalf("got %v, want %v", err, qpay.ErrTransactionNotApproved)
	}
	if errors.Is(err, apierr.ErrDeclined) {
		t.Errorf("got category %s, want one that is not a decline", e.Category())
	}
	for _, lang := range []string{"en", "mn"} {
		if got := e.CustomerMessage(lang); strings.Contains(strings.ToLower(got), "bank") || strings.Contains(got, "declined") {
			t.Errorf("message to the payer: got %q, want one that blames no bank", got)
		}
	}
	if got := e.Resolution(); !strings.Contains(got, "transactions") {
		t.Errorf("resolution: got %q, want one that names transactions", got)
	}
}

// TestBothReadingsOfTheTableAreGiven: the official table and its English copy say
// different things about these codes. The catalog has both, and marks them.
func TestBothReadingsOfTheTableAreGiven(t *testing.T) {
	for code, want := range map[qpay.ErrorCode][]string{
		qpay.ErrTransactionNotApproved: {"transaction line", "bank"},
		qpay.ErrEbarimtNotRegistered:   {"receipt was not created", "merchant is not registered"},
		qpay.ErrInformNotFound:         {"notification address", "information"},
	} {
		info, _ := code.Info()
		for _, text := range want {
			if !strings.Contains(info.Description, text) {
				t.Errorf("%s: got description %q, want one that contains %q", code, info.Description, text)
			}
		}
		if info.Unverified == "" {
			t.Errorf("%s: got no mark, want one that says why its meaning is uncertain", code)
		}
	}
}
