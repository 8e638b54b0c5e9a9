package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// overlaps compares the exact texts and prefixes of different codes at equal statuses. Patterns cannot be compared this
// way and are verified by their examples.
func (l *linter) overlaps(rules []rule) {
	for i, a := range rules {
		for _, b := range rules[:i] {
			if !meet(a, b) {
				continue
			}
			l.overlap(a, b)
			l.overlap(b, a)
		}
	}
}

// meet reports whether both rules apply to a common status.
func meet(a, b rule) bool {
	if a.AnyStatus && (b.AnyStatus || len(b.code.HTTP) > 0) || b.AnyStatus && len(a.code.HTTP) > 0 {
		return true
	}
	for _, s := range a.code.Statuses() {
		if b.code.HasStatus(s) {
			return true
		}
	}
	return false
}

func (l *linter) overlap(a, b rule) {
	av, bv := a.Value.Value, b.Value.Value
	switch {
	case a.Kind == b.Kind && a.Kind != "status" && av == bv:
		if after(a, b) {
			l.Errorf(a.Value.Pos, finding.TextOverlap, "the %s %s also belongs to code %s at the same status; a text can mean only one code", strings.Replace(a.Kind, "exact", "exact text", 1), finding.Quote(av), finding.Quote(b.code.Value))
		}
	case a.Kind == "status" && b.Kind == "status" && a.Status.Value == b.Status.Value:
		if after(a, b) {
			l.Errorf(a.Status.Pos, finding.TextOverlap, "status %d without a text already means code %s; remove one of the rules", a.Status.Value, finding.Quote(b.code.Value))
		}
	case a.code == b.code || a.Kind != "prefix":
	case b.Kind == "prefix" && strings.HasPrefix(bv, av):
		l.Warnf(a.Value.Pos, finding.TextOverlap, "the prefix %s also matches the longer prefix %s of code %s; the longer one wins", finding.Quote(av), finding.Quote(bv), finding.Quote(b.code.Value))
	case b.Kind == "exact" && strings.HasPrefix(bv, av):
		l.Warnf(a.Value.Pos, finding.TextOverlap, "the prefix %s also matches the exact text %s of code %s; the exact text wins", finding.Quote(av), finding.Quote(bv), finding.Quote(b.code.Value))
	}
}

func after(a, b rule) bool {
	return a.Pos.Line > b.Pos.Line || a.Pos.Line == b.Pos.Line && a.Pos.Col > b.Pos.Col
}

// examples runs every example of a code against every rule of the catalog.
func (l *linter) examples(m *matcher, code *model.Code) {
	for _, r := range code.Match {
		if (r.Kind == "prefix" || r.Kind == "pattern") && !proven(m, code, r) {
			l.Errorf(r.Value.Pos, finding.TextExample, "no example of code %s matches the %s %s; add one as it appears on the wire", finding.Quote(code.Value), r.Kind, finding.Quote(r.Value.Value))
		}
	}
	for _, e := range code.Examples {
		status := e.Status.Value
		if !e.Status.Pos.IsSet() && len(code.HTTP) > 0 {
			status = code.HTTP[0].Value
		}
		l.example(m, code, e, status)
	}
}

// example reads an example with the rules of generated code and compares the result with the code's own pattern. An
// empty capture counts as none.
func (l *linter) example(m *matcher, code *model.Code, e model.Example, status int) {
	got, have := m.read(status, e.Body.Value)
	want, byPattern := m.pattern(code, got, status, e.Body.Value)
	switch {
	case got != code && byPattern:
		value := ""
		if got != nil {
			value = got.Value
		}
		l.Errorf(e.Pos, finding.TextExample, "the example %s of code %s matches its pattern, but generated code reads it as %s: there a capture ends at the first occurrence of the text after it, and \\S excludes all white space; change the pattern so that both agree",
			finding.Quote(e.Body.Value), finding.Quote(code.Value), finding.Quote(value))
		return
	case got == nil:
		l.Errorf(e.Pos, finding.TextExample, "the example %s of code %s matches no rule at status %d; correct the example or the rules", finding.Quote(e.Body.Value), finding.Quote(code.Value), status)
		return
	case got != code:
		l.Errorf(e.Pos, finding.TextExample, "the example %s of code %s is read as %s at status %d; correct the example or the rules", finding.Quote(e.Body.Value), finding.Quote(code.Value), finding.Quote(got.Value), status)
		return
	case !byPattern:
		l.captured(e, have)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if have[name] != want[name] {
			l.Errorf(e.Pos, finding.TextExample, "generated code captures %s of the example %s as %s, the pattern as %s: in generated code a capture ends at the first occurrence of the text after it; add ? after its + or *",
				finding.Quote(name), finding.Quote(e.Body.Value), finding.Quote(have[name]), finding.Quote(want[name]))
		}
	}
	l.captured(e, want)
}

// answerable checks that a sandbox can return the code by name: the body that it would send must mean the code. Examples
// at the documented status have verified that already.
func (l *linter) answerable(m *matcher, code *model.Code) {
	status := 0
	if len(code.HTTP) > 0 {
		status = code.HTTP[0].Value
	}
	if len(code.Examples) > 0 {
		if s := code.Examples[0].Status; !s.Pos.IsSet() || s.Value == status {
			return
		}
	}
	if len(code.Match) == 0 && code.Value != m.text.Fallback {
		return // never recognized, which is a finding of its own
	}
	body := textrule.Body(code)
	if got, _ := m.text.Read(status, []byte(body)); got != code.Value {
		l.Errorf(code.Pos, finding.TextExample, "a sandbox cannot return code %s by name: %s with status %d, the first of its http, is read as %s; make the first example one that is read as the code at that status",
			finding.Quote(code.Value), finding.Quote(body), status, finding.Quote(got))
	}
}

// proven reports whether an example of the code matches rule r.
func proven(m *matcher, code *model.Code, r model.Match) bool {
	return slices.ContainsFunc(code.Examples, func(e model.Example) bool {
		body := m.text.Comparable([]byte(e.Body.Value))
		if r.Kind == "prefix" {
			return strings.HasPrefix(body, r.Value.Value)
		}
		re, err := compile(r.Value.Value)
		return err == nil && re.MatchString(body)
	})
}

func (l *linter) captured(e model.Example, got map[string]string) {
	for _, p := range e.Captures {
		have, ok := got[p.Key.Value]
		switch {
		case !ok:
			l.Errorf(p.Key.Pos, finding.TextExample, "the rule of this example does not capture %s; remove it from captures", finding.Quote(p.Key.Value))
		case have != p.Text.Value:
			l.Errorf(p.Text.Pos, finding.TextExample, "the rule of this example captures %s as %s, not as %s", finding.Quote(p.Key.Value), finding.Quote(have), finding.Quote(p.Text.Value))
		}
		delete(got, p.Key.Value)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		l.Errorf(e.Pos, finding.TextExample, "the rule of this example also captures %s, as %s; add it to captures", finding.Quote(name), finding.Quote(got[name]))
	}
}
