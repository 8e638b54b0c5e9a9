package standalone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// APIDoer makes the requests of a generated client and turns failures into *APIError. It is safe for concurrent use as
// long as its fields stay as they are.
type APIDoer struct {
	// Next makes the requests. nil: a client with a timeout of 30 s, reading the answer included, which does not
	// follow redirects. A client of your own keeps its own timeout and redirect policy.
	Next interface {
		Do(*http.Request) (*http.Response, error)
	}
	// MaxBody limits a success that is JSON, in bytes; 0 is 16 MiB. A larger one is an error. Bodies that the spec does
	// not declare as JSON are not read here and have no limit. Of error bodies 64 KiB are read.
	MaxBody int64
}

// ErrorDoer returns the doer to put under a client: NewClient(server, WithHTTPClient(ErrorDoer(nil))). Every call of the
// client then returns an *APIError for an answer outside 2xx, a failure inside a 2xx, a success that the spec declares as
// JSON and that is empty, cut, too large or no JSON, and a request without an answer. next makes the requests; nil is a
// client of its own, see APIDoer.
func ErrorDoer(next interface {
	Do(*http.Request) (*http.Response, error)
}) *APIDoer {
	if c, ok := next.(*http.Client); ok && c == nil {
		next = nil
	}
	if next == nil {
		next = &http.Client{
			Timeout:       30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &APIDoer{Next: next}
}

// Do makes a request. The error is an *APIError, and then there is no response; else the response is a success whose
// body is still to be read and closed.
func (d *APIDoer) Do(req *http.Request) (*http.Response, error) {
	op, next := errorOperationOf(req), d.Next
	if next == nil {
		next = ErrorDoer(nil).Next
	}
	resp, err := next.Do(req)
	if err == nil && resp == nil {
		err = errors.New("the doer returned neither an answer nor an error")
	}
	if err != nil {
		if resp != nil && resp.Body != nil {
			_ = resp.Body.Close()
		}
		return nil, errorUnanswered(op, req, err)
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer func() { _ = resp.Body.Close() }()
		return nil, errorRefused(op, req, resp)
	}
	if failure := d.success(op, req, resp); failure != nil {
		return nil, failure
	}
	return resp, nil
}

// errorUnanswered is a request without an answer.
func errorUnanswered(op *errorOperation, req *http.Request, err error) error {
	if e := errorIn(err); e != nil {
		return e // a doer below has said it
	}
	var u *url.Error
	if errors.As(err, &u) { // its text holds the whole URL
		err = u.Err
	}
	e := errorFor(op, req)
	e.cause, e.class, e.advice = err, ClassUnavailable, AdviceBackoff
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		e.outcome = OutcomeNotApplied // nothing was sent
	}
	return e
}

// errorFor begins an error of a call.
func errorFor(op *errorOperation, req *http.Request) *APIError {
	e := &APIError{safe: op.safe(req.Method)}
	op.mark(e)
	return e
}

// errorRefused is an answer that says no.
func errorRefused(op *errorOperation, req *http.Request, resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, errorKept+1))
	e, _ := errorAnswer(op, resp.StatusCode, resp.Header, body)
	e.safe = op.safe(req.Method)
	e.Truncated = e.Truncated || err != nil
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		e.cause = errors.New("the server redirects" + errorHost(resp.Header.Get("Location")) + "; redirects are not followed")
	}
	return e
}

// errorHost names only the host that a redirect points at.
func errorHost(location string) string {
	if u, err := url.Parse(location); err == nil && u.Host != "" {
		return " to " + u.Hostname()
	}
	return ""
}

// success looks into a 2xx and puts its body back. What is not JSON by spec, nor may hide a failure, is left alone.
func (d *APIDoer) success(op *errorOperation, req *http.Request, resp *http.Response) error {
	reply, labelled := op.reply(resp.StatusCode), errorIsJSON(resp.Header.Get("Content-Type"))
	must := reply.JSON && (!reply.Mixed || labelled)
	bare := req.Method == http.MethodHead || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusResetContent
	encoded := resp.Header.Get("Content-Encoding") != "" && !resp.Uncompressed // by the caller's own wish
	if bare || encoded || !must && (!labelled || !errorHides(op)) {
		return nil
	}
	limit := d.MaxBody
	if limit <= 0 {
		limit = 16 << 20
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	_ = resp.Body.Close()
	e, failed := errorAnswer(op, resp.StatusCode, resp.Header, body)
	if failed {
		e.safe = op.safe(req.Method)
		return e
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	switch {
	case err != nil:
		e = errorUnreadable(op, req, resp, body, fmt.Errorf("the answer broke off: %w", err))
		e.class, e.advice = ClassUnavailable, AdviceBackoff
		return e
	case int64(len(body)) > limit:
		return errorUnreadable(op, req, resp, body, fmt.Errorf("the answer is larger than %d bytes", limit))
	case !must:
	case len(bytes.TrimSpace(body)) == 0:
		return errorUnreadable(op, req, resp, body, errors.New("the answer is empty; the spec declares JSON"))
	case !json.Valid(body):
		return errorUnreadable(op, req, resp, body, errors.New("the answer is not JSON, as the spec declares it"))
	case !labelled:
		resp.Header.Set("Content-Type", "application/json") // or the client would not look at it
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

// errorUnreadable is a success that cannot be believed.
func errorUnreadable(op *errorOperation, req *http.Request, resp *http.Response, body []byte, cause error) *APIError {
	e := errorFor(op, req)
	e.StatusCode, e.RequestID, e.Header = resp.StatusCode, resp.Header.Get("X-Request-Id"), resp.Header
	e.Header.Del("Set-Cookie")
	e.RawBody, e.Truncated = bytes.Clone(body[:min(len(body), errorKept)]), len(body) > errorKept || errors.Unwrap(cause) != nil
	e.cause, e.class = cause, ClassProvider
	return e
}

func errorIsJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(contentType, ";")
	}
	media = strings.ToLower(strings.TrimSpace(media))
	return strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
}

// errorHides reports whether an answer of the operation may hide a failure in a 2xx.
func errorHides(op *errorOperation) bool {
	for _, v := range op.shapes() {
		if v.hides() {
			return true
		}
	}
	return false
}
