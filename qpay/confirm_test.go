package qpay_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// reply is a response of the API.
type reply struct {
	status int
	body   string
}

// answering returns a client of an API with one response for each path, after a login.
func answering(t *testing.T, replies map[string]reply) *qpay.Client {
	t.Helper()
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/v2/auth/") {
			fmt.Fprintf(w, `{"access_token":"a","expires_in":%d}`, time.Now().Add(time.Hour).Unix())
			return
		}
		to, ok := replies[strings.TrimPrefix(r.URL.Path, "/v2/payment/")]
		if !ok {
			t.Errorf("unexpected request: %s %s", r.Method, r.URL.Path)
		}
		w.WriteHeader(to.status)
		fmt.Fprint(w, to.body)
	})
	c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"), pay.WithMaxAttempts(1),
		pay.WithTransport(faulthttp.InMemory{Handler: api}))
	fatal(t, err)
	return c
}

func code(status int, name string) reply {
	return reply{status, fmt.Sprintf(`{"error":%q,"message":%[1]q}`, name)}
}

const (
	onePaid  = `{"payment_id":"p-1","payment_status":"PAID","payment_amount":"1.00","payment_currency":"MNT","object_type":"INVOICE","object_id":"i-1"}`
	rowsPaid = `{"count":2,"rows":[{"payment_id":"p-0","payment_status":"FAILED","payment_amount":"1.00"},{"payment_id":"p-1","payment_status":"PAID","payment_amount":"1.00"}]}`
	rowsNew  = `{"count":1,"rows":[{"payment_id":"p-0","payment_status":"NEW","payment_amount":"1.00"}]}`
)

// TestCallbackReplies: only QPay itself, with a code for what a callback names, denies it.
// Whatever else goes wrong asks for another callback, because the payment may be genuine.
func TestCallbackReplies(t *testing.T) {
	const byPayment, byInvoice = `{"payment_id":"p-1"}`, `{"invoice_id":"i-1"}`
	for name, tt := range map[string]struct {
		body    string
		replies map[string]reply
		want    int
	}{
		"paid":                               {byPayment, map[string]reply{"p-1": {200, onePaid}}, 200},
		"unknown":                            {byPayment, map[string]reply{"p-1": code(404, "PAYMENT_NOTFOUND")}, 400},
		"unknown, with status 400":           {byPayment, map[string]reply{"p-1": code(400, "PAYMENT_NOTFOUND")}, 400},
		"unknown, with status 499":           {byPayment, map[string]reply{"p-1": code(499, "PAYMENT_NOTFOUND")}, 400},
		"refused":                            {byPayment, map[string]reply{"p-1": code(400, "INVALID_AMOUNT")}, 400},
		"unknown, with a fault of QPay":      {byPayment, map[string]reply{"p-1": code(500, "PAYMENT_NOTFOUND")}, 503},
		"no permission":                      {byPayment, map[string]reply{"p-1": code(403, "PERMISSION_DENIED")}, 503},
		"a page that is not found":           {byPayment, map[string]reply{"p-1": {404, "<html>"}}, 503},
		"an invoice is paid":                 {byInvoice, map[string]reply{"check": {200, rowsPaid}, "p-1": {200, onePaid}}, 200},
		"an invoice is not paid":             {byInvoice, map[string]reply{"check": {200, rowsNew}}, 503},
		"an invoice is unknown":              {byInvoice, map[string]reply{"check": code(404, "INVOICE_NOTFOUND")}, 400},
		"an invoice with a fault":            {byInvoice, map[string]reply{"check": code(500, "SYSTEM_BUSY")}, 503},
		"an invoice, its payment is unknown": {byInvoice, map[string]reply{"check": {200, rowsPaid}, "p-1": code(404, "PAYMENT_NOTFOUND")}, 400},
		"an invoice, its payment is delayed": {byInvoice, map[string]reply{"check": {200, rowsPaid}, "p-1": code(503, "SYSTEM_BUSY")}, 503},
	} {
		var got []string
		h := answering(t, tt.replies).Webhook(func(_ context.Context, ev qpay.Event) error {
			got = append(got, ev.PaymentID+" of "+ev.InvoiceID)
			return nil
		})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/paid", strings.NewReader(tt.body)))
		events := ""
		if tt.want == 200 {
			events = "p-1 of i-1"
		}
		if w.Code != tt.want || strings.Join(got, ", ") != events {
			t.Errorf("%s: got status %d and events %q, want %d and %q", name, w.Code, got, tt.want, events)
		}
	}
}

// TestConfirm: an event names an invoice only if the payment is for one, and what is not
// paid, or not an ID, is an error.
func TestConfirm(t *testing.T) {
	other := strings.Replace(strings.Replace(onePaid, "INVOICE", "QR", 1), "p-1", "p-2", 1)
	c := answering(t, map[string]reply{"p-1": {200, onePaid}, "p-2": {200, other}})
	for id, want := range map[string]string{"p-1": "i-1", "p-2": ""} {
		if ev, err := c.Confirm(t.Context(), id); err != nil || ev.InvoiceID != want {
			t.Errorf("%s: got invoice %q and error %v, want %q", id, ev.InvoiceID, err, want)
		}
	}
	if ev, err := c.Confirm(t.Context(), ""); err == nil || ev.Payment != nil {
		t.Errorf("no ID: got %+v and no error, want an error", ev)
	}
}

// TestUnpaidInvoiceDoesNotDelayOthers: a callback for an invoice that is not paid is not
// asked about again at once. That does not hold up the callback of another invoice.
func TestUnpaidInvoiceDoesNotDelayOthers(t *testing.T) {
	checks := map[string]reply{"check": {200, rowsNew}, "p-1": {200, onePaid}}
	runs := 0
	h := answering(t, checks).Webhook(func(context.Context, qpay.Event) error { runs++; return nil })
	for _, tt := range []struct {
		id, rows string
		want     int
	}{{"i-0", rowsNew, 503}, {"i-1", rowsPaid, 200}} {
		checks["check"] = reply{200, tt.rows}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/paid", strings.NewReader(`{"invoice_id":"`+tt.id+`"}`)))
		if w.Code != tt.want {
			t.Errorf("%s: got status %d, want %d", tt.id, w.Code, tt.want)
		}
	}
	if runs != 1 {
		t.Errorf("user code ran %d times, want once", runs)
	}
}

// TestCallbackIDs: the query parameter payment_id is the payment's ID only if nothing else
// names one, because merchants use that name for parameters of their own.
func TestCallbackIDs(t *testing.T) {
	for _, tt := range []struct{ query, body, want string }{
		{"?payment_id=p-1", "", "p-1"},
		{"?payment_id=7&qpay_payment_id=p-1", "", "p-1"},
		{"?payment_id=7", `{"payment_id":"p-1"}`, "p-1"},
		{"?payment_id=7", `{"invoice_id":"i-1"}`, "p-1"},
		{"?qpay_payment_id=AZaz-09_", "", "AZaz-09_"},
		{"?qpay_payment_id=" + strings.Repeat("z", 64), "", strings.Repeat("z", 64)},
		{"?qpay_payment_id=" + strings.Repeat("z", 65), "", ""},
		{"?qpay_payment_id=p%2F1", "", ""},
		{"?payment_id=p-1&payment_id=p-2", "", ""},
	} {
		paid := map[string]reply{"check": {200, rowsPaid}}
		paid[tt.want] = reply{200, strings.Replace(onePaid, "p-1", tt.want, 1)}
		got := ""
		h := answering(t, paid).Webhook(func(_ context.Context, ev qpay.Event) error { got = ev.PaymentID; return nil })
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/paid"+tt.query, strings.NewReader(tt.body)))
		if status := map[bool]int{true: 200, false: 400}[tt.want != ""]; w.Code != status || got != tt.want {
			t.Errorf("%s with body %s: got status %d and payment %q, want %d and %q", tt.query, tt.body, w.Code, got, status, tt.want)
		}
	}
}

// TestCallbackURLForm: the URL has no empty parameter, and a key of 16 bytes is enough.
func TestCallbackURLForm(t *testing.T) {
	key := strings.Repeat("k", 16)
	want := base + "?order=1001&order_mac=" + mac(key, "1001")
	if got, err := qpay.CallbackURL(base, "1001", key); err != nil || got != want {
		t.Errorf("got %s and error %v, want %s", got, err, want)
	}
}

// TestEmptyOrderIDIsRefused: a correct MAC of an empty order ID names no order.
func TestEmptyOrderIDIsRefused(t *testing.T) {
	srv := qpaytest.NewServer(t)
	h := keyed(t, srv, []string{callbackKey}).Webhook(func(context.Context, qpay.Event) error { t.Error("user code ran"); return nil })
	to := base + "?" + url.Values{qpay.CallbackOrderParam: {""}, qpay.CallbackMACParam: {mac(callbackKey, "")}}.Encode()
	if status := deliver(t, h, srv, paid(t, srv), to); status != http.StatusBadRequest {
		t.Errorf("got status %d, want 400", status)
	}
}

// mac computes a MAC as the documentation of CallbackMACParam says.
func mac(key, order string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(order))
	return hex.EncodeToString(h.Sum(nil))
}
