package xpaytest_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/xpay/xpaytest"
)

func TestAPIKeysAndModes(t *testing.T) {
	s := open(t)
	keys := s.srv.APIKeys()
	id := s.text(s.session(""), "id")
	for _, tt := range []struct{ key, method, path, want string }{
		{"", "GET", "/account", "401 authentication_required authentication_error"},
		{"sk_test_unknown", "GET", "/account", "401 invalid_api_key authentication_error"},
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
	// The API key is checked before the body.
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

// withKey sends a write with an idempotency key.
func (s *shop) withKey(key, method, path, body string) response {
	s.t.Helper()
	r := s.request(method, path, body)
	r.Header.Set("Idempotency-Key", key)
	return s.send(r)
}

func TestIdempotency(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	first := s.withKey("k", "POST", "/checkout/sessions", order)
	again := s.withKey("k", "POST", "/checkout/sessions", order)
	if again.raw != first.raw || again.status != 201 || again.header.Get("X-Request-Id") == first.header.Get("X-Request-Id") {
		t.Errorf("replayed: %d %s", again.status, again.raw)
	}
	s.want(s.withKey("k", "POST", "/checkout/sessions", order+" "), 409, "idempotency_key_in_use", "")
	s.want(s.withKey("k", "POST", "/checkout/sessions?a=1", order), 409, "idempotency_key_in_use", "")
	s.want(s.withKey("k", "POST", "/customers", order), 409, "idempotency_key_in_use", "")
	if _, err := s.srv.Config(func(c *xpaytest.Config) { c.KeyMismatchStatus = 400 }); err != nil {
		t.Fatal(err)
	}
	a := s.withKey("k", "POST", "/customers", order)
	s.want(a, 400, "idempotency_key_in_use", "")
	s.values(a, map[string]any{"error.type": "idempotency_error"})
	// Failures are replayed too.
	s.want(s.withKey("r", "POST", "/checkout/sessions", priced("EGP", `,"currency":"AUD"`)), 400, "parameter_invalid", "currency")
	s.want(s.withKey("r", "POST", "/checkout/sessions", priced("EGP", `,"currency":"AUD"`)), 400, "parameter_invalid", "currency")
	// A retry of an old update does not apply it again.
	path := "/checkout/sessions/" + s.text(first, "id")
	s.withKey("p1", "PATCH", path, `{"locale":"ar"}`)
	s.withKey("p2", "PATCH", path, `{"locale":"en"}`)
	s.values(s.withKey("p1", "PATCH", path, `{"locale":"ar"}`), map[string]any{"locale": "ar"})
	s.values(s.call("GET", path, ""), map[string]any{"locale": "en"})
	s.want(s.withKey(strings.Repeat("k", 256), "POST", "/customers", `{"phone":"1"}`), 400, "parameter_invalid", "Idempotency-Key")
	before := len(s.srv.Ledger())
	if err := s.srv.Advance(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if other := s.withKey("k", "POST", "/checkout/sessions", order); other.raw == first.raw || len(s.srv.Ledger()) != before+2 { // one session expired, one was created
		t.Errorf("a day later: %s", s.kinds())
	}
}

// TestConcurrentSameKey sends many requests with one idempotency key. One of them is
// executed; the others get its response or a 409.
func TestConcurrentSameKey(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if a := s.withKey("k", "POST", "/checkout/sessions", order); a.status != 201 && (a.status != 409 || a.at("error.code") != "idempotency_key_in_use") {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	wg.Wait()
	if got := s.kinds(); got != "session.created" {
		t.Error(got)
	}
}

func TestNoReplayWithoutKey(t *testing.T) {
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

// TestRateLimitIsNotReplayed checks that a 429 does not use up the idempotency key.
func TestRateLimitIsNotReplayed(t *testing.T) {
	s := open(t)
	if err := s.srv.FailNext("rate_limit"); err != nil {
		t.Fatal(err)
	}
	a := s.withKey("k", "POST", "/checkout/sessions", order)
	if a.status != http.StatusTooManyRequests || a.at("error.type") != "rate_limit_error" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if a := s.withKey("k", "POST", "/checkout/sessions", order); a.status != 201 {
		t.Errorf("%d %s", a.status, a.raw)
	}
}
