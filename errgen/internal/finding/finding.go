// Package finding defines the findings of errgen about a spec: position, rule, severity and text.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pos is a position in an input file. Line and Col start at 1. Line 0 means no position.
type Pos struct {
	File      string
	Line, Col int
}

// String returns "file:line:col".
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// IsSet reports whether p is a position. The zero Pos means that a text is absent from the spec.
func (p Pos) IsSet() bool { return p.Line > 0 }

// Severity is the severity of a finding. The zero value is Error.
type Severity uint8

// The severities. Only an Error fails a run, unless -werror is set.
const (
	Error Severity = iota
	Warning
	Note
)

// Finding is a finding about the input.
type Finding struct {
	Pos      Pos
	Rule     Rule
	Severity Severity
	Text     string
}

// String returns the line to print: "file:line:col: EGnnn text".
func (f Finding) String() string {
	mark := [...]string{"", "warning: ", "note: "}[f.Severity]
	return fmt.Sprintf("%s: %s %s%s", f.Pos, f.Rule, mark, f.Text)
}

// Error returns the same text as String, so that a Finding is an error.
func (f Finding) Error() string { return f.String() }

// List is a list of findings. The zero value is empty.
type List []Finding

// Errorf adds an error.
func (l *List) Errorf(pos Pos, rule Rule, format string, args ...any) {
	*l = append(*l, Finding{pos, rule, Error, fmt.Sprintf(format, args...)})
}

// Warnf adds a warning.
func (l *List) Warnf(pos Pos, rule Rule, format string, args ...any) {
	*l = append(*l, Finding{pos, rule, Warning, fmt.Sprintf(format, args...)})
}

// Notef adds a note.
func (l *List) Notef(pos Pos, rule Rule, format string, args ...any) {
	*l = append(*l, Finding{pos, rule, Note, fmt.Sprintf(format, args...)})
}

// Count returns the number of errors and warnings in l.
func (l List) Count() (errors, warnings int) {
	for _, f := range l {
		switch f.Severity {
		case Error:
			errors++
		case Warning:
			warnings++
		}
	}
	return errors, warnings
}

// Sorted returns l in the order of the input, without duplicates. If a finding is both an error and a warning, it is
// returned as an error.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Text, b.Text), cmp.Compare(a.Severity, b.Severity))
	})
	return slices.CompactFunc(out, func(a, b Finding) bool {
		return a.Pos == b.Pos && a.Rule == b.Rule && a.Text == b.Text
	})
}

// Quote quotes text of a spec for a message, on one line and truncated to about 80 characters.
func Quote(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Visible replaces invisible characters in a text, which could control a terminal or reverse the text. It keeps line breaks
// and tabs.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// Quotes quotes words and joins them with commas. It names at most ten.
func Quotes(words []string) string {
	const most = 10
	quoted := make([]string, 0, most)
	for i, w := range words {
		if i == most {
			return fmt.Sprintf("%s and %d more", strings.Join(quoted, ", "), len(words)-most)
		}
		quoted = append(quoted, Quote(w))
	}
	return strings.Join(quoted, ", ")
}
