package lint

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// hygiene checks every text of an errgen extension, because it ends up in code, pages and terminal output.
func (l *linter) hygiene(n *load.Node) { l.clean(n, "") }

func (l *linter) clean(n *load.Node, field string) {
	if n.Kind != load.Scalar {
		for i, item := range n.Items {
			name := field
			if n.Kind == load.Map {
				name = n.Keys[i].Value
				l.clean(n.Keys[i], "key")
			}
			if field == "captures" { // its keys are names, its values parts of a body
				name = "body"
			}
			l.clean(item, name)
		}
		return
	}
	if what := dirt(n.Value, lines(field)); what != "" {
		l.Errorf(n.Pos(), finding.Hygiene, "the text %s contains %s; remove it", finding.Quote(n.Value), what)
	}
	if prose(field) {
		if word := directive(n.Value); word != "" {
			l.Errorf(n.Pos(), finding.Hygiene, "%s starts with %s, which tools interpret as a directive; start with another word", field, finding.Quote(word))
		}
	}
}

// Clean reports whether a text may appear in a catalog, as prose or as a code.
func Clean(text string) bool {
	return dirt(text, true) == "" && directive(text) == ""
}

// lines reports whether a field may have several lines.
func lines(field string) bool {
	switch field {
	case "description", "resolution", "body", "exact", "prefix", "pattern", "x-unverified", "deprecated", "advice_reason":
		return true
	}
	return false
}

func prose(field string) bool {
	switch field {
	case "description", "resolution", "title", "deprecated", "since", "x-unverified":
		return true
	}
	return false
}

// dirt describes the first character that a text must not contain.
func dirt(s string, lines bool) string {
	for _, r := range s {
		switch {
		case lines && (r == '\n' || r == '\t' || r == '\r'):
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return "a line break, but this field has one line"
		case unicode.IsControl(r):
			return "the control character " + name(r)
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f', r == '\u061c':
			return "the bidirectional control " + name(r)
		case r == '\ufeff', r >= '\ufff9' && r <= '\ufffb', r >= 0xe0000 && r <= 0xe007f, r&0xfffe == 0xfffe:
			return "the invisible character " + name(r)
		case r == unicode.ReplacementChar:
			return "U+FFFD, which replaces an invalid character"
		}
	}
	return ""
}

func name(r rune) string {
	const digits = "0123456789ABCDEF"
	out := ""
	for v := uint32(r); v > 0 || len(out) < 4; v >>= 4 {
		out = string(digits[v&15]) + out
	}
	return "U+" + out
}

// directives matches the first word of a line that Go tools could interpret as a directive, build constraint or marker.
var directives = regexp.MustCompile(`^(//|/\*|\+build\b|#cgo\b|#include\b|(go|lint|line|export|extern|nolint|gosec|revive|exhaustive|sys)(:|\b ?\S+:\d)|nolint\b|Code generated\b|Deprecated:)`)

// directive returns the first directive of a text, or "".
func directive(s string) string {
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if word := directives.FindString(strings.TrimSpace(line)); word != "" {
			return word
		}
	}
	return ""
}
