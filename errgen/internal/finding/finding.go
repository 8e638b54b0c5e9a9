// Package finding is what errgen says about a spec: where, by which rule, and how bad it is.
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

// Pos is a place in an input file. Line and Col count from 1; Line 0 means that there is no place.
type Pos struct {
	File      string
	Line, Col int
}

// String returns "file:line:col".
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// IsSet reports whether p is a real place. The zero Pos stands for "not written in the spec".
func (p Pos) IsSet() bool { return p.Line > 0 }

// Severity says what a finding does to the run. The zero value is Error.
type Severity uint8

// The severities. Only Error makes a run fail.
const (
	Error Severity = iota
	Warning
	Note
)

// Finding is one remark about the input.
type Finding struct {
	Pos      Pos
	Rule     Rule
	Severity Severity
	Text     string
}

// String returns the line that is printed: "file:line:col: EGnnn text".
func (f Finding) String() string {
	mark := [...]string{"", "warning: ", "note: "}[f.Severity]
	return fmt.Sprintf("%s: %s %s%s", f.Pos, f.Rule, mark, f.Text)
}

// Error returns the same text as String, so that a Finding can travel as an error.
func (f Finding) Error() string { return f.String() }

// List collects findings. The zero value is an empty list.
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

// Count returns how many errors and warnings l holds.
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

// Sorted returns l in the order of the input, each finding once. A finding that was made both as an
// error and as a warning stays as the error.
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

// Quote makes text from a spec fit for a message: quoted, on one line, never longer than about 80 characters.
func Quote(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Visible replaces what cannot be seen in a text: characters that would steer a terminal or turn the text around. Line
// breaks and tabs stay.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// Quotes joins several quoted words with commas; at most ten are named.
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
