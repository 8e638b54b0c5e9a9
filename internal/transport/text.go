package transport

import (
	"slices"
	"strings"
	"unicode"

	"github.com/specpay/specpay/apierr/catalog"
)

// ReadText finds the code of a plain-text body, and what its text holds.
func ReadText(rules *catalog.TextRules, status int, body []byte) (code string, captures map[string]string) {
	if rules.MaxBytes > 0 && len(body) > rules.MaxBytes {
		body = body[:rules.MaxBytes]
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
	for i := range rules.Rules {
		r := &rules.Rules[i]
		if len(r.Statuses) > 0 && !slices.Contains(r.Statuses, status) {
			continue
		}
		if captures, ok := fits(r, text); ok {
			return r.Code, captures
		}
	}
	return rules.Fallback, nil
}

func fits(r *catalog.TextRule, text string) (map[string]string, bool) {
	switch {
	case r.Exact != "":
		return nil, text == r.Exact
	case r.Prefix != "":
		rest, ok := strings.CutPrefix(text, r.Prefix)
		if !ok || r.Capture == "" {
			return nil, ok
		}
		return map[string]string{r.Capture: limit(rest, 2<<10)}, true
	case len(r.Parts) > 0:
		return parts(r.Parts, text)
	}
	return nil, true
}

// parts reads literals and captures in turn.
func parts(list []catalog.TextPart, text string) (map[string]string, bool) {
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
		captures[p.Capture], text = limit(text[:end], 2<<10), text[end:]
	}
	return captures, text == ""
}
