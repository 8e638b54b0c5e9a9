// Package textrule converts the match rules of a text catalog to the form in generated code: literals and captures, in the
// order in which they are tried. Package catalog matches bodies with them, in errgen as in clients, so that examples can
// verify the rules before anything is generated.
package textrule

import (
	"cmp"
	"slices"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Of returns the rules of a catalog: exact texts, prefixes with the longest first, patterns in file order, then statuses.
// It omits rules that lint rejects.
func Of(c *model.Catalog) catalog.TextRules {
	out := catalog.TextRules{Fallback: c.Fallback.Value}
	if c.Envelope != nil {
		out.MaxBytes = c.Envelope.MaxBytes.Value
	}
	prefixes := ofKind(c, "prefix")
	slices.SortStableFunc(prefixes, func(a, b catalog.TextRule) int { return cmp.Compare(len(b.Prefix), len(a.Prefix)) })
	out.Rules = slices.Concat(ofKind(c, "exact"), prefixes, ofKind(c, "pattern"), ofKind(c, "status"))
	return out
}

func ofKind(c *model.Catalog, kind string) []catalog.TextRule {
	var out []catalog.TextRule
	for _, code := range c.Codes {
		for _, m := range code.Match {
			if m.Kind == kind {
				out = append(out, ofMatch(code, m)...)
			}
		}
	}
	return out
}

// ofMatch returns no rule for a match without a text or status, because it would match everything.
func ofMatch(code *model.Code, m model.Match) []catalog.TextRule {
	r := catalog.TextRule{Code: code.Value}
	if !m.AnyStatus {
		r.Statuses = code.Statuses()
	}
	switch m.Kind {
	case "status":
		r.Statuses = []int{m.Status.Value}
		return []catalog.TextRule{r}
	case "exact":
		r.Exact = m.Value.Value
	case "prefix":
		r.Prefix, r.Capture = m.Value.Value, m.Capture.Value
	}
	if m.Value.Value == "" || len(r.Statuses) == 0 && !m.AnyStatus {
		return nil
	}
	if m.Kind == "pattern" {
		return ofPattern(r, m.Value.Value)
	}
	return []catalog.TextRule{r}
}

// ofPattern returns a rule for each way in which the pattern can match.
func ofPattern(r catalog.TextRule, pattern string) []catalog.TextRule {
	p, err := Compile(pattern)
	if err != nil {
		return nil
	}
	var out []catalog.TextRule
	for _, way := range p.Ways {
		next := r
		if text, ok := literal(way); ok {
			next.Exact = text
		} else {
			next.Parts = way
		}
		out = append(out, next)
	}
	return out
}

// literal concatenates parts that capture nothing.
func literal(way []catalog.TextPart) (string, bool) {
	text := ""
	for _, p := range way {
		if p.Capture != "" {
			return "", false
		}
		text += p.Literal
	}
	return text, true
}
