package explain

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/apicatalog"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// Reading has the parts of the body of an error response. A missing part is empty.
type Reading struct {
	RawCode   string            `json:"code,omitempty"` // as on the wire; "" in a text catalog
	Type      string            `json:"type,omitempty"`
	Message   string            `json:"message,omitempty"`
	Param     string            `json:"param,omitempty"`
	RequestID string            `json:"request_id,omitempty"`
	Outcome   string            `json:"outcome,omitempty"` // the value on the wire and its meaning
	Fields    map[string]string `json:"fields,omitempty"`
	Captures  map[string]string `json:"captures,omitempty"` // of a text rule
	Status    int               `json:"status,omitempty"`   // at which a text rule matches; 0 = read from JSON
}

// Response is what is known about the response that has a body. The zero Response is nothing.
type Response struct {
	Operation string // operationId, or method and path; requires Status
	Status    int    // HTTP status
}

// Read returns the codes of a body. With a status, these are the codes that a client of each spec finds. Without one, they
// are all codes that a client may find, depending on operation and status. For a code that no catalog declares, the Match
// has no Code. It is returned only if no known code is found.
func Read(specs []Spec, response Response, body []byte) []Match {
	var known, strange, loose []Match
	for _, s := range specs {
		if response.Status == 0 {
			some, others := readAny(s, body)
			known, strange = append(known, some...), append(strange, others...)
			continue
		}
		m, sure, ok := readOne(s, response, body)
		switch {
		case !ok:
		case m.Code == nil:
			strange = append(strange, m)
		case sure:
			known = append(known, m)
		default:
			loose = append(loose, m)
		}
	}
	switch {
	case len(known) > 0:
		return once(known)
	case len(strange) > 0:
		return strange[:1]
	}
	return loose
}

// readOne reads a body as a client does. sure is false if only the status or the fallback of a text catalog gives the code.
func readOne(s Spec, response Response, body []byte) (m Match, sure, ok bool) {
	c := apicatalog.Of(s.Spec, "")
	op := c.Operation(response.Operation)
	if op == nil && response.Operation != "" {
		return m, false, false
	}
	reading := c.Read(op, catalog.Response{StatusCode: response.Status, Body: body})
	e := reading.Error
	code, ok := e.Code.(apicatalog.Code)
	if !ok {
		return m, false, false
	}
	m = Match{Spec: s.Name, Code: code.Entry}
	if rules := reading.Envelope.Text; rules != nil {
		m.Reading = &Reading{Captures: e.Captures, Status: response.Status}
		texts := byText(*rules)
		found, _ := texts.Read(response.Status, body)
		return m, found == code.Value, true
	}
	m.Reading = readingOf(&e, reading.Envelope, body)
	return m, true, true
}

// outcome returns the status word of a body and what it means.
func outcome(v *catalog.Envelope, body []byte) string {
	var doc any
	if v.Outcome.From == "" || json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &doc) != nil {
		return ""
	}
	word, _ := at(at(doc, v.At), v.Outcome.From).(string)
	for _, w := range v.Outcome.Map {
		if w.Word == word {
			return word + ": " + string(w.Outcome)
		}
	}
	return ""
}

// readAny reads a body with every envelope, and separates the codes that no catalog has. A text is tried at all statuses.
func readAny(s Spec, body []byte) (known, strange []Match) {
	isJSON := json.Valid(bytes.TrimPrefix(body, []byte("\ufeff")))
	envelopes := apicatalog.Of(s.Spec, "").Envelopes
	for i, r := range s.Readers() {
		switch {
		case r.Catalog == nil:
		case r.Envelope.Text.IsSet():
			known = append(known, readText(s.Name, r.Catalog, string(body))...)
		case isJSON:
			m, ok := readJSON(s.Name, envelopes[i], body)
			if ok && m.Code != nil {
				known = append(known, m)
			} else if ok {
				strange = append(strange, m)
			}
		}
	}
	return known, strange
}

// once removes codes that several envelopes of a spec read from the same body.
func once(matches []Match) []Match {
	var out []Match
	for _, m := range matches {
		same := func(o Match) bool { return o.Code == m.Code && o.Reading.Status == m.Reading.Status }
		if !slices.ContainsFunc(out, same) {
			out = append(out, m)
		}
	}
	return out
}

// readJSON reads a body with one envelope.
func readJSON(spec string, v catalog.Envelope, body []byte) (Match, bool) {
	one := catalog.Catalog{Envelopes: []catalog.Envelope{v}}
	e := one.Read(nil, catalog.Response{StatusCode: http.StatusBadRequest, Body: body}).Error
	if e.RawCode == "" {
		return Match{}, false
	}
	code, _ := e.Code.(apicatalog.Code)
	return Match{Spec: spec, Code: code.Entry, Reading: readingOf(&e, &v, body)}, true
}

// readingOf returns the parts of an error that were read with an envelope.
func readingOf(e *apierr.Error, v *catalog.Envelope, body []byte) *Reading {
	out := &Reading{
		RawCode: cut(e.RawCode), Type: cut(e.Type), Message: cut(e.Message), Param: cut(e.Param), RequestID: cut(e.RequestID),
		Outcome: outcome(v, body),
	}
	for _, f := range e.Fields {
		if out.Fields == nil {
			out.Fields = map[string]string{}
		}
		out.Fields[f.Field] = cut(strings.TrimSpace(f.Type + " " + f.Message))
	}
	return out
}

// readText returns the codes whose texts match, at any of the statuses of the rules.
func readText(spec string, c *model.Catalog, body string) []Match {
	var out []Match
	rules := byText(textrule.Of(c))
	found := map[string]bool{}
	for _, s := range statusesOf(rules) {
		value, captures := rules.Read(s, []byte(body))
		if code := c.Find(value); code != nil && !found[value] {
			found[value] = true
			out = append(out, Match{spec, code, &Reading{Captures: captures, Status: s}})
		}
	}
	return out
}

// byText returns the rules that compare the text, without the fallback.
func byText(all catalog.TextRules) catalog.TextRules {
	out := catalog.TextRules{MaxBytes: all.MaxBytes}
	for _, r := range all.Rules {
		if r.Exact != "" || r.Prefix != "" || len(r.Parts) > 0 {
			out.Rules = append(out.Rules, r)
		}
	}
	return out
}

// statusesOf returns the statuses at which rules apply.
func statusesOf(rules catalog.TextRules) []int {
	seen := map[int]bool{0: true}
	for _, r := range rules.Rules {
		for _, s := range r.Statuses {
			seen[s] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// at returns the value at a JSON pointer, or nil.
func at(doc any, pointer string) any {
	for _, token := range load.Tokens(pointer) {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			doc = v[i]
		default:
			return nil
		}
	}
	return doc
}

func cut(s string) string {
	const most = 500
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// reading writes the parts of the body.
func (w *writer) reading(r *Reading) {
	w.line(0, "The body contains:", "")
	if r.RawCode != "" {
		w.fact("code", strconv.Quote(r.RawCode))
	}
	if r.Status != 0 {
		w.fact("read at", "HTTP status "+strconv.Itoa(r.Status))
	}
	w.fact("outcome", r.Outcome)
	for _, p := range []struct{ name, value string }{{"type", r.Type}, {"message", r.Message}, {"parameter", r.Param}, {"request id", r.RequestID}} {
		if p.value != "" {
			w.fact(p.name, strconv.Quote(p.value))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Captures)) {
		w.fact("capture", name+" = "+strconv.Quote(cut(r.Captures[name])))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
		w.fact("field", strconv.Quote(name)+" "+strconv.Quote(r.Fields[name]))
	}
	w.WriteString("\n")
}
