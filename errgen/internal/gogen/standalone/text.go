package standalone

import (
	"slices"
	"strings"
	"unicode"
)

// errorTexts recognise the codes of bodies that are plain text. The first rule that fits wins.
type errorTexts struct {
	Rules    []errorTextRule
	Fallback string // the code of a body that no rule fits; "" = none
	MaxBytes int    // of the body that are looked at; 0 = all that was kept
}

// errorTextRule is one text of one code: Exact, or Prefix, or Parts, or none of them for any body.
type errorTextRule struct {
	Code     string
	Statuses []int // the HTTP statuses it applies to; empty = all
	Exact    string
	Prefix   string
	Capture  string // name for what follows Prefix; "" = not kept
	Parts    []errorTextPart
}

// errorTextPart is a literal, or a capture that reaches to the next literal or to the end. A capture is never empty, and
// holds white space only with Spaces.
type errorTextPart struct {
	Literal string
	Capture string
	Spaces  bool
}

// read finds the code of a body and what its text holds; fits is false for the fallback.
func (t *errorTexts) read(status int, body []byte) (code string, captures map[string]string, fits bool) {
	if t.MaxBytes > 0 && len(body) > t.MaxBytes {
		body = body[:t.MaxBytes]
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
	for i := range t.Rules {
		r := &t.Rules[i]
		if len(r.Statuses) > 0 && !slices.Contains(r.Statuses, status) {
			continue
		}
		if captures, ok := r.fits(text); ok {
			return r.Code, captures, true
		}
	}
	return t.Fallback, nil, false
}

func (r *errorTextRule) fits(text string) (map[string]string, bool) {
	switch {
	case r.Exact != "":
		return nil, text == r.Exact
	case r.Prefix != "":
		rest, ok := strings.CutPrefix(text, r.Prefix)
		if !ok || r.Capture == "" {
			return nil, ok
		}
		return map[string]string{r.Capture: errorLimit(rest, 2<<10)}, true
	case len(r.Parts) > 0:
		return r.parts(text)
	}
	return nil, true
}

// parts reads literals and captures in turn.
func (r *errorTextRule) parts(text string) (map[string]string, bool) {
	captures := map[string]string{}
	for i, p := range r.Parts {
		if p.Capture == "" {
			rest, ok := strings.CutPrefix(text, p.Literal)
			if !ok {
				return nil, false
			}
			text = rest
			continue
		}
		end := len(text)
		if i+1 < len(r.Parts) {
			end = strings.Index(text, r.Parts[i+1].Literal)
		}
		if end <= 0 || !p.Spaces && strings.ContainsFunc(text[:end], unicode.IsSpace) {
			return nil, false
		}
		captures[p.Capture], text = errorLimit(text[:end], 2<<10), text[end:]
	}
	return captures, text == ""
}
