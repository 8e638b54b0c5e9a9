package lint

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

const (
	maxPattern = 1000 // bytes, more than an error text needs
	maxRules   = 2000 // of one catalog
)

// textCatalog checks a catalog whose codes are recognized in plain text.
func (l *linter) textCatalog(c *model.Catalog) {
	ok := true
	for _, code := range c.Codes {
		if len(code.Match) == 0 && code.Value != c.Fallback.Value {
			l.Errorf(code.Pos, finding.Unused, "code %s has no match rule and is not the fallback, so it is never recognized; add a rule", finding.Quote(code.Value))
		}
		for _, m := range code.Match {
			ok = l.rule(code, m) && ok
		}
	}
	if !ok {
		return // overlaps and examples would only report the same faults again
	}
	m := newMatcher(c)
	if len(m.rules) > maxRules { // every rule is compared with every other
		l.Errorf(c.Pos, finding.Limit, "the text catalog %s has %d match rules; at most %d are allowed", finding.Quote(c.ID.Value), len(m.rules), maxRules)
		return
	}
	before := len(*l.List)
	l.overlaps(m.rules)
	clash := hasErrors((*l.List)[before:])
	for _, r := range m.rules {
		l.greedy(r)
	}
	for _, code := range c.Codes {
		l.examples(m, code)
		if !clash {
			l.answerable(m, code)
		}
	}
}

func (l *linter) rule(code *model.Code, m model.Match) bool {
	before := len(*l.List)
	switch {
	case m.Kind == "status" && !code.HasStatus(m.Status.Value):
		l.Errorf(m.Status.Pos, finding.TextPattern, "the rule for status %d never applies: http of code %s has %s; correct one of them", m.Status.Value, finding.Quote(code.Value), numbers(code.Statuses()))
	case m.Kind != "status" && strings.TrimSpace(m.Value.Value) == "":
		l.Errorf(m.Value.Pos, finding.TextPattern, "%s is empty and would match every body; write the text, or use status to match every body", m.Kind)
	case m.Kind == "status" && m.AnyStatus:
		l.Errorf(m.Pos, finding.TextPattern, "a rule has both status and any_status; remove one of them")
	case m.Kind == "exact" && strings.TrimSpace(m.Value.Value) != m.Value.Value,
		m.Kind == "prefix" && strings.TrimLeftFunc(m.Value.Value, unicode.IsSpace) != m.Value.Value:
		l.Errorf(m.Value.Pos, finding.TextPattern, "%s %s never matches, because bodies are trimmed; remove the surrounding white space", m.Kind, finding.Quote(m.Value.Value))
	case m.Kind != "status" && len(code.HTTP) == 0 && !m.AnyStatus:
		l.Errorf(m.Pos, finding.TextPattern, "the rule never applies, because code %s has no http status; add one, or any_status: true", finding.Quote(code.Value))
	case m.Kind == "pattern":
		l.pattern(m.Value)
	}
	if m.Capture.IsSet() {
		l.capture(m)
	}
	return len(*l.List) == before
}

func (l *linter) capture(m model.Match) {
	switch {
	case m.Kind != "prefix":
		l.Errorf(m.Capture.Pos, finding.TextPattern, "capture applies only to a prefix; in a pattern, use named groups: (?P<name>…)")
	case !l.matches(captureName, m.Capture.Value):
		l.Errorf(m.Capture.Pos, finding.TextPattern, "capture %s is not a lower-case name; write it like provider_error", finding.Quote(m.Capture.Value))
	}
}

const captureName = `^[a-z][a-z0-9_]*$`

func (l *linter) pattern(t model.Text) {
	if len(t.Value) > maxPattern {
		l.Errorf(t.Pos, finding.TextPattern, "the pattern has %d bytes; at most %d are allowed", len(t.Value), maxPattern)
		return
	}
	parsed, err := syntax.Parse(t.Value, syntax.Perl)
	if err == nil {
		_, err = compile(t.Value)
	}
	if err != nil {
		l.Errorf(t.Pos, finding.TextPattern, "the pattern %s does not compile: %v", finding.Quote(t.Value), err)
		return
	}
	before := len(*l.List)
	l.wellFormed(t, parsed)
	if len(*l.List) > before {
		return
	}
	if _, err := textrule.Compile(t.Value); err != nil {
		l.Errorf(t.Pos, finding.TextPattern, "the pattern %s cannot be converted to literals and captures: %v", finding.Quote(t.Value), err)
	}
}

// greedy warns about a capture that ends elsewhere in the pattern than in generated code.
func (l *linter) greedy(r rule) {
	if r.Kind != "pattern" {
		return
	}
	p, err := textrule.Compile(r.Value.Value)
	if err != nil {
		return
	}
	for _, name := range p.Greedy {
		l.Warnf(r.Value.Pos, finding.TextPattern, "capture %s of the pattern %s can contain the text after it: the pattern ends it at the last occurrence, generated code at the first; add ? after its + or * to mean the first",
			finding.Quote(name), finding.Quote(r.Value.Value))
	}
}

// wellFormed checks rules that apply to every pattern.
func (l *linter) wellFormed(t model.Text, parsed *syntax.Regexp) {
	re, _ := compile(t.Value)
	if re.MatchString("") {
		l.Errorf(t.Pos, finding.TextPattern, "the pattern %s matches the empty text, and so a missing body; require some text", finding.Quote(t.Value))
	}
	if hasAnchor(parsed) {
		l.Errorf(t.Pos, finding.TextPattern, "the pattern %s has an anchor; remove ^ $ \\A \\z, because errgen always matches the whole text", finding.Quote(t.Value))
	}
	seen := map[string]bool{}
	for _, group := range re.SubexpNames()[1:] {
		again := seen[group]
		seen[group] = true
		switch {
		case again && group != "":
			l.Errorf(t.Pos, finding.TextPattern, "the pattern has two groups named %s; rename one", finding.Quote(group))
		case group == "":
			l.Errorf(t.Pos, finding.TextPattern, "the pattern %s has a group without a name; write (?P<name>…), or (?:…) to capture nothing", finding.Quote(t.Value))
		case !l.matches(captureName, group):
			l.Errorf(t.Pos, finding.TextPattern, "the group %s is not a lower-case name; write it like provider", finding.Quote(group))
		}
	}
}

func compile(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

func hasAnchor(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText:
		return true
	}
	for _, sub := range re.Sub {
		if hasAnchor(sub) {
			return true
		}
	}
	return false
}
