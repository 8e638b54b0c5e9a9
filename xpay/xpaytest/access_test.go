package xpaytest_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/xpay/xpaytest"
)

func TestKeysAndModes(t *testing.T) {
	s := open(t)
	keys := s.srv.Keys()
	id := s.text(s.session(""), "id")
	for _, tt := range []struct{ key, method, path, want string }{
		{"", "GET", "/account", "401 authentication_required authentication_error"},
		{"sk_test_nobody", "GET", "/account", "401 invalid_api_key authentication_error"},
		{keys.Inactive, "GET", "/account", "401 api_key_inactive authentication_error"},
		{keys.Publishable, "GET", "/account", "403 permission_denied invalid_request_error"},
		{keys.Publishable, "POST", "/refunds", "403 permission_denied invalid_request_error"},
		{keys.Restricted, "GET", "/customers", "403 permission_denied invalid_request_error"},
		{keys.Restricted, "DELETE", "/prices/x", "403 permission_denied invalid_request_error"},
		{keys.Live, "GET", "/checkout/sessions/" + id, "403 merchant_not_activated invalid_request_error"},
	} {
		s.key = tt.key
		a := s.call(tt.method, tt.path, "")
		f := strings.Fields(tt.want)
		s.want(a, map[string]int{"401": 401, "403": 403}[f[0]], f[1], "")
		s.values(a, map[string]any{"error.type": f[2]})
	}
	// The key comes before the body.
	s.key = ""
	s.want(s.call("POST", "/refunds", `{`), 401, "authentication_required", "")
	s.key = keys.Restricted
	s.values(s.call("GET", "/checkout/sessions/"+id, ""), map[string]any{"id": id})
	s.values(s.call("GET", "/account", ""), map[string]any{"apiKey.type": "RESTRICTED", "apiKey.permissions.0": "CHECKOUT_SESSIONS_WRITE"})
	s.key = keys.Live
	s.values(s.call("GET", "/account", ""), map[string]any{"livemode": true, "livePaymentsEnabled": false, "apiKey.mode": "live"})
	if _, err := s.srv.Config(func(c *xpaytest.Config) { c.LivePayments = true }); err != nil {
		t.Fatal(err)
	}
	s.want(s.call("GET", "/checkout/sessions/"+id, ""), 404, "resource_missing", "id")
	live := s.session("")
	if !strings.HasPrefix(s.text(live, "id"), "cs_live_") || live.at("livemode") != true {
		t.Errorf("%s", live.raw)
	}
	s.want(s.call("GET", "/account?liveMode=false", ""), 400, "invalid_request", "liveMode")
	s.values(s.call("GET", "/account?liveMode=true", ""), map[string]any{"livemode": true})
	s.offSpec = true
	if a := s.call("GET", "/charges", ""); a.status != 404 || a.at("error.type") != "invalid_request_error" {
		t.Errorf("%s", a.raw)
	}
	if a := s.call("PUT", "/customers", ""); a.status != 405 || a.header.Get("Allow") != "GET, POST" {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

// under makes a write under a key of the caller's.
func (s *shop) under(key, method, path, body string) answer {
	s.t.Helper()
	r := s.request(method, path, body)
	r.Header.Set("Idempotency-Key", key)
	return s.send(r)
}

func TestIdempotency(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	first := s.under("k", "POST", "/checkout/sessions", order)
	again := s.under("k", "POST", "/checkout/sessions", order)
	if again.raw != first.raw || again.status != 201 || again.header.Get("X-Request-Id") == first.header.Get("X-Request-Id") {
		t.Errorf("replayed: %d %s", again.status, again.raw)
	}
	s.want(s.under("k", "POST", "/checkout/sessions", order+" "), 409, "idempotency_key_in_use", "")
	s.want(s.under("k", "POST", "/checkout/sessions?a=1", order), 409, "idempotency_key_in_use", "")
	s.want(s.under("k", "POST", "/customers", order), 409, "idempotency_key_in_use", "")
	if _, err := s.srv.Config(func(c *xpaytest.Config) { c.KeyMismatchStatus = 400 }); err != nil {
		t.Fatal(err)
	}
	a := s.under("k", "POST", "/customers", order)
	s.want(a, 400, "idempotency_key_in_use", "")
	s.values(a, map[string]any{"error.type": "idempotency_error"})
	// Refusals are kept: the same one comes again, though it would work by now.
	s.want(s.under("r", "POST", "/checkout/sessions", strings.Replace(order, "EGP", "AUD", 1)), 400, "exchange_rate_not_found", "currency")
	s.want(s.under("r", "POST", "/checkout/sessions", strings.Replace(order, "EGP", "AUD", 1)), 400, "exchange_rate_not_found", "currency")
	// A to B to A to B: an old key does not apply its change again.
	path := "/checkout/sessions/" + s.text(first, "id")
	s.under("p1", "PATCH", path, `{"locale":"ar"}`)
	s.under("p2", "PATCH", path, `{"locale":"en"}`)
	s.values(s.under("p1", "PATCH", path, `{"locale":"ar"}`), map[string]any{"locale": "ar"})
	s.values(s.call("GET", path, ""), map[string]any{"locale": "en"})
	s.want(s.under(strings.Repeat("k", 256), "POST", "/customers", `{"phone":"1"}`), 400, "parameter_invalid", "Idempotency-Key")
	before := len(s.srv.Ledger())
	if err := s.srv.Advance(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if other := s.under("k", "POST", "/checkout/sessions", order); other.raw == first.raw || len(s.srv.Ledger()) != before+2 { // the first one expired, a new one
		t.Errorf("a day later: %s", s.kinds())
	}
}

// TestSameKeyTogether: one of many does it, the others wait or are told so.
func TestSameKeyTogether(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if a := s.under("k", "POST", "/checkout/sessions", order); a.status != 201 && (a.status != 409 || a.at("error.code") != "idempotency_key_in_use") {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	wg.Wait()
	if got := s.kinds(); got != "session.created" {
		t.Error(got)
	}
}

func TestWithoutKeyNothingIsKept(t *testing.T) {
	s := open(t)
	for range 2 {
		if a := s.send(s.request("POST", "/checkout/sessions", order)); a.status != 201 {
			t.Errorf("%d %s", a.status, a.raw)
		}
	}
	if got := s.kinds(); got != "session.created session.created" {
		t.Error(got)
	}
}

// TestBusyIsNotKept: a 429 leaves the key free.
func TestBusyIsNotKept(t *testing.T) {
	s := open(t)
	if err := s.srv.FailNext("rate_limit"); err != nil {
		t.Fatal(err)
	}
	a := s.under("k", "POST", "/checkout/sessions", order)
	if a.status != http.StatusTooManyRequests || a.at("error.type") != "rate_limit_error" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if a := s.under("k", "POST", "/checkout/sessions", order); a.status != 201 {
		t.Errorf("%d %s", a.status, a.raw)
	}
}
