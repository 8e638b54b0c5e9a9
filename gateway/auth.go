package gateway

import (
	"context"
	"net/http"
	"strconv"
	"strings"
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

// The headers that authorize sets. The gateway's page demands this case, which HTTP/1
// keeps only if a name is put into the map as it is: Header.Set would write X-Pay-Key.
const (
	keyHeader       = "X-PAY-Key"
	timestampHeader = "X-PAY-Timestamp"
	signatureHeader = "X-PAY-Signature"
)

var signatureHeaders = []string{keyHeader, timestampHeader, signatureHeader}

// authorize signs one attempt. The HMAC key is the text of the secret; its
// hexadecimal digits are not decoded. The path is the decoded one, as in the
// gateway's own sample; the IDs of payments contain nothing that is escaped.
func (a *auth) authorize(_ context.Context, _ *transport.Operation, req *http.Request, body []byte) error {
	stamp := strconv.FormatInt(a.now().Add(time.Duration(a.skew.Load())).Unix(), 10)
	text := stamp + "." + req.Method + "." + req.URL.Path + "." + sign.BodyHash(body)
	for i, value := range []string{a.publicKey, stamp, sign.HMAC(a.secret, []byte(text))} {
		req.Header[signatureHeaders[i]] = []string{value}
	}
	return nil
}

// header returns a header that authorize has set; Header.Get looks for another case.
func header(req *http.Request, name string) string { return strings.Join(req.Header[name], ", ") }

// recover corrects the local clock by the gateway's Date header if the gateway
// refused the timestamp. It trusts authenticated responses only, over https or
// from this machine, and limits the correction: a signature for another day would
// be useful to an attacker who forged the date.
func (a *auth) recover(_ context.Context, _ *transport.Operation, req *http.Request, e *apierr.Error) bool {
	if e.Code != ErrTimestampOutOfRange || req.URL.Scheme != "https" && !transport.Loopback(req.URL.Hostname()) {
		return false
	}
	date, _ := http.ParseTime(e.Header.Get("Date"))                   // an invalid one is more than maxSkew ago
	sent, _ := strconv.ParseInt(header(req, timestampHeader), 10, 64) // from authorize
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
