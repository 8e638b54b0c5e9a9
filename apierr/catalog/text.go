package catalog

import (
	"slices"
	"strings"
	"unicode"
)

const maxCapture = 2 << 10 // bytes of a captured value

// TextRules recognize the codes of an API whose error bodies are plain text. The
// first rule that matches counts.
type TextRules struct {
	Rules    []TextRule
	Fallback string // the code if no rule matches; "" for none
	MaxBytes int    // how much of a body is compared; 0 for all of it
}

// TextRule is one text of one code: Exact, or Prefix, or Parts, or none of these
// for a rule that the status alone satisfies. Bodies are compared without
// surrounding white space.
type TextRule struct {
	Code     string
	Statuses []int // HTTP statuses that the rule applies to; empty for all
	Exact    string
	Prefix   string
	Capture  string // name under which the text after Prefix is kept; "" drops it
	Parts    []TextPart
}

// TextPart is a literal, or a capture that extends to the next literal or to the
// end. A capture is never empty, and contains white space only if Spaces is set.
type TextPart struct {
	Literal string
	Capture string
	Spaces  bool
}

// Read returns the code of a body and the values that its text contains.
func (t *TextRules) Read(status int, body []byte) (code string, captures map[string]string) {
	if code, captures, matched := t.match(status, body); matched {
		return code, captures
	}
	return t.Fallback, nil
}

// Comparable returns the part of a body that rules are compared with.
func (t *TextRules) Comparable(body []byte) string {
	if t.MaxBytes > 0 && len(body) > t.MaxBytes {
		body = body[:t.MaxBytes]
	}
	return strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
}

func (t *TextRules) match(status int, body []byte) (code string, captures map[string]string, matched bool) {
	text := t.Comparable(body)
	for i := range t.Rules {
		r := &t.Rules[i]
		if len(r.Statuses) > 0 && !slices.Contains(r.Statuses, status) {
			continue
		}
		if captures, ok := r.match(text); ok {
			return r.Code, captures, true
		}
	}
	return "", nil, false
}

func (r *TextRule) match(text string) (captures map[string]string, ok bool) {
	switch {
	case r.Exact != "":
		return nil, text == r.Exact
	case r.Prefix != "":
		rest, ok := strings.CutPrefix(text, r.Prefix)
		if !ok || r.Capture == "" {
			return nil, ok
		}
		return map[string]string{r.Capture: limit(rest, maxCapture)}, true
	case len(r.Parts) > 0:
		return matchParts(r.Parts, text)
	}
	return nil, true
}

func matchParts(parts []TextPart, text string) (captures map[string]string, ok bool) {
	captures = map[string]string{}
	for i, p := range parts {
		if p.Capture == "" {
			rest, ok := strings.CutPrefix(text, p.Literal)
			if !ok {
				return nil, false
			}
			text = rest
			continue
		}
		end := len(text)
		if i+1 < len(parts) {
			end = strings.Index(text, parts[i+1].Literal)
		}
		if end <= 0 || !p.Spaces && strings.ContainsFunc(text[:end], unicode.IsSpace) {
			return nil, false
		}
		captures[p.Capture], text = limit(text[:end], maxCapture), text[end:]
	}
	return captures, text == ""
}

// withText returns the reading of a plain-text body.
func (r Reading) withText(v *Envelope, code string, captures map[string]string, body []byte) Reading {
	r.Error.RawCode, r.Error.Code, r.Error.Captures = code, v.parse(code), captures
	r.Error.Message = limit(strings.TrimSpace(strings.ToValidUTF8(string(body), "\ufffd")), 2<<10)
	return r
}
