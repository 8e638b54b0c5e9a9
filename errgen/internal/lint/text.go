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
	maxPattern = 1000 // bytes; longer ones are no description of an error text
	maxRules   = 2000 // of one catalog
)

// textCatalog checks a catalog whose codes are recognised in bare text.
func (l *linter) textCatalog(c *model.Catalog) {
	ok := true
	for _, code := range c.Codes {
		if len(code.Match) == 0 && code.Value != c.Fallback.Value {
			l.Errorf(code.Pos, finding.Unused, "code %s has no match rule and is not the fallback, so it is never recognised", finding.Quote(code.Value))
		}
		for _, m := range code.Match {
			ok = l.rule(code, m) && ok
		}
	}
	if !ok {
		return // overlaps and examples would only repeat the trouble
	}
	m := newMatcher(c)
	if len(m.rules) > maxRules { // every rule is compared with every other
		l.Errorf(c.Pos, finding.Limit, "the text catalog %s has %d match rules; at most %d are read", finding.Quote(c.ID.Value), len(m.rules), maxRules)
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
		l.Errorf(m.Status.Pos, finding.TextPattern, "the rule for status %d never applies: http of code %s has %s", m.Status.Value, finding.Quote(code.Value), numbers(code.Statuses()))
	case m.Kind != "status" && strings.TrimSpace(m.Value.Value) == "":
		l.Errorf(m.Value.Pos, finding.TextPattern, "%s is empty; it would fit every body (write status for that)", m.Kind)
	case m.Kind == "status" && m.AnyStatus:
		l.Errorf(m.Pos, finding.TextPattern, "a rule for one status cannot have any_status; leave one of them out")
	case m.Kind == "exact" && strings.TrimSpace(m.Value.Value) != m.Value.Value,
		m.Kind == "prefix" && strings.TrimLeftFunc(m.Value.Value, unicode.IsSpace) != m.Value.Value:
		l.Errorf(m.Value.Pos, finding.TextPattern, "%s %s never fits: bodies are trimmed, so write it without the white space around it", m.Kind, finding.Quote(m.Value.Value))
	case m.Kind != "status" && len(code.HTTP) == 0 && !m.AnyStatus:
		l.Errorf(m.Pos, finding.TextPattern, "the rule never applies: code %s has no http status; give it one, or any_status: true", finding.Quote(code.Value))
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
		l.Errorf(m.Capture.Pos, finding.TextPattern, "capture names what follows a prefix; a pattern names its groups itself: (?P<name>…)")
	case !l.matches(captureName, m.Capture.Value):
		l.Errorf(m.Capture.Pos, finding.TextPattern, "capture %s is no lower-case name such as provider_error", finding.Quote(m.Capture.Value))
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
		l.Errorf(t.Pos, finding.TextPattern, "the pattern %s cannot be turned into literals and captures: %v", finding.Quote(t.Value), err)
	}
}

// greedy warns of a capture that the pattern ends elsewhere than generated code does.
func (l *linter) greedy(r rule) {
	if r.Kind != "pattern" {
		return
	}
	p, err := textrule.Compile(r.Value.Value)
	if err != nil {
		return
	}
	for _, name := range p.Greedy {
		l.Warnf(r.Value.Pos, finding.TextPattern, "capture %s of the pattern %s can hold the text that follows it: the pattern ends it at the last such text, generated code at the first; put ? after its + or * to mean the first",
			finding.Quote(name), finding.Quote(r.Value.Value))
	}
}

// wellFormed checks what holds for every pattern that compiles.
func (l *linter) wellFormed(t model.Text, parsed *syntax.Regexp) {
	re, _ := compile(t.Value)
	if re.MatchString("") {
		l.Errorf(t.Pos, finding.TextPattern, "the pattern %s fits the empty text, so it would fit a missing body", finding.Quote(t.Value))
	}
	if hasAnchor(parsed) {
		l.Errorf(t.Pos, finding.TextPattern, "the pattern %s has an anchor of its own; errgen always matches the whole text, leave ^ $ \\A \\z out", finding.Quote(t.Value))
	}
	seen := map[string]bool{}
	for _, group := range re.SubexpNames()[1:] {
		again := seen[group]
		seen[group] = true
		switch {
		case again && group != "":
			l.Errorf(t.Pos, finding.TextPattern, "the pattern has two groups called %s", finding.Quote(group))
		case group == "":
			l.Errorf(t.Pos, finding.TextPattern, "the pattern %s has a group without a name; write (?P<name>…), or (?:…) to capture nothing", finding.Quote(t.Value))
		case !l.matches(captureName, group):
			l.Errorf(t.Pos, finding.TextPattern, "the group %s is no lower-case name such as provider", finding.Quote(group))
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
