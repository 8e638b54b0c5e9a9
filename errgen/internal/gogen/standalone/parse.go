package standalone

import (
	"bytes"
	"math"
	"net/http"
	"strconv"
	"time"
)

// errorKept is how much of an error body is read and kept.
const errorKept = 64 << 10

// Parse reads an answer that somebody else received: a stored one, a webhook's, a server's own. It returns the error
// and true for every status but 2xx, and for a 2xx whose body says that the call failed; nil and false for a success.
// Nothing of it is trusted: the body may be empty, cut, of another kind than its label says, or hostile. The outcome is
// judged as for a call that may have changed something.
func Parse(status int, header http.Header, body []byte) (*APIError, bool) {
	return errorAnswer(nil, status, header, body)
}

// errorAnswer reads the answer of an operation; nil stands for any.
func errorAnswer(op *errorOperation, status int, header http.Header, body []byte) (*APIError, bool) {
	success := status >= 200 && status < 300
	kept := body[:min(len(body), errorKept)]
	e := &APIError{StatusCode: status, RequestID: header.Get("X-Request-Id"), retryAfter: errorRetryAfter(header)}
	op.mark(e)
	if success {
		kept = body
	}
	if failed := e.read(op.shapes(), kept); success && !failed {
		return nil, false
	}
	e.RawBody, e.Truncated = bytes.Clone(kept[:min(len(kept), errorKept)]), len(body) > errorKept
	if e.Header = header.Clone(); e.Header != nil {
		e.Header.Del("Set-Cookie")
	}
	return e, true
}

// errorRetryAfter reads a number of seconds, or a date by the server's own clock.
func errorRetryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(v, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(math.Min(seconds, 1e9) * float64(time.Second))
	}
	until, err1 := http.ParseTime(v)
	now, err2 := http.ParseTime(h.Get("Date"))
	if err1 != nil || err2 != nil {
		return 0
	}
	return max(until.Sub(now), 0)
}
