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
	maxSkew = 24 * time.Hour    // a clock that is further off is not corrected
)

// auth signs the requests of one app.
type auth struct {
	key, secret string
	webhook     []string
	now         func() time.Time
	skew        atomic.Int64 // what is added to our clock, a time.Duration
}

// authorize signs one attempt. The key of the HMAC is the secret as text; its
// digits are not decoded.
func (a *auth) authorize(_ context.Context, _ *transport.Operation, req *http.Request, body []byte) error {
	stamp := strconv.FormatInt(a.now().Add(time.Duration(a.skew.Load())).Unix(), 10)
	text := stamp + "." + req.Method + "." + req.URL.EscapedPath() + "." + sign.BodyHash(body)
	req.Header.Set("X-PAY-Key", a.key)
	req.Header.Set("X-PAY-Timestamp", stamp)
	req.Header.Set("X-PAY-Signature", sign.HMAC(a.secret, []byte(text)))
	return nil
}

// recover corrects our clock by the gateway's own when that is what it refused.
// Only an answer that nobody can have forged is believed, and only so far: a
// signature for another day would be of use to whoever moved the clock.
func (a *auth) recover(_ context.Context, _ *transport.Operation, req *http.Request, e *apierr.Error) bool {
	if e.Code != ErrTimestampOutOfRange || req.URL.Scheme != "https" && !transport.Loopback(req.URL.Hostname()) {
		return false
	}
	date, err := http.ParseTime(e.Header.Get("Date"))
	sent, err2 := strconv.ParseInt(req.Header.Get("X-PAY-Timestamp"), 10, 64)
	if err != nil || err2 != nil || sign.Within(date, time.Unix(sent, 0), window-time.Second) {
		return false // the answer's own date does not bear the refusal out
	}
	skew := date.Sub(a.now())
	if skew.Abs() > maxSkew {
		return false
	}
	a.skew.Store(int64(skew))
	return true
}
