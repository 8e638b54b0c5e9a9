package qpaytest_test

import (
	"encoding/base64"

	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// start is the fixed time of tests that compare times.
func start() time.Time { return time.Date(2026, 1, 30, 7, 2, 5, 0, time.UTC) }

// with is short for WithConfig.
func with(edit func(*qpaytest.Config)) qpaytest.Option { return qpaytest.WithConfig(edit) }

// accepts reports whether the sandbox accepts an access token.
func (s *shop) accepts(token string) bool {
	s.t.Helper()
	before := s.token
	defer func() { s.token = before }()
	s.token = token
	return s.call("GET", "/v2/invoice/none", "").status != 401
}

func (s *shop) refresh(token string) response {
	s.t.Helper()
	r := s.request("POST", "/v2/auth/refresh", "")
	r.Header.Set("Authorization", "Bearer "+token)
	return s.send(r)
}

func TestTokenResponse(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	got := s.tokens()
	end := float64(start().Unix() + 86400)
	for name, want := range map[string]any{
		"token_type": "bearer", "scope": "get_token", "not-before-policy": "0", "session_state": "sandbox",
		"expires_in": end, "refresh_expires_in": end,
	} {
		if got.body[name] != want {
			t.Errorf("%s is %v, want %v", name, got.body[name], want)
		}
	}
	claims := s.claims(s.text(got, "access_token"))
	if claims["merchant_id"] != s.srv.MerchantID() || claims["iat"] != float64(start().Unix()) {
		t.Errorf("claims of the access token: %v", claims)
	}
	if refresh := s.claims(s.text(got, "refresh_token")); refresh["id"] == nil || refresh["merchant_id"] != nil {
		t.Errorf("claims of the refresh token: %v", refresh)
	}
}

func (s *shop) claims(token string) map[string]any {
	s.t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) < 250 {
		s.t.Fatalf("token %q is not a JWT of the expected length", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		s.t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		s.t.Fatal(err)
	}
	return claims
}

func TestInvalidCredentials(t *testing.T) {
	s := open(t)
	r := s.request("POST", "/v2/auth/token", "")
	r.SetBasicAuth("TEST_MERCHANT", "wrong")
	s.want(s.send(r), 401, "AUTHENTICATION_FAILED")
	s.token = ""
	s.want(s.call("POST", "/v2/auth/token", ""), 401, "NO_CREDENDIALS")
	s.want(s.call("POST", "/v2/auth/refresh", ""), 401, "NO_CREDENDIALS")
	s.want(s.call("GET", "/v2/invoice/none", ""), 401, "NO_CREDENDIALS")
	s.token = "unknown"
	s.want(s.call("POST", "/v2/invoice", "{}"), 401, "NO_CREDENDIALS")
	if got := s.call("POST", "/v2/invoice", "{"); got.status != 400 {
		t.Errorf("a malformed body with an unknown token: got %d, want 400", got.status)
	}
}

func TestTokenLifetime(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	first := s.tokens()
	access, refresh := s.text(first, "access_token"), s.text(first, "refresh_token")
	if s.accepts(refresh) {
		t.Error("a refresh token was accepted as an access token")
	}
	s.want(s.refresh(access), 401, "NO_CREDENDIALS")
	second := s.refresh(refresh)
	if s.text(second, "refresh_token") == refresh || s.text(second, "access_token") == access {
		t.Error("a refresh did not rotate the tokens")
	}
	s.want(s.refresh(refresh), 401, "NO_CREDENDIALS")
	if !s.accepts(access) || !s.accepts(s.text(second, "access_token")) {
		t.Error("a refresh invalidated an access token")
	}
	for _, step := range []struct {
		by    time.Duration
		valid bool
	}{{24*time.Hour - time.Second, true}, {time.Second, false}} {
		if err := s.srv.Advance(step.by); err != nil {
			t.Fatal(err)
		}
		if s.accepts(access) != step.valid {
			t.Errorf("at %v the token is valid: %v, want %v", s.srv.Now(), !step.valid, step.valid)
		}
	}
	s.want(s.refresh(s.text(second, "refresh_token")), 401, "NO_CREDENDIALS")
}

func TestTokenConfig(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()), with(func(c *qpaytest.Config) {
		c.ExpiresIn, c.TokenType, c.OneToken, c.NoCredentials = "seconds", "Bearer", true, "NO_CREDENTIALS"
	}))
	first := s.tokens()
	if first.body["expires_in"] != 600.0 || first.body["refresh_expires_in"] != 3600.0 || first.body["token_type"] != "Bearer" {
		t.Errorf("got %s", first.raw)
	}
	second := s.tokens()
	if s.accepts(s.text(first, "access_token")) || s.refresh(s.text(first, "refresh_token")).status != 401 {
		t.Error("a second login did not invalidate the first")
	}
	third := s.refresh(s.text(second, "refresh_token"))
	if s.accepts(s.text(second, "access_token")) || !s.accepts(s.text(third, "access_token")) {
		t.Error("with OneToken, exactly the new access token must be valid after a refresh")
	}
	s.want(s.refresh("unknown"), 401, "NO_CREDENTIALS")
	if err := s.srv.Advance(600 * time.Second); err != nil {
		t.Fatal(err)
	}
	if s.accepts(s.text(third, "access_token")) {
		t.Error("the token is valid after 600 s")
	}
	if _, err := s.srv.Config(func(c *qpaytest.Config) { c.RejectTokens = true }); err != nil {
		t.Fatal(err)
	}
	s.login()
	s.want(s.call("GET", "/v2/invoice/none", ""), 401, "NO_CREDENTIALS")
}

func TestExpiredSessions(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	for i := range 3 {
		if err := s.srv.Advance(25 * time.Hour); err != nil {
			t.Fatal(err)
		}
		if s.login(); !s.accepts(s.token) {
			t.Errorf("login %d returned an invalid token", i)
		}
	}
}

func TestTokensAreBounded(t *testing.T) {
	s := open(t, qpaytest.WithHistory(10))
	first := s.token
	for range 30 {
		s.login()
	}
	if !s.accepts(s.token) || s.accepts(first) {
		t.Error("want the newest token accepted and the oldest one dropped")
	}
	if n := s.srv.Dropped()["tokens"]; n < 21 {
		t.Errorf("Dropped: got %d tokens, want at least 21 of 31", n)
	}
}
