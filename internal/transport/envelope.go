package transport

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// lenient reads what it can of an error body: a refusal must not get lost
// because its text is sloppy.
var lenient = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// classify reads the error envelope of an answer into e and reports whether the
// answer is a failure. Of a 2xx it reads nothing unless the envelope says that
// failures hide there.
func (c *Client) classify(op *Operation, e *apierr.Error, d *apierr.Details, body []byte) (failed bool) {
	env, success := c.profile.Envelope, e.StatusCode >= 200 && e.StatusCode < 300
	if success && env.Outcome.From == "" && (env.Success != "scan" || !mentions(body, env.Code)) {
		return false
	}
	if len(env.Text.Rules) > 0 {
		e.RawCode, e.Captures = ReadText(&env.Text, e.StatusCode, body)
		e.Message = limit(strings.TrimSpace(strings.ToValidUTF8(string(body), "\ufffd")), 2<<10)
		e.Code = parse(env, e.RawCode)
		return !success
	}
	doc, err := head(bytes.TrimPrefix(body, []byte("\ufeff")), env.At)
	if err != nil {
		return !success
	}
	e.RawCode = first(doc, env.Code)
	e.Code = parse(env, e.RawCode)
	if !fails(env, op, e, d, doc) && success {
		e.RawCode, e.Code = "", nil
		return false
	}
	c.describe(e, d, doc)
	return true
}

// head reads the part of a whole document that a pointer names. Where that is a
// member of a large success, nothing else of it is built.
func head(body []byte, pointer string) (doc any, err error) {
	if from, to := member(body, pointer); from < to && jsontext.Value(body).IsValid(lenient) {
		body, pointer = body[from:to], ""
	}
	err = json.Unmarshal(body, &doc, lenient)
	return at(doc, pointer), err
}

func parse(env *catalog.Envelope, code string) apierr.Code {
	if code == "" || env.Parse == nil {
		return nil
	}
	return env.Parse(code)
}

// fails decides by what the body says, whatever the HTTP status. What the
// catalog says of a code beats the status word; a word that nobody knows is no
// success.
func fails(env *catalog.Envelope, op *Operation, e *apierr.Error, d *apierr.Details, doc any) bool {
	if env.Outcome.From == "" {
		return e.RawCode != ""
	}
	word := first(doc, []string{env.Outcome.From})
	if word == "" {
		return false // not the envelope at all: the decoder will say what is missing
	}
	outcome := apierr.OutcomeUnknown
	for _, w := range env.Outcome.Map {
		if w.Wire == word {
			outcome = w.Outcome
		}
	}
	if info, known := codeInfo(e.Code); known && info.Outcome != "" {
		outcome = info.Outcome
	}
	failed := outcome != apierr.OutcomeApplied && outcome != apierr.OutcomePending
	if failed && op.RetryClass != Safe || outcome == apierr.OutcomePending && e.StatusCode < 300 {
		d.Outcome = outcome
	}
	return failed
}

// describe reads the rest of the envelope.
func (c *Client) describe(e *apierr.Error, d *apierr.Details, doc any) {
	env := c.profile.Envelope
	e.Fields = fields(doc, env.Fields)
	e.Type, e.Param = first(doc, env.Type), first(doc, env.Param)
	e.Message = limit(first(doc, env.Message), 2<<10)
	if id := first(doc, env.RequestID); id != "" {
		e.RequestID = id
	}
	if u, err := url.Parse(first(doc, env.DocURL)); err == nil && u.Scheme == "https" && slices.Contains(env.DocHosts, u.Hostname()) {
		d.DocURL = u.String()
	}
}

// mentions is a cheap look before a success is parsed a second time.
func mentions(body []byte, pointers []string) bool {
	for _, p := range pointers {
		if bytes.Contains(body, []byte(`"`+p[strings.LastIndexByte(p, '/')+1:]+`"`)) {
			return true
		}
	}
	return false
}

// at follows a JSON pointer through objects; nil when it leads nowhere.
func at(doc any, pointer string) any {
	for pointer != "" {
		name, end := pointer[1:], len(pointer)
		if i := strings.IndexByte(name, '/'); i >= 0 {
			name, end = name[:i], i+1
		}
		m, ok := doc.(map[string]any)
		if !ok {
			return nil
		}
		if strings.Contains(name, "~") {
			name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		}
		doc, pointer = m[name], pointer[end:]
	}
	return doc
}

// first returns the first non-empty string among the pointers.
func first(doc any, pointers []string) string {
	for _, p := range pointers {
		if s, ok := at(doc, p).(string); ok && s != "" {
			return s
		}
	}
	return ""
}

// fields reads problems keyed by field name, sorted by it.
func fields(doc any, rule catalog.FieldRule) []apierr.FieldError {
	if rule.At == "" {
		return nil
	}
	m, _ := at(doc, rule.At).(map[string]any)
	var out []apierr.FieldError
	for name, v := range m {
		typ, _ := at(v, "/"+rule.Type).(string)
		msg, _ := at(v, "/"+rule.Message).(string)
		out = append(out, apierr.FieldError{Field: name, Type: typ, Message: limit(msg, 512)})
	}
	slices.SortFunc(out, func(a, b apierr.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return out
}

func limit(s string, n int) string {
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}
