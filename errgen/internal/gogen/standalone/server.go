package standalone

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ErrorReply is a code with what one answer says beside it, for a handler to return. A bare code will do too.
type ErrorReply struct {
	Code       error         // of this package; another one is answered like any foreign error
	Status     int           // 200 to 599; 0, or one at which no reader finds the code, = as the catalog says
	Message    string        // for the caller, who sees it; "" = the catalog's title. Of a text catalog, the whole text
	Param      string        // the request field it is about
	RequestID  string        // for support
	RetryAfter time.Duration // 0 = say nothing; whole seconds, rounded up
	Cause      error         // for the server's own log; it is never sent
}

// Error returns the code's text and, for the server's own log, the cause's.
func (r ErrorReply) Error() string {
	text := errorAPI + ": a reply without a code"
	if r.Code != nil {
		text = r.Code.Error()
	}
	if r.Cause != nil {
		text += ": " + r.Cause.Error()
	}
	return text
}

// Unwrap returns the code and the cause.
func (r ErrorReply) Unwrap() []error {
	var out []error
	for _, err := range []error{r.Code, r.Cause} {
		if err != nil {
			out = append(out, err)
		}
	}
	return out
}

// errorShape is the form of the errors of one operation at one status.
type errorShape struct {
	Operation string
	Status    int // 0 = any, 2 to 5 = of that hundred
	Envelope  int // of errorEnvelopes
	Media     string
}

// errorForm is what an envelope needs beyond itself to be written.
type errorForm struct {
	Fallback string        // the code of a failure that has none; "" = none
	Texts    []errorSample // for plain texts
}

// errorSample is a text that means a code.
type errorSample struct{ Code, Text string }

// WriteError answers a request with an error: status, body in the shape that the spec declares, address of the
// documentation. It fits StrictHTTPServerOptions.ResponseErrorHandlerFunc, so that a handler may return nil and a code or
// an ErrorReply. An error without a known code of this package is answered with status 500 and the catalog's fallback
// code, where there is one; its text goes nowhere, so log it before.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	var reply ErrorReply
	var code interface {
		error
		Info() (ErrorInfo, bool)
	}
	if !errors.As(err, &reply) {
		reply.Code = err
	}
	if reply.Code == nil || !errors.As(reply.Code, &code) {
		errorWrite(w, r, errorFallback(r))
		return
	}
	info, known := code.Info()
	if !known {
		errorWrite(w, r, errorFallback(r))
		return
	}
	if reply.Status == 0 && len(info.Statuses) > 0 {
		reply.Status = info.Statuses[0]
	}
	if reply.Status < 200 || reply.Status > 599 {
		reply.Status = http.StatusInternalServerError
	}
	reply.Code = code
	errorWrite(w, r, reply)
}

// errorFallback is the answer to a failure that is nobody's business.
func errorFallback(r *http.Request) ErrorReply {
	const status = http.StatusInternalServerError
	reply := ErrorReply{Status: status}
	if i, _, ok := errorShapeOf(r, status, nil); ok && errorForms[i].Fallback != "" {
		reply.Code = errorEnvelopes[i].Parse(errorForms[i].Fallback)
	}
	return reply
}

// errorWrite sends an answer whose code, if it has one, is known.
func errorWrite(w http.ResponseWriter, r *http.Request, reply ErrorReply) {
	i, media, ok := errorShapeOf(r, reply.Status, reply.Code)
	if ok && !reply.tells(i) { // at this status nobody would find the code
		reply.Status = reply.documented()
		i, media, ok = errorShapeOf(r, reply.Status, reply.Code)
	}
	var body []byte
	switch {
	case !ok:
		media = "text/plain; charset=utf-8"
		body = []byte(http.StatusText(reply.Status))
	case errorEnvelopes[i].Text != nil:
		text, _ := reply.text(i)
		body = []byte(text)
	default:
		body = reply.json(&errorEnvelopes[i])
	}
	h := w.Header()
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	if reply.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64(math.Ceil(reply.RetryAfter.Seconds())), 10))
	}
	w.WriteHeader(reply.Status)
	_, _ = w.Write(body)
}

// errorShapeOf finds the envelope for a code, nil for any, in an answer to a request: the one that the spec declares for
// the operation at the status, else the first that has the code.
func errorShapeOf(r *http.Request, status int, code error) (envelope int, media string, ok bool) {
	rank := 0
	if op := errorOperationOf(r); op != nil {
		for _, s := range errorShapes {
			if s.Operation != op.Name || !errorEnvelopes[s.Envelope].has(code) {
				continue
			}
			now := 0
			switch s.Status {
			case status:
				now = 3
			case status / 100:
				now = 2
			case 0:
				now = 1
			}
			if now > rank {
				envelope, media, rank = s.Envelope, s.Media, now
			}
		}
	}
	for i := range errorEnvelopes {
		if rank == 0 && errorEnvelopes[i].has(code) {
			envelope, media, rank = i, "application/json", 1
			if errorEnvelopes[i].Text != nil {
				media = "text/plain; charset=utf-8"
			}
		}
	}
	return envelope, media, rank > 0
}

// has reports whether the envelope carries codes of the code's catalog; nil is in all of them.
func (v *errorEnvelope) has(code error) bool {
	if code == nil {
		return true
	}
	known, ok := code.(interface{ Info() (ErrorInfo, bool) })
	if !ok || v.Parse == nil {
		return false
	}
	info, _ := known.Info()
	parsed, ok := v.Parse(info.Value).(interface{ Info() (ErrorInfo, bool) })
	if !ok {
		return false
	}
	other, _ := parsed.Info()
	return other.Name == info.Name && other.Value == info.Value
}

// info returns the entry of the code; that of no code is empty.
func (r *ErrorReply) info() ErrorInfo {
	if code, ok := r.Code.(interface{ Info() (ErrorInfo, bool) }); ok {
		info, _ := code.Info()
		return info
	}
	return ErrorInfo{Title: "internal error"}
}

// documented returns the first status of the code that is no success, else 500.
func (r *ErrorReply) documented() int {
	for _, status := range r.info().Statuses {
		if status >= 300 {
			return status
		}
	}
	return http.StatusInternalServerError
}

// tells reports whether a reader of the answer comes to the code.
func (r *ErrorReply) tells(envelope int) bool {
	v := &errorEnvelopes[envelope]
	switch r.Status {
	case http.StatusNoContent, http.StatusResetContent, http.StatusNotModified: // these have no body
		return false
	}
	if v.Text != nil {
		_, means := r.text(envelope)
		return means && r.Status >= 300
	}
	return r.Status >= 300 || v.hides()
}

// text returns the message when it means the code at the status, else a text that does; false means that there is none.
func (r *ErrorReply) text(envelope int) (text string, means bool) {
	v, want := &errorEnvelopes[envelope], r.info().Value
	text = r.info().Title
	for _, s := range errorForms[envelope].Texts {
		if s.Code == want {
			text = s.Text
		}
	}
	for _, t := range []string{r.Message, text} {
		if code, _, _ := v.Text(r.Status, []byte(t)); t != "" && code == want {
			return t, true
		}
	}
	return text, false
}

// json returns the body in the shape of an envelope. A place is the first pointer to it; the code goes first, since a
// text at one pointer leaves no room for another below it.
func (r *ErrorReply) json(v *errorEnvelope) []byte {
	info := r.info()
	message := r.Message
	if message == "" {
		message = info.Title
	}
	var doc any = map[string]any{}
	put := func(pointers []string, text string) {
		if len(pointers) > 0 && text != "" {
			doc = errorPut(doc, strings.Split(v.At+pointers[0], "/")[1:], text)
		}
	}
	put(v.Code, info.Value)
	if v.Outcome.From != "" {
		put([]string{v.Outcome.From}, v.Outcome.word(info.Outcome))
	}
	put(v.Type, info.Type)
	put(v.Message, message)
	put(v.Param, r.Param)
	put(v.DocURL, info.DocURL)
	put(v.RequestID, r.RequestID)
	body, err := json.Marshal(doc)
	if err != nil { // a tree of texts has none
		return []byte("{}")
	}
	return body
}

// word returns the word for an outcome, else the one for a failure.
func (r *errorOutcomeRule) word(outcome ErrorOutcome) string {
	for _, want := range []ErrorOutcome{outcome, OutcomeNotApplied} {
		for _, w := range r.Map {
			if w.Outcome == want {
				return w.Wire
			}
		}
	}
	return ""
}

// errorPut places a text in a document and leaves what is there alone. The name 0 stands for the first of a list.
func errorPut(doc any, path []string, text string) any {
	if len(path) == 0 {
		if doc == nil {
			return text
		}
		return doc
	}
	name := strings.ReplaceAll(strings.ReplaceAll(path[0], "~1", "/"), "~0", "~")
	switch d := doc.(type) {
	case nil:
		if name == "0" {
			return []any{errorPut(nil, path[1:], text)}
		}
		return map[string]any{name: errorPut(nil, path[1:], text)}
	case map[string]any:
		d[name] = errorPut(d[name], path[1:], text)
	case []any:
		if name == "0" {
			d[0] = errorPut(d[0], path[1:], text)
		}
	}
	return doc
}
