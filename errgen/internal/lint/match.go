package lint

import (
	"regexp"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// rule is a match rule with its code and its compiled pattern.
type rule struct {
	model.Match
	code *model.Code
	re   *regexp.Regexp
}

// fits reports whether the rule applies to a status. Status 0 stands for a code without a known status.
func (r rule) fits(status int) bool { return r.AnyStatus || r.code.HasStatus(status) }

// matcher recognizes texts by the rules of the spec: exact text, longest prefix, patterns in file order, status, fallback.
// It runs the patterns unchanged. made has the rules of generated code, which must give the same result.
type matcher struct {
	catalog *model.Catalog
	rules   []rule
	made    textrule.Rules
}

func newMatcher(c *model.Catalog) *matcher {
	m := &matcher{catalog: c, made: textrule.Of(c)}
	for _, code := range c.Codes {
		for _, r := range code.Match {
			next := rule{Match: r, code: code}
			if r.Kind == "pattern" {
				next.re, _ = compile(r.Value.Value) // checked before
			}
			m.rules = append(m.rules, next)
		}
	}
	return m
}

// clean returns the part of a body that rules examine.
func (m *matcher) clean(body string) string { return textrule.Clean(body, m.made.MaxBytes) }

// find returns the code of a body and the captures of its rule. The code is nil if there is no fallback either.
func (m *matcher) find(status int, body string) (*model.Code, map[string]string) {
	body = m.clean(body)
	for _, r := range m.rules {
		if r.Kind == "exact" && r.Value.Value == body && r.fits(status) {
			return r.code, nil
		}
	}
	if r := m.longest(status, body); r != nil {
		if !r.Capture.IsSet() {
			return r.code, nil
		}
		return r.code, map[string]string{r.Capture.Value: body[len(r.Value.Value):]}
	}
	for _, r := range m.rules {
		if r.Kind == "pattern" && r.fits(status) && r.re.MatchString(body) {
			return r.code, captures(r.re, body)
		}
	}
	for _, r := range m.rules {
		if r.Kind == "status" && r.Status.Value == status {
			return r.code, nil
		}
	}
	return m.catalog.Find(m.catalog.Fallback.Value), nil
}

func (m *matcher) longest(status int, body string) *rule {
	var best *rule
	for i, r := range m.rules {
		if r.Kind == "prefix" && strings.HasPrefix(body, r.Value.Value) && r.fits(status) &&
			(best == nil || len(r.Value.Value) > len(best.Value.Value)) {
			best = &m.rules[i]
		}
	}
	return best
}

func captures(re *regexp.Regexp, body string) map[string]string {
	got := re.FindStringSubmatch(body)
	out := map[string]string{}
	for i, name := range re.SubexpNames() {
		if i > 0 {
			out[name] = got[i]
		}
	}
	return out
}
