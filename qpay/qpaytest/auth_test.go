package qpaytest_test

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// start is the fixed time of tests that look at times.
func start() time.Time { return time.Date(2026, 1, 30, 7, 2, 5, 0, time.UTC) }

// with makes an option of one switch.
func with(edit func(*qpaytest.Config)) qpaytest.Option { return qpaytest.WithConfig(edit) }

// alive tells whether a token is taken.
func (s *shop) alive(token string) bool {
	s.t.Helper()
	before := s.token
	defer func() { s.token = before }()
	s.token = token
	return s.call("GET", "/v2/invoice/none", "").status != 401
}

func (s *shop) refresh(token string) answer {
	s.t.Helper()
	r := s.request("POST", "/v2/auth/refresh", "")
	r.Header.Set("Authorization", "Bearer "+token)
	return s.send(r)
}

func TestTokenAnswer(t *testing.T) {
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
		s.t.Fatalf("token %q does not look like one", token)
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

func TestLoginRefused(t *testing.T) {
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
		t.Errorf("a malformed body came after the token: %d", got.status)
	}
}

func TestTokenLife(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	first := s.tokens()
	access, refresh := s.text(first, "access_token"), s.text(first, "refresh_token")
	if s.alive(refresh) {
		t.Error("a refresh token is taken for an access token")
	}
	s.want(s.refresh(access), 401, "NO_CREDENDIALS")
	second := s.refresh(refresh)
	if s.text(second, "refresh_token") == refresh || s.text(second, "access_token") == access {
		t.Error("a refresh did not rotate the tokens")
	}
	s.want(s.refresh(refresh), 401, "NO_CREDENDIALS")
	if !s.alive(access) || !s.alive(s.text(second, "access_token")) {
		t.Error("a token died by a refresh")
	}
	for _, step := range []struct {
		by    time.Duration
		alive bool
	}{{24*time.Hour - time.Second, true}, {time.Second, false}} {
		if err := s.srv.Advance(step.by); err != nil {
			t.Fatal(err)
		}
		if s.alive(access) != step.alive {
			t.Errorf("at %v the token is alive: %v", s.srv.Now(), !step.alive)
		}
	}
	s.want(s.refresh(s.text(second, "refresh_token")), 401, "NO_CREDENDIALS")
}

func TestTokenSwitches(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()), with(func(c *qpaytest.Config) {
		c.ExpiresIn, c.TokenType, c.OneToken, c.NoCredentials = "seconds", "Bearer", true, "NO_CREDENTIALS"
	}))
	first := s.tokens()
	if first.body["expires_in"] != 600.0 || first.body["refresh_expires_in"] != 3600.0 || first.body["token_type"] != "Bearer" {
		t.Errorf("got %s", first.raw)
	}
	second := s.tokens()
	if s.alive(s.text(first, "access_token")) || s.refresh(s.text(first, "refresh_token")).status != 401 {
		t.Error("a second login did not end the first")
	}
	third := s.refresh(s.text(second, "refresh_token"))
	if s.alive(s.text(second, "access_token")) || !s.alive(s.text(third, "access_token")) {
		t.Error("with one token, a refresh leaves one")
	}
	s.want(s.refresh("unknown"), 401, "NO_CREDENTIALS")
	if err := s.srv.Advance(600 * time.Second); err != nil {
		t.Fatal(err)
	}
	if s.alive(s.text(third, "access_token")) {
		t.Error("the token outlived its 600 s")
	}
	if _, err := s.srv.Config(func(c *qpaytest.Config) { c.RejectTokens = true }); err != nil {
		t.Fatal(err)
	}
	s.login()
	s.want(s.call("GET", "/v2/invoice/none", ""), 401, "NO_CREDENTIALS")
}

func TestSessionsAreForgotten(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	for i := range 3 {
		if err := s.srv.Advance(25 * time.Hour); err != nil {
			t.Fatal(err)
		}
		if s.login(); !s.alive(s.token) {
			t.Error("login " + strconv.Itoa(i) + " gave a dead token")
		}
	}
}
