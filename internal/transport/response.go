package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// strict refuses duplicate members, also those that differ in case only, and
// anything after the document. Invalid UTF-8 in a string is replaced, because a
// sloppy text is not worth the loss of a response.
var strict = json.JoinOptions(json.MatchCaseInsensitiveNames(true), jsontext.AllowInvalidUTF8(true))

// numbersAsText is strict, but a number fits into a member of text, as the digits that
// were received. Types with a method of their own for decoding are left alone. It is
// slower, so it is used only for what strict refuses.
var numbersAsText = json.JoinOptions(strict, json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, v any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	to := reflect.ValueOf(v).Elem()
	if to.Kind() != reflect.String || ownFormat(to.Type()) {
		return errors.ErrUnsupported
	}
	digits, err := d.ReadValue()
	to.SetString(string(digits))
	return err
})))

// DecodeText decodes a part of a response whose text may be sent as numbers; see
// Profile.NumbersAsText.
func DecodeText(b []byte, out any) error { return json.Unmarshal(b, out, numbersAsText) }

// lenient reads what was read strictly before.
var lenient = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// response reads one response into out; nil is success.
func (c *Client) response(k *call, req *http.Request, resp *http.Response, out any) *failure {
	k.status, k.header = resp.StatusCode, resp.Header
	k.header.Del("Set-Cookie")
	k.requestID = catalog.RequestID(resp.Header)
	success := resp.StatusCode >= 200 && resp.StatusCode < 300
	limit := catalog.MaxErrorBody
	if success {
		limit = maxBody
	}
	body, cut, err := read(resp, limit)
	if err == nil {
		c.silence.responses.Add(1)
	}
	r := catalog.Response{StatusCode: resp.StatusCode, Header: k.header, Body: body, Truncated: cut || err != nil}
	if success && cut {
		return c.unreadable(k, r, fmt.Errorf("the response is larger than %d bytes", maxBody))
	}
	if c.profile.Verify != nil {
		switch invalid := c.profile.Verify(req, resp, body); {
		case invalid != nil && success && err != nil:
			return c.broken(k, r, err)
		case invalid != nil && err != nil:
			return c.unverified(k, r, fmt.Errorf("the connection broke while the response was read: %w", err))
		case invalid != nil && cut:
			return c.unverified(k, r, fmt.Errorf("the response is larger than the %d bytes that are read of an error", limit))
		case invalid != nil:
			return c.unverified(k, r, invalid)
		}
	}
	reading := c.profile.Catalog.Read(k.declared, r)
	if !success && !reading.Failed { // a redirect that the spec declares is not followed
		reading = c.profile.Catalog.Failure(k.declared, r)
	}
	k.accepted = reading.Pending
	if !success || reading.Failed {
		k.requestID = reading.Error.RequestID
		if member := k.compare(body, out); member != "" {
			return c.distrusted(k, r, otherRequest(member))
		}
		return &failure{err: c.fail(k, reading), sent: true}
	}
	switch {
	case err != nil:
		return c.broken(k, r, err)
	case out == nil && len(bytes.TrimSpace(body)) == 0:
		return nil
	case out == nil: // the page of a proxy is not a success either
		out = new(any)
	}
	if err := c.decode(resp.Header, body, out, reading.Pending); err != nil {
		return c.unreadable(k, r, err)
	}
	if member := k.compare(body, out); member != "" {
		return c.unreadable(k, r, otherRequest(member))
	}
	return nil
}

// otherRequest says that a response belongs to another request. It has no values,
// because they may be those of another customer.
func otherRequest(member string) error {
	return fmt.Errorf("the response belongs to another request: %s is not what this request has", member)
}

// unverified is a response without a valid signature. Its body is not used.
func (c *Client) unverified(k *call, r catalog.Response, err error) *failure {
	return c.distrusted(k, r, fmt.Errorf("the signature of the response was not verified: %w", err))
}

// distrusted is a response whose body is not used. A refusal may be a firewall's
// response to a retry, or belong to another request, so the outcome of a write is
// unknown, and the status decides only about category and retries.
func (c *Client) distrusted(k *call, r catalog.Response, err error) *failure {
	reading := c.profile.Catalog.Failure(k.declared, r)
	reading.Details.Outcome = apierr.OutcomeUnknown
	if reading.Details.Cause == nil { // not a redirect
		reading.Details.Cause = err
	}
	return &failure{err: c.fail(k, reading), sent: true}
}

// broken is a success whose body could not be read to its end.
func (c *Client) broken(k *call, r catalog.Response, err error) *failure {
	reading := c.profile.Catalog.Unreadable(k.declared, r, fmt.Errorf("the connection broke while the response was read: %w", err))
	reading.Details.Category, reading.Details.Advice = apierr.ErrUnavailable, apierr.AdviceBackoff
	return &failure{err: c.fail(k, reading), sent: true, broken: true}
}

// unreadable is a success that cannot be trusted.
func (c *Client) unreadable(k *call, r catalog.Response, cause error) *failure {
	return &failure{err: c.fail(k, c.profile.Catalog.Unreadable(k.declared, r, cause)), sent: true}
}

// read returns at most limit bytes of a body. cut reports that there was more,
// which is left on the connection.
func read(resp *http.Response, limit int) (body []byte, cut bool, err error) {
	defer Recovered("the transport", &err)
	size := min(max(int(resp.ContentLength), 512), limit) + 1
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = buf.ReadFrom(io.LimitReader(resp.Body, int64(limit)+1))
	body = buf.Bytes()
	if len(body) > limit {
		return body[:limit], true, nil
	}
	return body, false, err
}

// decode reads a document that must be complete: what its schema requires has to
// be there, unless the operation is still pending.
func (c *Client) decode(header http.Header, body []byte, out any, pending bool) error {
	err := json.Unmarshal(body, out, strict)
	if _, misfit := errors.AsType[*json.SemanticError](err); misfit && c.profile.NumbersAsText {
		err = DecodeText(body, out)
	}
	if err != nil {
		return fmt.Errorf("the response%s is not the JSON document of the spec: %w", mediaType(header), position(err))
	}
	if _, discard := out.(*any); discard || pending {
		return nil
	}
	if missing := c.plans.missing(body, out); missing != "" {
		return fmt.Errorf("the response lacks %s", missing)
	}
	return nil
}

// mediaType names the response's media type, unless it is JSON.
func mediaType(h http.Header) string {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || strings.HasSuffix(media, "json") {
		return ""
	}
	return ", " + media + ","
}

// Decode reads a notification the way responses are read: one document, no
// duplicate member, nothing missing that its schema requires.
func Decode[T any](body []byte) (*T, error) {
	out := new(T)
	if err := json.Unmarshal(body, out, strict); err != nil {
		return nil, fmt.Errorf("not the JSON document of the spec: %w", position(err))
	}
	if missing := new(plans).missing(body, out); missing != "" {
		return nil, fmt.Errorf("the document lacks %s", missing)
	}
	return out, nil
}

// position reduces a decoder's error to where and what kind, without the values
// of the body.
func position(err error) error {
	if sem, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Errorf("JSON %s at %s does not fit", strings.TrimSpace(sem.JSONKind.String()), pointer(sem.JSONPointer))
	}
	if syn, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
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
