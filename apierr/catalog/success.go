package catalog

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/jsonscan"
)

// checkSuccess checks the body of a 2xx. A body that may carry a failure is read and
// replaced with a copy. One that only has to be JSON is checked as it is read. Others
// are left alone.
func (d *Doer) checkSuccess(op *Operation, req *http.Request, resp *http.Response) error {
	if d.Unchecked || req.Method == http.MethodHead || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusResetContent {
		return nil
	}
	declared, labeled := op.success(resp.StatusCode), isJSON(mediaType(resp.Header))
	mustBeJSON := declared.JSON && (!declared.Mixed || labeled) && !acceptsEvents(req, resp)
	encoded := isEncoded(req, resp)
	switch {
	case (mustBeJSON || labeled) && d.catalog.scansSuccess(op, resp.StatusCode):
		if encoded && decoder(resp) == nil {
			return nil
		}
		return d.checkWhole(op, req, resp, encoded, mustBeJSON)
	case mustBeJSON && !encoded:
		return d.checkStream(op, req, resp)
	}
	return nil
}

func (d *Doer) limit() int64 {
	if d.MaxBody <= 0 {
		return 16 << 20
	}
	return min(d.MaxBody, math.MaxInt64-1)
}

// checkWhole reads a body that may carry a failure. encoded says that the caller
// decodes the body, so it gets the bytes that were received.
func (d *Doer) checkWhole(op *Operation, req *http.Request, resp *http.Response, encoded, mustBeJSON bool) error {
	limit := d.limit()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	body := raw
	if encoded && err == nil && int64(len(raw)) <= limit {
		var invalid error
		if body, invalid = decode(resp, raw, limit+1); invalid != nil {
			return nil // the caller's decoder reports it
		}
	}
	r := Response{StatusCode: resp.StatusCode, Header: resp.Header, Body: jsonscan.TrimBOM(body), Truncated: err != nil || int64(len(body)) > limit}
	if reading := d.catalog.Read(op, r); reading.Failed {
		return reading.errorOf(op, req, resp)
	}
	if err != nil {
		return d.broken(op, req, resp, r, err)
	}
	if cause := unreadable(r.Body, limit, mustBeJSON); cause != nil {
		reading := d.catalog.Unreadable(op, r, cause)
		return reading.errorOf(op, req, resp)
	}
	if encoded {
		return nil
	}
	labelJSON(resp)
	setLength(resp, int64(len(r.Body)))
	resp.Body = io.NopCloser(bytes.NewReader(r.Body))
	return nil
}

// broken is the error of a 2xx whose body could not be read to the end.
func (d *Doer) broken(op *Operation, req *http.Request, resp *http.Response, r Response, err error) error {
	reading := d.catalog.Unreadable(op, r, fmt.Errorf("the connection broke while the response was read: %w", err))
	reading.Details.Category, reading.Details.Advice = apierr.ErrUnavailable, apierr.AdviceBackoff
	return reading.errorOf(op, req, resp)
}

// unreadable returns the reason why the body of a success cannot be used; nil if it
// can.
func unreadable(body []byte, limit int64, mustBeJSON bool) error {
	empty := len(bytes.TrimSpace(body)) == 0
	switch {
	case int64(len(body)) > limit:
		return tooLarge(limit)
	case empty && mustBeJSON:
		return errEmpty
	case !empty && !json.Valid(body):
		return errNotJSON
	}
	return nil
}

var (
	errEmpty   = errors.New("the response is empty; the spec declares JSON")
	errNotJSON = errors.New("the response is not valid JSON")
)

func tooLarge(limit int64) error { return fmt.Errorf("the response is larger than %d bytes", limit) }

// jsonBody is the body of a success that is checked while the caller reads it.
type jsonBody struct {
	io.ReadCloser
	ahead  []byte // checked, and not yet returned
	err    error  // after ahead
	check  jsonscan.Validator
	limit  int64
	size   int64
	failed bool                         // err is not io.EOF
	fail   func(cause, err error) error // cause is nil if the body could not be read
}

// checkStream reads the beginning of a body, so that an empty response or a page is an
// error at once, and lets the caller read the rest.
func (d *Doer) checkStream(op *Operation, req *http.Request, resp *http.Response) error {
	b := &jsonBody{ReadCloser: resp.Body, limit: d.limit()}
	buf, n := make([]byte, 512), 0
	var end error
	for end == nil && n < len(buf) && (bytes.HasPrefix(byteOrderMark, buf[:n]) || isBlank(buf[:n])) {
		var more int
		more, end = resp.Body.Read(buf[n:])
		n += more
	}
	b.ahead = jsonscan.TrimBOM(buf[:n])
	if resp.ContentLength >= 0 && len(b.ahead) < n {
		setLength(resp, resp.ContentLength-int64(n-len(b.ahead)))
	}
	b.fail = func(cause, err error) error {
		b.failed = true
		r := Response{StatusCode: resp.StatusCode, Header: resp.Header, Truncated: !errors.Is(err, io.EOF) || b.size > int64(len(b.ahead))}
		r.Body = b.ahead // what is not JSON from its beginning
		if cause == nil {
			return d.broken(op, req, resp, r, err)
		}
		reading := d.catalog.Unreadable(op, r, cause)
		return reading.errorOf(op, req, resp)
	}
	if b.err = b.next(b.ahead, end); b.failed {
		_ = b.Close()
		return b.err
	}
	labelJSON(resp)
	resp.Body = b
	return nil
}

var byteOrderMark = []byte("\ufeff")

func isBlank(text []byte) bool { return len(bytes.TrimSpace(jsonscan.TrimBOM(text))) == 0 }

func (b *jsonBody) Read(p []byte) (int, error) {
	if len(b.ahead) > 0 {
		n := copy(p, b.ahead)
		b.ahead = b.ahead[n:]
		return n, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.ReadCloser.Read(p)
	if b.err = b.next(p[:n], err); b.failed {
		n = 0
	}
	return n, b.err
}

// next checks what was read and returns the error for the reader.
func (b *jsonBody) next(piece []byte, err error) error {
	b.size += int64(len(piece))
	switch {
	case b.size > b.limit:
		return b.fail(tooLarge(b.limit), err)
	case !b.check.Add(piece):
		return b.fail(errNotJSON, err)
	case err == nil || errors.Is(err, io.EOF) && b.check.Complete():
		return err
	case !errors.Is(err, io.EOF):
		return b.fail(nil, err)
	case !b.check.Started():
		return b.fail(errEmpty, err)
	}
	return b.fail(errNotJSON, err)
}

// labelJSON sets the Content-Type of JSON that is not labeled as such, because
// generated clients decode nothing else.
func labelJSON(resp *http.Response) {
	if !isJSON(mediaType(resp.Header)) {
		setHeader(resp, "Content-Type", "application/json")
	}
}

// setLength corrects the length of a body from which a byte order mark was removed.
func setLength(resp *http.Response, n int64) {
	if resp.Header.Get("Content-Length") != "" {
		setHeader(resp, "Content-Length", strconv.FormatInt(n, 10))
	}
	resp.ContentLength = n
}

// setHeader changes the header of a response, but not a header that the HTTP client
// may share between responses.
func setHeader(resp *http.Response, name, value string) {
	if resp.Header = resp.Header.Clone(); resp.Header == nil {
		resp.Header = http.Header{}
	}
	resp.Header.Set(name, value)
}

// isEncoded reports whether a body has an encoding that the caller asked for, and
// therefore decodes. net/http removes an encoding that it asked for itself. Any
// other encoding is an error of the server, and its body is not valid JSON.
func isEncoded(req *http.Request, resp *http.Response) bool {
	encoding := resp.Header.Get("Content-Encoding")
	return encoding != "" && !strings.EqualFold(encoding, "identity") && req.Header.Get("Accept-Encoding") != ""
}

// decoder returns the decoder for the encoding of a body; nil if there is none.
func decoder(resp *http.Response) func(io.Reader) (io.ReadCloser, error) {
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "gzip", "x-gzip":
		return func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }
	case "deflate":
		return zlib.NewReader
	}
	return nil
}

// decode decodes a body, to at most n bytes. Without a decoder it returns the body as
// it is.
func decode(resp *http.Response, body []byte, n int64) ([]byte, error) {
	open := decoder(resp)
	if open == nil {
		return body, nil
	}
	r, err := open(bytes.NewReader(body))
	if err != nil {
		return body, err
	}
	return io.ReadAll(io.LimitReader(r, n))
}

// acceptsEvents reports whether a body has server-sent events that the request asked
// for.
func acceptsEvents(req *http.Request, resp *http.Response) bool {
	const events = "text/event-stream"
	return strings.HasPrefix(strings.ToLower(resp.Header.Get("Content-Type")), events) && strings.Contains(strings.ToLower(req.Header.Get("Accept")), events)
}

// scansSuccess reports whether a 2xx of an operation may carry a failure.
func (c *Catalog) scansSuccess(op *Operation, status int) bool {
	var few [4]*Envelope
	for _, v := range c.envelopes(few[:0], op, status) {
		if v.scansSuccess() {
			return true
		}
	}
	return false
}

// mediaType returns the media type of a body in lower case, without parameters.
func mediaType(h http.Header) string {
	media, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(media))
}

func isJSON(media string) bool {
	return strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
}
