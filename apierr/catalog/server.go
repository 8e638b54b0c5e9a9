package catalog

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/specpay/specpay/apierr"
)

// Reply is an error that a handler returns: a code and the details of one response.
// A handler can also return a code alone.
type Reply struct {
	Code       error               // a code of the catalog; any other error becomes an internal error
	Status     int                 // 200 to 599; 0, and a status at which clients do not find the code, is replaced by that of the catalog
	Message    string              // sent to the caller; "" is the code's title. In a plain-text catalog this is the whole body
	Param      string              // the request field at fault
	RequestID  string              // identifies the request in the server's own logs; in X-Request-Id if the body has no place for it
	Fields     []apierr.FieldError // problems of single fields, if the body has a place for them
	Captures   map[string]string   // in a plain-text catalog, the values of the code's text, by name
	RetryAfter time.Duration       // sent in whole seconds, rounded up; 0 sends none
	Cause      error               // for the server's own log; never sent
}

// Error returns the code's text followed by the cause's, for the server's own
// log.
func (r Reply) Error() string {
	text := "a reply without a code"
	if r.Code != nil {
		text = r.Code.Error()
	}
	if r.Cause != nil {
		text += ": " + r.Cause.Error()
	}
	return text
}

// Unwrap returns the code and the cause.
func (r Reply) Unwrap() []error {
	var out []error
	for _, err := range []error{r.Code, r.Cause} {
		if err != nil {
			out = append(out, err)
		}
	}
	return out
}

// WriteError writes an error response: the status, and a body in the shape that the
// spec declares for the operation. It has the signature of ResponseErrorHandlerFunc
// in the StrictHTTPServerOptions that oapi-codegen generates, so that a handler can
// return nil and a code or a [Reply]. An error without a code of the catalog gets
// status 500 and the catalog's fallback code, if there is one. Its text is not
// sent; log it before.
func (c *Catalog) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	s := &serverCall{catalog: c, op: c.match(r)}
	reply, ok := errors.AsType[Reply](err)
	if !ok {
		reply = Reply{Code: err}
	}
	code, _ := errors.AsType[apierr.Code](reply.Code)
	if !c.owns(code) {
		s.write(w, s.internalError())
		return
	}
	info, _ := code.Info()
	if reply.Status == 0 && len(info.Statuses) > 0 {
		reply.Status = info.Statuses[0]
	}
	if reply.Status < 200 || reply.Status > 599 {
		reply.Status = http.StatusInternalServerError
	}
	s.write(w, response{Reply: reply, code: code, info: info})
}

// owns reports whether a code, which may be nil, is in the catalog.
func (c *Catalog) owns(code apierr.Code) bool {
	return isKnown(code) && slices.ContainsFunc(c.Envelopes, func(v Envelope) bool { return v.has(code) })
}

// serverCall is a request that gets an error response.
type serverCall struct {
	catalog *Catalog
	op      *Operation // nil if the request matches none
}

// response is a reply with its catalog entry.
type response struct {
	Reply
	code apierr.Code // nil for a failure without a code
	info apierr.CodeInfo
}

func (s *serverCall) internalError() response {
	out := response{Reply: Reply{Status: http.StatusInternalServerError}, info: apierr.CodeInfo{Title: "internal error"}}
	if v, _ := s.shape(out.Status, nil); v != nil && v.Fallback != "" {
		out.code = v.parse(v.Fallback)
		out.info, _ = infoOf(out.code)
	}
	return out
}

func (s *serverCall) write(w http.ResponseWriter, r response) {
	v, media := s.shape(r.Status, r.code)
	if v != nil && !r.arrives(v) {
		r.Status = r.documentedStatus()
		v, media = s.shape(r.Status, r.code)
	}
	var body []byte
	switch {
	case v == nil:
		media, body = "text/plain; charset=utf-8", []byte(http.StatusText(r.Status))
	case v.Text != nil:
		text, _ := r.text(v)
		body = []byte(text)
	default:
		body = r.json(v)
	}
	h := w.Header()
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	if r.RequestID != "" && (v == nil || len(v.RequestID) == 0) {
		h.Set("X-Request-Id", r.RequestID)
	}
	if v != nil {
		r.setHeaders(h, v)
	}
	if r.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64(math.Ceil(r.RetryAfter.Seconds())), 10))
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write(body)
}

// shape returns the envelope for a code (nil for any code) and its media type. It
// is the envelope that the spec declares for the operation and status, or else the
// first that has the code.
func (s *serverCall) shape(status int, code apierr.Code) (envelope *Envelope, media string) {
	if s.op != nil {
		rank := 0
		for _, shape := range s.op.Shapes {
			v := s.catalog.envelopeOf(&shape)
			if r := shape.rank(status); v != nil && r > rank && v.has(code) {
				envelope, media, rank = v, shape.Media, r
			}
		}
	}
	for i := range s.catalog.Envelopes {
		v := &s.catalog.Envelopes[i]
		if envelope == nil && v.has(code) {
			envelope, media = v, "application/json"
			if v.Text != nil {
				media = "text/plain; charset=utf-8"
			}
		}
	}
	return envelope, media
}

// has reports whether the code is in the envelope's catalog; nil is in every
// catalog.
func (v *Envelope) has(code apierr.Code) bool {
	if code == nil {
		return true
	}
	info, _ := code.Info()
	return reflect.TypeOf(v.parse(info.Value)) == reflect.TypeOf(code)
}

// documentedStatus returns the first status of the code that is not a success, or
// else 500.
func (r *response) documentedStatus() int {
	for _, status := range r.info.Statuses {
		if status >= 300 {
			return status
		}
	}
	return http.StatusInternalServerError
}

// arrives reports whether a client finds the code at the response's status.
func (r *response) arrives(v *Envelope) bool {
	switch r.Status {
	case http.StatusNoContent, http.StatusResetContent, http.StatusNotModified: // no body is sent
		return false
	}
	if v.Text != nil {
		_, matches := r.text(v)
		return matches && r.Status >= 300
	}
	return r.Status >= 300 || v.scansSuccess()
}

// text returns the message if clients recognize the code in it at the status, or
// else a text in which they do. matches is false if there is none.
func (r *response) text(v *Envelope) (text string, matches bool) {
	text = r.info.Title
	for _, s := range v.Samples {
		if s.Code == r.info.Value {
			text = s.Text
		}
	}
	messages := []string{r.Message, text}
	if len(r.Captures) > 0 {
		messages = []string{r.Message, r.captured(v), text}
	}
	for _, t := range messages {
		if code, _ := v.Text.Read(r.Status, []byte(t)); t != "" && code == r.info.Value {
			return t, true
		}
	}
	return text, false
}

// json returns the body in the shape of an envelope. Each part is at the first of
// its pointers. The code is written first, so that no other part can take its
// place.
func (r *response) json(v *Envelope) []byte {
	message := r.Message
	if message == "" {
		message = r.info.Title
	}
	var doc any
	putValue := func(pointers []string, value any) {
		if len(pointers) == 0 || value == "" {
			return
		}
		if _, inHeader := headerName(pointers[0]); !inHeader {
			doc = putAt(doc, strings.Split(v.At+pointers[0], "/")[1:], value)
		}
	}
	put := func(pointers []string, text string) { putValue(pointers, text) }
	if v.Numbers && isInteger([]byte(r.info.Value)) {
		putValue(v.Code, json.Number(r.info.Value))
	} else {
		put(v.Code, r.info.Value)
	}
	put([]string{v.Outcome.From}, v.Outcome.word(r.info.Outcome)) // "" without status words
	put(v.Type, r.info.Type)
	put(v.Message, message)
	put(v.Param, r.Param)
	put(v.DocURL, r.info.DocURL)
	put(v.RequestID, r.RequestID)
	places, texts := r.fieldTexts(v)
	for i := range places {
		doc = putAt(doc, places[i], texts[i])
	}
	if doc == nil {
		return []byte("{}")
	}
	body, _ := json.Marshal(doc) // no error: doc holds maps, slices and strings
	return body
}

// setHeaders sets the code and the request ID, if they are in headers.
func (r *response) setHeaders(h http.Header, v *Envelope) {
	for _, part := range []struct {
		places []string
		text   string
	}{{v.Code, r.info.Value}, {v.RequestID, r.RequestID}} {
		if len(part.places) > 0 && part.text != "" {
			if name, ok := headerName(part.places[0]); ok {
				h.Set(name, part.text)
			}
		}
	}
}

// word returns the status word for an outcome, or else the one for a failure.
func (r *OutcomeRule) word(outcome apierr.Outcome) string {
	for _, want := range []apierr.Outcome{outcome, apierr.OutcomeNotApplied} {
		for _, w := range r.Map {
			if w.Outcome == want {
				return w.Word
			}
		}
	}
	return ""
}

// putAt adds a string or a number to a document. It does not replace a value. The tokens 0
// and * stand for the first element of an array.
func putAt(doc any, path []string, value any) any {
	if len(path) == 0 {
		if doc == nil {
			return value
		}
		return doc
	}
	name := strings.ReplaceAll(strings.ReplaceAll(path[0], "~1", "/"), "~0", "~")
	switch d := doc.(type) {
	case nil:
		if name == "0" || name == "*" {
			return []any{putAt(nil, path[1:], value)}
		}
		return map[string]any{name: putAt(nil, path[1:], value)}
	case map[string]any:
		d[name] = putAt(d[name], path[1:], value)
	case []any:
		if name == "0" || name == "*" {
			d[0] = putAt(d[0], path[1:], value)
		}
	}
	return doc
}
