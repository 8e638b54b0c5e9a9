package qpay_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

func FuzzError(f *testing.F)   { clientcontract.FuzzError(f, suite(f)) }
func FuzzModels(f *testing.F)  { clientcontract.FuzzModels(f, suite(f)) }
func FuzzSandbox(f *testing.F) { sandboxcontract.FuzzSandbox(f, suite(f)) }

// FuzzExpiresIn decodes any value as the expiry of a token. None is an error.
func FuzzExpiresIn(f *testing.F) {
	for _, s := range []string{"1769756525", `"3600"`, "0", "-1", "1e30", `"soon"`, "null", "1e1000000000"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var e qpay.ExpiresIn
		harness.Bounded(t, len(in), func() {
			if err := json.Unmarshal(in, &e); err != nil && json.Unmarshal(in, new(any)) == nil {
				t.Errorf("%q: the response cannot be decoded: %v", in, err)
			}
		})
		if e > 1<<40 {
			t.Errorf("%q is decoded as %d", in, e)
		}
	})
}

// FuzzToken responds to the login with anything. A call then fails, or is sent with
// a token.
func FuzzToken(f *testing.F) {
	f.Add(200, []byte(`{"access_token":"t","expires_in":3600}`))
	f.Add(200, []byte(`{"access_token":"a\r\nX-Evil: 1","expires_in":3600}`))
	f.Add(401, []byte(`{"error":"AUTHENTICATION_FAILED"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		status = 200 + max(status, -(status+1))%400
		sent := ""
		rt := roundTripper(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			if r.URL.Path == "/v2/auth/token" {
				w.WriteHeader(status)
				_, _ = w.Write(body)
			} else {
				sent = r.Header.Get("Authorization")
				_, _ = w.WriteString(`{"invoice_id":"i","qr_text":"q"}`)
			}
			return w.Result(), nil
		})
		c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"), pay.WithTransport(rt), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		harness.Bounded(t, len(body), func() { _, err = c.CreateInvoice(t.Context(), invoice("C", "https://shop.example")) })
		if err == nil && (!strings.HasPrefix(sent, "Bearer ") || len(sent) == len("Bearer ")) {
			t.Errorf("%d %q: sent %q", status, body, sent)
		}
	})
}

// FuzzCallback delivers callbacks with any query and body to a shop with one paid
// payment. User code runs for that payment only, and with a callback key not at all,
// because no callback has a MAC made with it.
func FuzzCallback(f *testing.F) {
	srv := qpaytest.NewServer(f)
	genuine := paid(f, srv)
	for _, q := range []string{"qpay_payment_id=" + genuine, "payment_id=1", "qpay_payment_id=..%2F..", "qpay_payment_id=" + genuine + "&qpay_payment_id=2", "%zz"} {
		f.Add(q, []byte(nil))
	}
	f.Add("", []byte(`{"payment_id":"`+genuine+`"}`))
	f.Add("", []byte(`{"invoice_id":"1","payment_id":7}`))
	runs, about := 0, ""
	h := connect(f, srv).Webhook(func(_ context.Context, ev qpay.Event) error { runs, about = runs+1, ev.PaymentID; return nil })
	f.Add("order=1001&order_mac="+strings.Repeat("0", 64)+"&qpay_payment_id="+genuine, []byte(nil))
	forged := 0
	verifying := keyed(f, srv, []string{callbackKey}).Webhook(func(context.Context, qpay.Event) error { forged++; return nil })
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/paid", bytes.NewReader(body))
		r.URL = &url.URL{Path: "/paid", RawQuery: query}
		runs = 0
		w := httptest.NewRecorder()
		harness.Bounded(t, len(query)+len(body), func() { h.ServeHTTP(w, r) })
		if runs > 1 {
			t.Errorf("%q %q: user code ran %d times, want at most once", query, body, runs)
		}
		if runs == 1 && about != genuine {
			t.Errorf("%q %q: user code ran for payment %s, want only for %s", query, body, about, genuine)
		}
		if w.Code == http.StatusOK && !strings.Contains(query+string(body), genuine[:4]) {
			t.Errorf("%q %q: got status 200, want a failure: the callback does not name the payment", query, body)
		}
		r.Body, w = io.NopCloser(bytes.NewReader(body)), httptest.NewRecorder()
		if verifying.ServeHTTP(w, r); forged > 0 || w.Code < 400 || w.Code >= 500 {
			t.Errorf("%q %q, with a callback key: got status %d and %d runs of user code, want a 4xx and none", query, body, w.Code, forged)
		}
	})
}

// FuzzMoney parses any text as an amount. Formatting and parsing the amount again
// gives the same amount.
func FuzzMoney(f *testing.F) {
	for _, s := range []string{"1500", "99.50", "-0", "1e30", "1e1000000000", "0.000000000000000000000000000001", "NaN", "١٢"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var a, b qpay.Amount
		var err, err2 error
		harness.Bounded(t, len(text), func() {
			if a, err = qpay.ParseAmount(text); err == nil {
				b, err2 = qpay.ParseAmount(a.String())
			}
		})
		if err != nil {
			return
		}
		if err2 != nil {
			t.Fatalf("%q: %s cannot be parsed again: %v", text, a, err2)
		}
		if a.Cmp(b) != 0 {
			t.Errorf("%q: parsed again: got %s, want %s", text, b, a)
		}
		if a.String() != b.String() {
			t.Errorf("%q: formatted again: got %s, want %s", text, b, a)
		}
		if n := len(a.String()); n > 100 {
			t.Errorf("%q: got a text of %d bytes, want at most 100", text, n)
		}
	})
}
