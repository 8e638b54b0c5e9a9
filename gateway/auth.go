package gateway

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
)

const (
	window  = 300 * time.Second // by which a timestamp may differ
	maxSkew = 24 * time.Hour    // of a clock that is corrected
)

// auth signs the requests of one app.
type auth struct {
	publicKey, secret string
	webhookSecrets    []string // the current one first
	now               func() time.Time
	skew              atomic.Int64 // a time.Duration that is added to the local clock
}

// signatureHeaders are the headers that authorize sets.
var signatureHeaders = []string{"X-PAY-Key", "X-PAY-Timestamp", "X-PAY-Signature"}

// authorize signs one attempt. The HMAC key is the text of the secret; its
// hexadecimal digits are not decoded.
func (a *auth) authorize(_ context.Context, _ *transport.Operation, req *http.Request, body []byte) error {
	stamp := strconv.FormatInt(a.now().Add(time.Duration(a.skew.Load())).Unix(), 10)
	text := stamp + "." + req.Method + "." + req.URL.EscapedPath() + "." + sign.BodyHash(body)
	req.Header.Set("X-PAY-Key", a.publicKey)
	req.Header.Set("X-PAY-Timestamp", stamp)
	req.Header.Set("X-PAY-Signature", sign.HMAC(a.secret, []byte(text)))
	return nil
}

// recover corrects the local clock by the gateway's Date header if the gateway
// refused the timestamp. It trusts authenticated responses only, over https or
// from this machine, and limits the correction: a signature for another day would
// be useful to an attacker who forged the date.
func (a *auth) recover(_ context.Context, _ *transport.Operation, req *http.Request, e *apierr.Error) bool {
	if e.Code != ErrTimestampOutOfRange || req.URL.Scheme != "https" && !transport.Loopback(req.URL.Hostname()) {
		return false
	}
	date, _ := http.ParseTime(e.Header.Get("Date"))                        // an invalid one is more than maxSkew ago
	sent, _ := strconv.ParseInt(req.Header.Get("X-PAY-Timestamp"), 10, 64) // from authorize
	if sign.Within(date, time.Unix(sent, 0), window-time.Second) {
		return false // by its own date, the gateway should have accepted the timestamp
	}
	skew := date.Sub(a.now())
	if skew.Abs() > maxSkew {
		return false
	}
	a.skew.Store(int64(skew))
	return true
}
