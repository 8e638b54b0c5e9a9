package catalog

import (
	"slices"
	"strings"
	"unicode"

	"github.com/specpay/specpay/internal/jsonscan"
)

const maxCapture = 2 << 10 // bytes of a captured value

// TextRules recognizes the codes of an API whose error bodies are plain text. The
// first rule that matches is used.
type TextRules struct {
	Rules    []TextRule
	Fallback string // the code if no rule matches; "" for none
	MaxBytes int    // bytes of a body that are compared; 0 for all
}

// TextRule recognizes one text of one code by Exact, Prefix or Parts. A rule with
// none of them matches every body with one of its statuses. Bodies are compared
// without surrounding white space.
type TextRule struct {
	Code     string
	Statuses []int  // HTTP statuses that the rule applies to; empty for all
	Exact    string // the whole text
	Prefix   string // the beginning of the text
	Capture  string // name under which the text after Prefix is kept; "" drops it
	Parts    []TextPart
}

// TextPart is a literal, or a capture that extends to the next literal or to the
// end of the text. A capture is never empty.
type TextPart struct {
	Literal string // "" for a capture
	Capture string // name of the capture
	Spaces  bool   // the capture may contain white space
}

// Read returns the code of a body and the values that it captures from the text.
func (t *TextRules) Read(status int, body []byte) (code string, captures map[string]string) {
	if code, captures, matched := t.match(status, body); matched {
		return code, captures
	}
	return t.Fallback, nil
}

// Comparable returns the part of a body that rules are compared with.
func (t *TextRules) Comparable(body []byte) string {
	if t.MaxBytes > 0 {
		body = body[:min(len(body), t.MaxBytes)]
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
	r.Envelope, r.Details.ShowMessage = v, v.ShowMessage
	r.Error.RawCode, r.Error.Code, r.Error.Captures = code, v.parse(code), captures
	r.Error.Message = limit(strings.TrimSpace(strings.ToValidUTF8(string(jsonscan.TrimBOM(body)), "\ufffd")), 2<<10)
	return r
}
