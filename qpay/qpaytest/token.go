package qpaytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/go-json-experiment/json"
)

// The tokens have the form of tokens captured from the provider, including an exp
// claim that is the sum of two timestamps.

func (m *merchant) accessToken(now time.Time) string {
	iat := now.Unix()
	return m.sign(object{
		{"client_id", m.clientID}, {"merchant_id", m.id}, {"v1_merchant_flag", false},
		{"session_id", m.core.IDs().Token(32)}, {"iat", iat}, {"exp", 2*iat + 86400},
	})
}

func (m *merchant) refreshToken(now time.Time) string {
	iat := now.Unix()
	return m.sign(object{
		{"id", m.clientID}, {"session_secret", m.core.IDs().Token(32)},
		{"extra", 14400}, {"iat", iat}, {"exp", 2*iat + 100800},
	})
}

func (m *merchant) sign(claims object) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		return ""
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(payload)
	mac := hmac.New(sha256.New, []byte(m.account))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
