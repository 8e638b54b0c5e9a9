package qpaytest

import (
	"net/http"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// session is a pair of tokens.
type session struct {
	access, refresh         string
	accessEnds, refreshEnds time.Time
}

// withAuth makes all operations but the token operations require a valid access
// token, and runs one operation at a time.
func (m *merchant) withAuth(operations []sandbox.Operation) []sandbox.Operation {
	for i, op := range operations {
		operations[i].Handler = func(r *http.Request) (sandbox.Response, error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			if !op.Internal && !m.authorized(r) {
				return sandbox.Response{}, m.noCredentials()
			}
			return op.Handler(r)
		}
	}
	return operations
}

func (m *merchant) noCredentials() error { return codeError(m.config.Get().NoCredentials) }

func (m *merchant) authorized(r *http.Request) bool {
	token, now := bearer(r), m.core.Clock().Now()
	if token == "" || m.config.Get().RejectTokens {
		return false
	}
	for _, s := range m.sessions {
		if s.access == token {
			return now.Before(s.accessEnds)
		}
	}
	return false
}

// bearer returns the bearer token of a request. The scheme is case-insensitive, as
// in HTTP.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

// CreateToken returns a pair of tokens for the user name and password.
func (m *merchant) CreateToken(r *http.Request) (sandbox.Response, error) {
	user, pass, given := r.BasicAuth()
	if !given {
		return sandbox.Response{}, m.noCredentials()
	}
	if user != username || pass != password {
		return sandbox.Response{}, codeError(codeAuthenticationFailed)
	}
	if m.config.Get().OneToken {
		m.sessions = nil
	}
	return m.issueTokens(), nil
}

// RefreshToken returns a new pair of tokens and invalidates the refresh token.
func (m *merchant) RefreshToken(r *http.Request) (sandbox.Response, error) {
	token, now := bearer(r), m.core.Clock().Now()
	for _, s := range m.sessions {
		if token == "" || s.refresh != token || !now.Before(s.refreshEnds) {
			continue
		}
		s.refresh = ""
		if m.config.Get().OneToken {
			m.sessions = nil
		}
		return m.issueTokens(), nil
	}
	return sandbox.Response{}, m.noCredentials()
}

// issueTokens creates a session, returns its response and removes expired sessions.
func (m *merchant) issueTokens() sandbox.Response {
	c, now := m.config.Get(), m.core.Clock().Now().Truncate(time.Second)
	accessLife, refreshLife := 24*time.Hour, 24*time.Hour
	if c.ExpiresIn == "seconds" {
		accessLife, refreshLife = 600*time.Second, 3600*time.Second
	}
	s := &session{accessEnds: now.Add(accessLife), refreshEnds: now.Add(refreshLife)}
	accessIn, refreshIn := s.accessEnds.Unix(), s.refreshEnds.Unix()
	if c.ExpiresIn == "seconds" {
		accessIn, refreshIn = int64(accessLife/time.Second), int64(refreshLife/time.Second)
	}
	s.access, s.refresh = m.accessToken(now), m.refreshToken(now)
	m.sessions = append(sandbox.Keep(m.core, "tokens", m.liveSessions(now)), s)
	return sandbox.JSON(http.StatusOK, object{
		{"token_type", c.TokenType},
		{"refresh_expires_in", refreshIn},
		{"refresh_token", s.refresh},
		{"access_token", s.access},
		{"expires_in", accessIn},
		{"scope", "get_token"},
		{"not-before-policy", "0"},
		{"session_state", "sandbox"},
	})
}

func (m *merchant) liveSessions(now time.Time) []*session {
	var live []*session
	for _, s := range m.sessions {
		if now.Before(s.refreshEnds) || now.Before(s.accessEnds) {
			live = append(live, s)
		}
	}
	return live
}
