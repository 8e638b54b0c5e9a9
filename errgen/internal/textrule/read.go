package textrule

import (
	"slices"
	"strings"
	"unicode"

	"github.com/specpay/specpay/errgen/internal/model"
)

const maxCapture = 2 << 10 // bytes of a capture that the runtime keeps

// Clean returns the part of a body that rules examine, at most maxBytes unless that is 0.
func Clean(body string, maxBytes int) string {
	if maxBytes > 0 && len(body) > maxBytes {
		body = body[:maxBytes]
	}
	return strings.TrimSpace(strings.TrimPrefix(body, "\ufeff"))
}

// Read returns the code of a body and its captures. It mirrors the reader of the runtime step by step.
func (r *Rules) Read(status int, body string) (code string, captures map[string]string) {
	text := Clean(body, r.MaxBytes)
	for i := range r.List {
		rule := &r.List[i]
		if len(rule.Statuses) > 0 && !slices.Contains(rule.Statuses, status) {
			continue
		}
		if captures, ok := rule.fits(text); ok {
			return rule.Code, captures
		}
	}
	return r.Fallback, nil
}

func (r *Rule) fits(text string) (map[string]string, bool) {
	switch {
	case r.Exact != "":
		return nil, text == r.Exact
	case r.Prefix != "":
		rest, ok := strings.CutPrefix(text, r.Prefix)
		if !ok || r.Capture == "" {
			return nil, ok
		}
		return map[string]string{r.Capture: limit(rest)}, true
	case len(r.Parts) > 0:
		return parts(r.Parts, text)
	}
	return nil, true
}

func parts(list []Part, text string) (map[string]string, bool) {
	captures := map[string]string{}
	for i, p := range list {
		if p.Capture == "" {
			rest, ok := strings.CutPrefix(text, p.Literal)
			if !ok {
				return nil, false
			}
			text = rest
			continue
		}
		end := len(text)
		if i+1 < len(list) {
			end = strings.Index(text, list[i+1].Literal)
		}
		if end <= 0 || !p.Spaces && strings.ContainsFunc(text[:end], unicode.IsSpace) {
			return nil, false
		}
		captures[p.Capture], text = limit(text[:end]), text[end:]
	}
	return captures, text == ""
}

func limit(s string) string {
	if len(s) > maxCapture {
		s = strings.ToValidUTF8(s[:maxCapture], "")
	}
	return s
}

// Body returns a text that means the code: its first example, or a text that its rules match. A code with neither is
// recognized by its status or is the fallback, so any text that no rule matches will do.
func Body(code *model.Code) string {
	if len(code.Examples) > 0 {
		return code.Examples[0].Body.Value
	}
	for _, kind := range []string{"exact", "prefix"} {
		for _, m := range code.Match {
			if m.Kind == kind && kind == "exact" {
				return m.Value.Value
			}
			if m.Kind == kind {
				return m.Value.Value + "example"
			}
		}
	}
	return code.Headline()
}
