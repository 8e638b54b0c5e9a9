package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/jsonscan"
)

// Response is a response of the API.
type Response struct {
	StatusCode int
	Header     http.Header
	Body       []byte // as much as was read
	Truncated  bool   // Body is incomplete
}

func (r *Response) success() bool { return r.StatusCode >= 200 && r.StatusCode < 300 }

// Reading is the result of reading a response. A client adds the facts of the call
// to Error and Details before Err turns them into an error.
type Reading struct {
	Failed  bool           // the call failed: by its status, or by a code or status word inside a 2xx
	Pending bool           // the status word of a 2xx says that the operation was accepted and is not finished
	Error   apierr.Error   // set if Failed
	Details apierr.Details // set if Failed

	Envelope *Envelope // that the body was read with; nil if no envelope fits, or if the call did not fail
}

// Err returns the error of a failed call.
func (r *Reading) Err() *apierr.Error { return apierr.New(r.Error, r.Details) }

// Read reads a response to an operation; op is nil if the operation is not known.
// It looks for a code in a JSON body, then for a plain text that matches a rule,
// whatever the Content-Type says. Otherwise the status alone decides. A 3xx that the
// spec declares without an error body is not a failure.
//
// JSON bodies outside 2xx are read leniently, so that a code is found even if the
// rest of the body is broken. A code or status word inside a 2xx counts only if the
// body is valid JSON. Otherwise Read reports no failure, and the client fails when
// it decodes the body.
func (c *Catalog) Read(op *Operation, r Response) Reading {
	if r.success() {
		return c.readSuccess(op, r)
	}
	if c.passes(op, r.StatusCode) {
		return Reading{}
	}
	reading := c.Failure(op, r)
	body := r.Body[:min(len(r.Body), MaxErrorBody)]
	candidates := c.candidates(op, r)
	doc := source{jsonscan.TrimBOM(body), r.Header, r.StatusCode}
	if found, ok := bestJSON(candidates, r.StatusCode, doc); ok {
		return reading.with(found)
	}
	declared := declaredOnly(candidates)
	for _, v := range declared {
		if v.Text == nil {
			continue
		}
		if code, captures, matched := v.Text.match(r.StatusCode, body); matched {
			return reading.withText(v.Envelope, code, captures, body)
		}
	}
	if found, ok := withoutCode(declared, doc); ok {
		return reading.with(found)
	}
	for _, v := range declared {
		if v.Text != nil {
			return reading.withText(v.Envelope, v.Text.Fallback, nil, body)
		}
	}
	return reading
}

// withoutCode reads a JSON body without a code: with the first envelope that finds
// anything, or else with the first.
func withoutCode(candidates []candidate, doc source) (best content, ok bool) {
	if !jsonscan.IsContainer(doc.body) {
		return best, false
	}
	for _, v := range candidates {
		if v.Text != nil {
			continue
		}
		found := content{envelope: v.Envelope}
		if found.addDetails(v.Envelope, doc.at(v.At)); !ok || found.saysAnything() {
			best = found
		}
		if ok = true; best.saysAnything() {
			break
		}
	}
	return best, ok
}

// Unreadable returns the reading of a 2xx that cannot be read, for the given cause.
func (c *Catalog) Unreadable(op *Operation, r Response, cause error) Reading {
	reading := c.Failure(op, r)
	reading.Details.Cause, reading.Details.Category = cause, apierr.ErrProvider
	return reading
}

// Failure returns the reading of a failed response by status and header alone.
func (c *Catalog) Failure(op *Operation, r Response) Reading {
	reading := Reading{
		Failed: true,
		Error: apierr.Error{
			Provider: c.API, StatusCode: r.StatusCode, Header: withoutCookies(r.Header), RequestID: RequestID(r.Header),
			RawBody: r.Body[:min(len(r.Body), MaxErrorBody)], Truncated: r.Truncated || len(r.Body) > MaxErrorBody,
		},
		Details: apierr.Details{RetryAfter: retryAfter(r.Header)},
	}
	if r.StatusCode >= 300 && r.StatusCode < 400 && r.StatusCode != http.StatusNotModified {
		reading.Details.Cause = errors.New("the server redirects" + redirectHost(r.Header) + "; redirects are not followed")
	}
	reading.Details.Schemas = c.schemas(op, r)
	if op != nil {
		reading.Error.Operation = op.ID
		reading.Details.Unknown = op.Unknown
		reading.Details.Safe = op.isSafe(op.Method)
		reading.Details.Keyed = op.Class == "keyed"
	}
	return reading
}

// schemas returns the names of the schemas that the spec declares for a failure: those
// of the most specific declaration. If the operation is not known, these are the
// names of all operations.
func (c *Catalog) schemas(op *Operation, r Response) []string {
	if r.success() || r.StatusCode == 0 {
		return nil
	}
	if op != nil {
		return op.schemas(r.StatusCode)
	}
	var out []string
	for i := range c.Operations {
		for _, name := range c.Operations[i].schemas(r.StatusCode) {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func (op *Operation) schemas(status int) (names []string) {
	best := 0
	for _, b := range op.Bodies {
		if n := rank(b.Status, status); n > best {
			names, best = b.Schemas, n
		}
	}
	return names
}

func (c *Catalog) readSuccess(op *Operation, r Response) Reading {
	var out Reading
	var few [4]*Envelope // on the stack, because nearly every call gets here
	for _, v := range c.envelopes(few[:0], op, r.StatusCode) {
		if v.Text != nil || !v.scansSuccess() || !v.mentions(r.Body) {
			continue
		}
		doc := jsonscan.TrimBOM(r.Body)
		part := source{body: doc, status: r.StatusCode}.at(v.At) // without the header, which says nothing about a success
		found := readCode(v, nil, part)
		if !found.failsIn2xx(v) {
			out.Pending = out.Pending || found.outcome == apierr.OutcomePending
			continue
		}
		if !json.Valid(doc) {
			continue
		}
		part.body = part.body[:min(len(part.body), MaxErrorBody)]
		found.addDetails(v, source{part.body, r.Header, r.StatusCode})
		return c.Failure(op, r).with(found)
	}
	return out
}

// mentions is a cheap check before a success is searched. A body that does not
// contain the name of a member that may hold a code has no code. Names that can be
// escaped in several ways, and elements of arrays, are always searched.
func (v *Envelope) mentions(body []byte) bool {
	if v.Outcome.From != "" || bytes.Contains(body, []byte(`\u`)) {
		return true
	}
	return slices.ContainsFunc(v.Code, func(pointer string) bool {
		name := pointer[strings.LastIndexByte(pointer, '/')+1:]
		return pointer == "" || !hasOneSpelling(name) || bytes.Contains(body, []byte(`"`+name+`"`))
	})
}

// hasOneSpelling reports whether a token of a JSON pointer names a member that
// JSON writes as it is, unless it uses \u. A number may be an index instead.
func hasOneSpelling(name string) bool {
	if _, err := strconv.Atoi(name); err == nil || name == "*" {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '~' || r == '"' || r == '\\' })
}

// content holds the parts of a JSON body.
type content struct {
	envelope *Envelope

	code    apierr.Code
	rawCode string
	codes   []apierr.Code  // all codes, if there are several
	word    string         // the status word
	outcome apierr.Outcome // of the word and the code; "" without a word

	errorType, message, param, requestID, docURL string
	fields                                       []apierr.FieldError
}

// addDetails reads the parts of a body other than the code and the status word.
func (c *content) addDetails(v *Envelope, doc source) {
	c.errorType, c.param = doc.first(v.Type), doc.first(v.Param)
	c.message, c.requestID = limit(doc.first(v.Message), 2<<10), doc.first(v.RequestID)
	c.docURL, c.fields = trusted(doc.first(v.DocURL), v.DocHosts), readFields(doc.body, v.Fields)
}

func (c *content) saysAnything() bool {
	return c.message != "" || c.errorType != "" || c.param != "" || c.requestID != "" || len(c.fields) > 0
}

// blank is the type of a problem that has no code (RFC 9457).
const blank = "about:blank"

// readCode returns the codes, also those of the levels, and the status word of the part of
// a body that At points to.
func readCode(v *Envelope, levels []Level, doc source) (found content) {
	found.envelope = v
	for _, p := range v.Code {
		doc.codes(p, v.Numbers, func(text string, weak bool) { found.add(text, v.parse(text), weak) })
		if found.rawCode != "" {
			break
		}
	}
	for _, l := range levels {
		doc.codes(l.Code, l.Numbers, func(text string, weak bool) { found.add(text, l.parse(text), weak) })
	}
	if v.Outcome.From != "" {
		found.word = jsonscan.String(doc.body, v.Outcome.From)
		found.outcome = v.Outcome.of(found.word, found.code)
	}
	return found
}

// add adds a code. The first one that is in the catalog is that of the error. A number that only repeats the HTTP
// status is a code if the catalog has it.
func (c *content) add(text string, code apierr.Code, repeatsStatus bool) {
	known := isKnown(code)
	if text == "" || (text == blank || repeatsStatus) && !known || len(c.codes) == maxCodes {
		return
	}
	if c.rawCode == "" {
		c.rawCode, c.code = text, code
		return
	}
	if c.codes == nil && c.code != nil {
		c.codes = append(c.codes, c.code)
	}
	if code != nil && !slices.Contains(c.codes, code) {
		c.codes = append(c.codes, code)
	}
	if known && !isKnown(c.code) {
		c.rawCode, c.code = text, code
	}
}

// of returns the outcome of a status word and a code; "" without a word.
func (r *OutcomeRule) of(word string, code apierr.Code) apierr.Outcome {
	if word == "" {
		return ""
	}
	if info, _ := infoOf(code); info.Outcome != "" {
		return info.Outcome
	}
	for _, w := range r.Map {
		if w.Word == word {
			return w.Outcome
		}
	}
	return apierr.OutcomeUnknown
}

// succeeded reports whether the status word stands for a success.
func (c *content) succeeded() bool {
	return c.outcome == apierr.OutcomeApplied || c.outcome == apierr.OutcomePending
}

// failsIn2xx reports whether a 2xx body says that the call failed. If the envelope
// has a status word and the body does not, the body is not that envelope.
func (c *content) failsIn2xx(v *Envelope) bool {
	if v.Outcome.From != "" {
		return c.word != "" && !c.succeeded()
	}
	return c.rawCode != ""
}

// with returns the reading with the parts of its body.
func (r Reading) with(c content) Reading {
	r.Envelope = c.envelope
	r.Error.Code, r.Error.RawCode, r.Error.Type = c.code, c.rawCode, c.errorType
	if len(c.codes) > 1 {
		r.Error.Codes = c.codes
	}
	r.Error.Message, r.Error.Param, r.Error.Fields = c.message, c.param, c.fields
	if c.requestID != "" {
		r.Error.RequestID = c.requestID
	}
	switch info, _ := infoOf(c.code); {
	case !c.succeeded():
		r.Details.Outcome = c.outcome // "" without a word
	case info.Outcome == "": // the word contradicts the status
		r.Details.Outcome = apierr.OutcomeUnknown
	}
	r.Details.DocURL, r.Details.ShowMessage = c.docURL, c.envelope.ShowMessage
	return r
}

// maxDocURL is the size of the longest documentation URL that is passed on. The
// URL is logged with the error.
const maxDocURL = 2 << 10

// trusted returns a URL if it is https, its host is one of hosts and it is not too
// long.
func trusted(raw string, hosts []string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.User != nil || !slices.Contains(hosts, u.Hostname()) {
		return ""
	}
	if s := u.String(); len(s) <= maxDocURL {
		return s
	}
	return ""
}

// infoOf returns the entry of a code, which may be nil; an empty one if it has none.
func infoOf(code apierr.Code) (apierr.CodeInfo, bool) {
	if code != nil {
		if info, known := code.Info(); known {
			return info, true
		}
	}
	return apierr.CodeInfo{}, false
}

func isKnown(code apierr.Code) bool {
	_, known := infoOf(code)
	return known
}

// redirectHost returns only the host of a redirect: its path and query may
// contain secrets.
func redirectHost(h http.Header) string {
	if u, err := url.Parse(h.Get("Location")); err == nil && u.Host != "" {
		return " to " + u.Hostname()
	}
	return ""
}

// RequestID returns the ID that a response has in one of the usual headers, such as
// X-Request-Id; "" if it has none.
func RequestID(h http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Amzn-Requestid", "X-Amz-Request-Id", "X-Ms-Request-Id", "X-Correlation-Id", "Correlation-Id", "X-Trace-Id"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// withoutCookies returns a copy of a header without cookies. The header of a stored response
// may have names that are not in canonical form.
func withoutCookies(h http.Header) http.Header {
	h = h.Clone()
	maps.DeleteFunc(h, func(name string, _ []string) bool { return strings.EqualFold(name, "Set-Cookie") })
	return h
}

// retryAfter reads Retry-After: seconds, with fractions, or an HTTP date, which
// is compared with the response's own Date because local clocks differ. It
// returns 0 if there is nothing usable.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(v, 64); err == nil {
		if !(seconds > 0) { // NaN too
			return 0
		}
		return time.Duration(math.Min(seconds, 1e9) * float64(time.Second))
	}
	until, _ := http.ParseTime(v) // an invalid one is long ago
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(until.Sub(now), 0)
}

// limit cuts a string after n bytes, at the end of a character.
func limit(s string, n int) string {
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}
