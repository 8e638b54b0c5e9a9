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

// The clock window, in seconds; exactly this much still passes.
const window = 300

// operatorToken opens the diagnostics. How the real ones are opened is not known.
const operatorToken = "sandbox-operator"

// before asks who calls, with the raw body at hand.
func (g *gateway) before(r *http.Request, _ sandbox.Operation) error {
	g.outbox.Run(r.Context()) // a clock that runs by itself makes deliveries due too
	switch {
	case strings.HasPrefix(r.URL.Path, "/v1/"):
		return g.checkSignature(r)
	case strings.HasPrefix(r.URL.Path, "/admin/") && r.Header.Get("Authorization") != "Bearer "+operatorToken:
		return refusal{http.StatusUnauthorized, "operator login required"}
	case strings.HasPrefix(r.URL.Path, "/webhooks/"):
		return g.archive(r)
	}
	return nil
}

// checkSignature goes in the order of the gateway's error page.
func (g *gateway) checkSignature(r *http.Request) error {
	key, stamp, signature := r.Header.Get("X-PAY-Key"), r.Header.Get("X-PAY-Timestamp"), r.Header.Get("X-PAY-Signature")
	if key == "" || stamp == "" || signature == "" {
		return refusal{http.StatusUnauthorized, "missing auth headers"}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return refusal{http.StatusUnauthorized, "bad timestamp"}
	}
	if off := g.core.Clock().Now().Unix() - seconds; off > window || off < -window {
		return refusal{http.StatusUnauthorized, "timestamp out of range"}
	}
	want := requestSignature(secret(), stamp, r.Method, r.URL.EscapedPath(), sandbox.Body(r))
	if key != publicKey || !hmac.Equal([]byte(want), []byte(signature)) {
		return refusal{http.StatusUnauthorized, "bad signature"}
	}
	return nil
}

// requestSignature is what an app has to send. The key is text, not decoded.
func requestSignature(secret, stamp, method, path string, body []byte) string {
	return mac(secret, stamp+"."+method+"."+path+"."+bodyHash(body))
}

// deliverySignature is what the gateway sends.
func deliverySignature(secret, stamp string, body []byte) string {
	return mac(secret, stamp+"."+string(body))
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
