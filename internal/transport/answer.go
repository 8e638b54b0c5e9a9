package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/apierr"
)

// strict refuses repeated keys (case twins too) and anything after the document;
// broken UTF-8 in a text is replaced, never the loss of an answer.
var strict = json.JoinOptions(json.MatchCaseInsensitiveNames(true), jsontext.AllowInvalidUTF8(true))

// answer reads one answer: nil is success.
func (c *Client) answer(k *call, req *http.Request, resp *http.Response, out any) *failure {
	k.status, k.header = resp.StatusCode, resp.Header
	k.header.Del("Set-Cookie")
	k.requestID = resp.Header.Get("X-Request-Id")
	ok := resp.StatusCode >= 200 && resp.StatusCode < 300
	limit := maxError
	if ok {
		limit = maxBody
	}
	body, cut, err := read(resp, limit)
	e := apierr.Error{StatusCode: resp.StatusCode, Header: k.header, RequestID: k.requestID, RawBody: body, Truncated: cut || err != nil}
	if len(body) > maxError {
		e.RawBody, e.Truncated = body[:maxError], true
	}
	if ok && cut {
		return c.unreadable(k, e, fmt.Errorf("the answer is larger than %d bytes", maxBody))
	}
	d := apierr.Details{RetryAfter: retryAfter(resp.Header)}
	if err == nil && c.profile.Verify != nil {
		if err := c.profile.Verify(req, resp, body); err != nil {
			return c.unverified(k, e, d, ok, err)
		}
	}
	if failed := c.classify(k.op, &e, &d, body); failed || !ok {
		k.requestID = e.RequestID
		return c.refused(k, e, d)
	}
	switch {
	case err != nil:
		d := apierr.Details{Cause: fmt.Errorf("the answer broke off: %w", err), Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}
		return &failure{err: c.fail(k, e, d), sent: true, broken: true}
	case out == nil && len(bytes.TrimSpace(body)) == 0:
		return nil
	case out == nil: // a proxy's page is no success either
		out = new(any)
	}
	if err := c.decode(resp.Header, body, out, d.Outcome == apierr.OutcomePending); err != nil {
		return c.unreadable(k, e, err)
	}
	return nil
}

// refused is an answer that says no.
func (c *Client) refused(k *call, e apierr.Error, d apierr.Details) *failure {
	if e.StatusCode >= 300 && e.StatusCode < 400 {
		d.Cause = errors.New("the server redirects" + target(e.Header) + "; redirects are refused")
	}
	return &failure{err: c.fail(k, e, d), sent: true}
}

// unverified is an answer whose signature does not hold. Nothing in it is
// believed; a refusal, such as a proxy's page, is judged by its status.
func (c *Client) unverified(k *call, e apierr.Error, d apierr.Details, ok bool, err error) *failure {
	d.Cause = fmt.Errorf("the answer's signature does not hold: %w", err)
	if ok {
		return c.unreadable(k, e, d.Cause)
	}
	return c.refused(k, e, d)
}

// unreadable is a success that cannot be believed.
func (c *Client) unreadable(k *call, e apierr.Error, cause error) *failure {
	return &failure{err: c.fail(k, e, apierr.Details{Cause: cause, Category: apierr.ErrProvider}), sent: true}
}

// read takes at most limit bytes of a body; cut says that there was more, which
// is left on the connection.
func read(resp *http.Response, limit int) (body []byte, cut bool, err error) {
	size := min(max(int(resp.ContentLength), 512), limit) + 1
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = buf.ReadFrom(io.LimitReader(resp.Body, int64(limit)+1))
	body = buf.Bytes()
	if len(body) > limit {
		return body[:limit], true, nil
	}
	return body, false, err
}

// decode reads a document that must be whole: what its schema requires has to
// be there, unless the provider has only begun.
func (c *Client) decode(header http.Header, body []byte, out any, pending bool) error {
	if err := json.Unmarshal(body, out, strict); err != nil {
		return fmt.Errorf("the answer%s is not the JSON document of the spec: %w", called(header), shape(err))
	}
	if _, nothing := out.(*any); nothing || pending {
		return nil
	}
	if missing := c.plans.missing(body, out); missing != "" {
		return fmt.Errorf("the answer lacks %s", missing)
	}
	return nil
}

// called is what an answer says it is, unless that is JSON.
func called(h http.Header) string {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || strings.HasSuffix(media, "json") {
		return ""
	}
	return ", " + media + ","
}

// Decode reads a notification the way answers are read: one document, no
// repeated key, nothing missing that its schema requires.
func Decode[T any](body []byte) (*T, error) {
	out := new(T)
	if err := json.Unmarshal(body, out, strict); err != nil {
		return nil, fmt.Errorf("not the JSON document of the spec: %w", shape(err))
	}
	if missing := new(plans).missing(body, out); missing != "" {
		return nil, fmt.Errorf("the document lacks %s", missing)
	}
	return out, nil
}

// shape reduces a decoder's error to where and what kind, without the values of
// the body.
func shape(err error) error {
	var sem *json.SemanticError
	if errors.As(err, &sem) {
		return fmt.Errorf("JSON %s at %s does not fit", strings.TrimSpace(sem.JSONKind.String()), pointer(sem.JSONPointer))
	}
	var syn *jsontext.SyntacticError
	if errors.As(err, &syn) {
		return fmt.Errorf("broken at byte %d", syn.ByteOffset)
	}
	return errors.New("broken")
}

func pointer(p jsontext.Pointer) string {
	if p == "" {
		return "its root"
	}
	return string(p)
}

// target names only the host a redirect points at.
func target(h http.Header) string {
	if u, err := url.Parse(h.Get("Location")); err == nil && u.Host != "" {
		return " to " + u.Hostname()
	}
	return ""
}
