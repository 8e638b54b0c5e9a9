package standalone

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// errorEnvelope says where an error body keeps its parts, as JSON pointers.
type errorEnvelope struct {
	At        string   // where the envelope sits inside the body; "" is the root
	Code      []string // the first one that holds a non-empty string wins
	Type      []string
	Message   []string
	Param     []string
	RequestID []string
	DocURL    []string
	Fields    errorFieldRule
	Success   string           // "scan" looks for a code inside a 2xx too
	Outcome   errorOutcomeRule // a status word inside the body
	DocHosts  []string         // hosts whose doc_url is passed on for unknown codes
	Parse     func(wire string) error
	// Text reads a body that is plain text; fits is false for a code that is only the fallback. nil: the body is JSON.
	Text func(status int, body []byte) (code string, captures map[string]string, fits bool)
}

// errorFieldRule finds validation problems: At points to an object keyed by field name, Type and Message name the
// members of each entry.
type errorFieldRule struct{ At, Type, Message string }

// errorOutcomeRule maps a status word at From to an outcome.
type errorOutcomeRule struct {
	From string
	Map  []errorOutcomeWord
}

type errorOutcomeWord struct {
	Wire    string
	Outcome ErrorOutcome
}

// hides reports whether failures may hide in a 2xx.
func (v *errorEnvelope) hides() bool { return v.Success == "scan" || v.Outcome.From != "" }

// mentions is a cheap look before a success is taken apart: without a name that leads to a code it holds none.
func (v *errorEnvelope) mentions(body []byte) bool {
	if v.Outcome.From != "" {
		return true
	}
	return v.Success == "scan" && slices.ContainsFunc(v.Code, func(pointer string) bool {
		name := pointer[strings.LastIndexByte(pointer, '/')+1:]
		return strings.Contains(name, "~") || bytes.Contains(body, []byte(name))
	})
}

// read fills e from a body and reports whether the body itself says that the call failed. Content decides, not a label:
// a code in JSON, then a text that fits, then whatever else there is.
func (e *APIError) read(envelopes []*errorEnvelope, body []byte) bool {
	success := e.StatusCode >= 200 && e.StatusCode < 300
	if success && !slices.ContainsFunc(envelopes, func(v *errorEnvelope) bool { return v.mentions(body) }) {
		return false
	}
	doc := errorDocument(body)
	for _, v := range envelopes {
		if doc != nil && v.Text == nil && (!success || v.hides()) && e.readJSON(v, errorAt(doc, v.At), success) {
			return true
		}
	}
	if success {
		return false
	}
	for _, v := range envelopes {
		if v.Text == nil {
			continue
		}
		if code, captures, fits := v.Text(e.StatusCode, body); fits {
			e.text(v, code, captures, body)
			return true
		}
	}
	for _, v := range envelopes {
		if v.Text == nil && doc != nil {
			e.describe(v, errorAt(doc, v.At))
			return false
		}
		if v.Text != nil && doc == nil {
			code, _, _ := v.Text(e.StatusCode, body)
			e.text(v, code, nil, body)
			return false
		}
	}
	return false
}

func (e *APIError) text(v *errorEnvelope, code string, captures map[string]string, body []byte) {
	e.RawCode, e.Captures = code, captures
	e.Message = errorLimit(strings.TrimSpace(strings.ToValidUTF8(string(body), "\ufffd")), 2<<10)
	if code != "" && v.Parse != nil {
		e.Code = v.Parse(code)
	}
}

// readJSON takes the code and what goes with it; false leaves e as it was. Of a 2xx it takes only what says failure.
// What the catalog says of a code beats the status word; a word that nobody knows is no success.
func (e *APIError) readJSON(v *errorEnvelope, doc any, success bool) bool {
	raw, word := errorFirst(doc, v.Code), ""
	if v.Outcome.From != "" {
		word = errorFirst(doc, []string{v.Outcome.From})
	}
	var code error
	if raw != "" && v.Parse != nil {
		code = v.Parse(raw)
	}
	outcome := v.Outcome.of(word, code)
	failed := outcome != OutcomeApplied && outcome != OutcomePending
	switch {
	case raw == "" && word == "", success && v.Outcome.From != "" && word == "", success && !failed:
		return false
	}
	e.RawCode, e.Code = raw, code
	if word != "" && failed {
		e.outcome = outcome
	}
	e.describe(v, doc)
	return true
}

// of returns what a status word means for a code; "" is a failure without a word.
func (r *errorOutcomeRule) of(word string, code error) ErrorOutcome {
	if word == "" {
		return ""
	}
	if c, ok := code.(interface{ Info() (ErrorInfo, bool) }); ok {
		if info, known := c.Info(); known && info.Outcome != "" {
			return info.Outcome
		}
	}
	for _, w := range r.Map {
		if w.Wire == word {
			return w.Outcome
		}
	}
	return OutcomeUnknown
}

// describe reads what stands beside the code.
func (e *APIError) describe(v *errorEnvelope, doc any) {
	e.Fields = errorFields(doc, v.Fields)
	e.Type, e.Param = errorFirst(doc, v.Type), errorFirst(doc, v.Param)
	e.Message = errorLimit(errorFirst(doc, v.Message), 2<<10)
	if id := errorFirst(doc, v.RequestID); id != "" {
		e.RequestID = id
	}
	if u, err := url.Parse(errorFirst(doc, v.DocURL)); err == nil && u.Scheme == "https" && u.User == nil && slices.Contains(v.DocHosts, u.Hostname()) {
		e.docURL = u.String()
	}
}

func errorFields(doc any, rule errorFieldRule) []ErrorField {
	if rule.At == "" {
		return nil
	}
	m, _ := errorAt(doc, rule.At).(map[string]any)
	var out []ErrorField
	for name, v := range m {
		entry, _ := v.(map[string]any)
		kind, _ := entry[rule.Type].(string)
		message, _ := entry[rule.Message].(string)
		out = append(out, ErrorField{Field: name, Type: kind, Message: errorLimit(message, 512)})
	}
	slices.SortFunc(out, func(a, b ErrorField) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// errorDocument reads a JSON object or list as far as it goes: what is cut or broken keeps what came before. It returns
// nil for anything else. A byte order mark, text after the document and broken UTF-8 are let pass.
func errorDocument(body []byte) any {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	var doc any
	if json.Unmarshal(body, &doc) != nil {
		doc, _ = errorValue(json.NewDecoder(bytes.NewReader(body)), 0)
	}
	switch d := doc.(type) {
	case map[string]any:
		if len(d) > 0 {
			return d
		}
	case []any:
		if len(d) > 0 {
			return d
		}
	}
	return nil
}

// errorValue reads one value; false means that nothing can be read after it.
func errorValue(dec *json.Decoder, depth int) (any, bool) {
	token, err := dec.Token()
	if err != nil || depth > 64 {
		return nil, false
	}
	switch token {
	case json.Delim('{'):
		m := map[string]any{}
		for dec.More() {
			name, err := dec.Token()
			key, ok := name.(string)
			if err != nil || !ok {
				return m, false
			}
			v, ok := errorValue(dec, depth+1)
			if m[key] = v; !ok {
				return m, false
			}
		}
		_, err := dec.Token()
		return m, err == nil
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, ok := errorValue(dec, depth+1)
			if list = append(list, v); !ok {
				return list, false
			}
		}
		_, err := dec.Token()
		return list, err == nil
	}
	return token, true
}

// errorAt follows a JSON pointer; nil when it leads nowhere.
func errorAt(doc any, pointer string) any {
	if pointer == "" {
		return doc
	}
	for name := range strings.SplitSeq(pointer[1:], "/") {
		switch d := doc.(type) {
		case map[string]any:
			doc = d[strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(d) {
				return nil
			}
			doc = d[i]
		default:
			return nil
		}
	}
	return doc
}

// errorFirst returns the first non-empty text among the pointers.
func errorFirst(doc any, pointers []string) string {
	for _, p := range pointers {
		if s, ok := errorAt(doc, p).(string); ok && s != "" {
			return s
		}
	}
	return ""
}
