package lint

import (
	"regexp"
	"strings"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// rule is a match rule with its code.
type rule struct {
	model.Match
	code *model.Code
	re   *regexp.Regexp // of a pattern
}

// applies reports whether the rule applies to a status. Status 0 stands for a code without any known status.
func (r rule) applies(status int) bool { return r.AnyStatus || r.code.HasStatus(status) }

// literal reports whether the rule is an exact text or a prefix that the body has.
func (r rule) literal(body string) bool {
	return r.Kind == "exact" && r.Value.Value == body || r.Kind == "prefix" && strings.HasPrefix(body, r.Value.Value)
}

// matcher reads plain texts with the rules of generated code, and knows the patterns that these were made from: both
// must read an example alike.
type matcher struct {
	catalog *model.Catalog
	rules   []rule
	text    catalog.TextRules
}

func newMatcher(c *model.Catalog) *matcher {
	m := &matcher{catalog: c, text: textrule.Of(c)}
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

// read returns the code of a body and what generated code captures. The code is nil if not even the fallback fits.
func (m *matcher) read(status int, body string) (*model.Code, map[string]string) {
	value, captured := m.text.Read(status, []byte(body))
	return m.catalog.Find(value), captured
}

// pattern returns what the pattern of a code captures in a body. It returns false if no pattern of the code fits, or if
// a rule of the code that was read explains the reading: an exact text, a prefix or another code's pattern.
func (m *matcher) pattern(code, read *model.Code, status int, body string) (map[string]string, bool) {
	body = m.text.Comparable([]byte(body))
	var captured map[string]string
	found := false
	for _, r := range m.rules {
		if !r.applies(status) {
			continue
		}
		if r.code == read && (r.literal(body) || r.code != code && r.re != nil && r.re.MatchString(body)) {
			return nil, false
		}
		if r.code == code && r.Kind == "pattern" && !found && r.re.MatchString(body) {
			captured, found = captures(r.re, body), true
		}
	}
	return captured, found
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
