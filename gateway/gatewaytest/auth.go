package gatewaytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/specpay/specpay/internal/sandbox"
)

// window is the maximum difference of a timestamp in seconds, inclusive.
const window = 300

// operatorToken gives access to the diagnostics. The real gateway's access control is
// unknown.
const operatorToken = "sandbox-operator"

// before authenticates a request. It also archives PSP events.
func (g *gateway) before(r *http.Request, _ sandbox.Operation) error {
	g.outbox.Run(r.Context()) // deliveries also become due as the system clock advances
	switch {
	case strings.HasPrefix(r.URL.Path, "/v1/"):
		return g.checkSignature(r)
	case strings.HasPrefix(r.URL.Path, "/admin/") && r.Header.Get("Authorization") != "Bearer "+operatorToken:
		return textError{http.StatusUnauthorized, "operator login required"}
	case strings.HasPrefix(r.URL.Path, "/webhooks/"):
		return g.archive(r)
	}
	return nil
}

// checkSignature makes its checks in the order of the gateway's error page.
func (g *gateway) checkSignature(r *http.Request) error {
	key, timestamp, signature := r.Header.Get("X-PAY-Key"), r.Header.Get("X-PAY-Timestamp"), r.Header.Get("X-PAY-Signature")
	if key == "" || timestamp == "" || signature == "" {
		return textError{http.StatusUnauthorized, "missing auth headers"}
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return textError{http.StatusUnauthorized, "bad timestamp"}
	}
	if off := g.core.Clock().Now().Unix() - seconds; off > window || off < -window {
		return textError{http.StatusUnauthorized, "timestamp out of range"}
	}
	want := requestSignature(secret(), timestamp, r.Method, r.URL.Path, sandbox.Body(r))
	if key != publicKey || !hmac.Equal([]byte(want), []byte(signature)) {
		return textError{http.StatusUnauthorized, "bad signature"}
	}
	return nil
}

// requestSignature returns the signature of a request. The secret is used as text, not
// decoded.
func requestSignature(secret, timestamp, method, path string, body []byte) string {
	return mac(secret, timestamp+"."+method+"."+path+"."+bodyHash(body))
}

// deliverySignature returns the signature of a notification.
func deliverySignature(secret, timestamp string, body []byte) string {
	return mac(secret, timestamp+"."+string(body))
}

func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
