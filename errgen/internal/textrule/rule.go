// Package textrule turns the match rules of a text catalog into what generated code holds: literals and captures, in
// the order in which they are tried. It also reads bodies with them, just as the runtime does, so that examples can
// prove the rules before anything is generated.
package textrule

import (
	"cmp"
	"slices"

	"github.com/specpay/specpay/errgen/internal/model"
)

// Rules are the text rules of one catalog. The first one that fits wins.
type Rules struct {
	List     []Rule
	Fallback string // code of a body that no rule fits
	MaxBytes int    // of a body that are looked at; 0 = all
}

// Rule is Exact, or Prefix, or Parts, or none of them for any body.
type Rule struct {
	Code          string
	Statuses      []int // empty = all
	Exact, Prefix string
	Capture       string // name of what follows Prefix; "" = not kept
	Parts         []Part
}

// Part is a literal, or a capture that reaches to the next literal or to the end. A capture is never empty, and holds
// white space only with Spaces.
type Part struct {
	Literal, Capture string
	Spaces           bool
}

// Of returns the rules of a catalog: exact texts, prefixes with the longest first, patterns as they stand in the
// file, then bare statuses. What lint refuses is left out.
func Of(c *model.Catalog) Rules {
	out := Rules{Fallback: c.Fallback.Value}
	if c.Envelope != nil {
		out.MaxBytes = c.Envelope.MaxBytes.Value
	}
	prefixes := ofKind(c, "prefix")
	slices.SortStableFunc(prefixes, func(a, b Rule) int { return cmp.Compare(len(b.Prefix), len(a.Prefix)) })
	out.List = slices.Concat(ofKind(c, "exact"), prefixes, ofKind(c, "pattern"), ofKind(c, "status"))
	return out
}

func ofKind(c *model.Catalog, kind string) []Rule {
	var out []Rule
	for _, code := range c.Codes {
		for _, m := range code.Match {
			if m.Kind == kind {
				out = append(out, ofMatch(code, m)...)
			}
		}
	}
	return out
}

// ofMatch returns no rule for a match that would fit more than it says: no text, or no status, means all of them.
func ofMatch(code *model.Code, m model.Match) []Rule {
	r := Rule{Code: code.Value}
	if !m.AnyStatus {
		r.Statuses = code.Statuses()
	}
	switch m.Kind {
	case "status":
		r.Statuses = []int{m.Status.Value}
		return []Rule{r}
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
	return []Rule{r}
}

// ofPattern returns a rule for each way in which the pattern can fit.
func ofPattern(r Rule, pattern string) []Rule {
	p, err := Compile(pattern)
	if err != nil {
		return nil
	}
	var out []Rule
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

// literal joins parts that capture nothing.
func literal(way []Part) (string, bool) {
	text := ""
	for _, p := range way {
		if p.Capture != "" {
			return "", false
		}
		text += p.Literal
	}
	return text, true
}
