package explain

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr/catalog"
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

// Read returns the codes of a body: from JSON by the pointers of each envelope, from text by the rules of each text catalog.
// The HTTP status is 0 if it is not known, and a text is then tried at all statuses. For a code that no catalog declares,
// the Match has no Code. It is returned only if no known code is found.
func Read(specs []Spec, status int, body []byte) []Match {
	var known, strange, loose []Match
	var doc any
	isJSON := json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &doc) == nil
	for _, s := range specs {
		for _, e := range s.Envelopes {
			switch {
			case e.Catalog == nil:
			case e.Text.IsSet():
				sure, last := readText(s.Name, e.Catalog, status, string(body))
				known, loose = append(known, sure...), append(loose, last...)
			case isJSON:
				m, ok := readJSON(s.Name, e, doc)
				if ok && m.Code != nil {
					known = append(known, m)
				} else if ok {
					strange = append(strange, m)
				}
			}
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

func readJSON(spec string, e *model.Envelope, doc any) (Match, bool) {
	doc = at(doc, e.At.Value)
	r := &Reading{
		RawCode: first(doc, e.Code), Type: first(doc, e.Type), Message: first(doc, e.Message), Param: first(doc, e.Param),
		RequestID: first(doc, e.RequestID), Fields: fields(doc, e.Fields),
	}
	if r.RawCode == "" {
		return Match{}, false
	}
	if o := e.Outcome; o != nil {
		word := first(doc, []model.Text{o.From})
		for _, p := range o.Map {
			if p.Key.Value == word {
				r.Outcome = word + ": " + p.Text.Value
			}
		}
	}
	code := e.Catalog.Find(r.RawCode)
	if code == nil {
		code = e.Catalog.FindAlias(r.RawCode)
	}
	return Match{Spec: spec, Code: code, Reading: r}, true
}

// readText returns the codes whose texts match, and separately the code that only the status or the fallback gives, which
// is less specific.
func readText(spec string, c *model.Catalog, status int, body string) (sure, last []Match) {
	all := textrule.Of(c)
	words := catalog.TextRules{MaxBytes: all.MaxBytes}
	for _, r := range all.Rules {
		if r.Exact != "" || r.Prefix != "" || len(r.Parts) > 0 {
			words.Rules = append(words.Rules, r)
		}
	}
	found := map[string]bool{}
	for _, s := range tries(all, status) {
		value, captures := words.Read(s, []byte(body))
		if code := c.Find(value); code != nil && !found[value] {
			found[value] = true
			sure = append(sure, Match{spec, code, &Reading{Captures: captures, Status: s}})
		}
	}
	if value, _ := all.Read(status, []byte(body)); status != 0 && len(sure) == 0 {
		if code := c.Find(value); code != nil {
			last = append(last, Match{spec, code, &Reading{Status: status}})
		}
	}
	return sure, last
}

// tries returns the statuses at which a body is tried.
func tries(rules catalog.TextRules, status int) []int {
	if status != 0 {
		return []int{status}
	}
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

// first returns the first non-empty string at the pointers, truncated for a terminal.
func first(doc any, pointers []model.Text) string {
	for _, p := range pointers {
		if s, ok := at(doc, p.Value).(string); ok && p.Value != "" && s != "" {
			return cut(s)
		}
	}
	return ""
}

func fields(doc any, f *model.Fields) map[string]string {
	if f == nil {
		return nil
	}
	m, _ := at(doc, f.At.Value).(map[string]any)
	out := map[string]string{}
	for name, v := range m {
		member, _ := v.(map[string]any)
		typ, _ := member[f.Type.Value].(string)
		message, _ := member[f.Message.Value].(string)
		out[name] = cut(strings.TrimSpace(typ + " " + message))
	}
	return out
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
