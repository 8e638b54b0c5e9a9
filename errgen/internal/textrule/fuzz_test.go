package textrule

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/specpay/specpay/apierr/catalog"
)

// FuzzTextRules compares the parts in generated code with the expression of a pattern. If a capture could contain the text
// after it, lint warns and both may differ. Otherwise the expression matches what the parts match, and an expression
// without non-greedy captures matches nothing else.
func FuzzTextRules(f *testing.F) {
	for _, seed := range [][2]string{
		{`bad \(signature\)`, "bad (signature)"},
		{`provider (?P<provider>\S+) not allowed`, "provider x not allowed"},
		{`a=(?P<x>\S*) b=(?P<y>\S*)`, "a= b=1"},
		{`\(got (?P<x>[^)]+)\) no`, "(got a) b) no"},
		{`a (?P<x>.+?) b`, "a 1 b b"},
		{`(?i)42 (?P<x>\S+)`, "42 é"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || len(text) > 500 || !utf8.ValidString(text) || strings.ContainsFunc(text, unusual) {
			return
		}
		p, err := Compile(pattern)
		if err != nil {
			return
		}
		re, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
		if err != nil || len(p.Greedy) > 0 || re.MatchString("") || slices.Contains(re.SubexpNames()[1:], "") {
			return // rejected by lint, or a warning
		}
		text = new(catalog.TextRules).Comparable([]byte(text))
		want, fits := groups(re, text)
		got, read := read(p, text)
		lazy := strings.Contains(pattern, "?") && regexp.MustCompile(`[*+}]\?|\(\?[a-zA-Z-]*U`).MatchString(pattern)
		if read && (!fits || !maps.Equal(got, want)) || fits && !read && !lazy {
			t.Errorf("%q on %q: parts %v %q, the expression %v %q", pattern, text, read, got, fits, want)
		}
	})
}

// unusual reports whether a character is white space only for parts, or a line end, which a dot excludes.
func unusual(r rune) bool { return unicode.IsSpace(r) && r != ' ' && r != '\t' }

func groups(re *regexp.Regexp, text string) (map[string]string, bool) {
	found := re.FindStringSubmatch(text)
	out := map[string]string{}
	for i, name := range re.SubexpNames() {
		if found != nil && found[i] != "" && name != "" {
			out[name] = found[i]
		}
	}
	return out, found != nil
}

// read matches a text as generated code does.
func read(p Pattern, text string) (map[string]string, bool) {
	var rules catalog.TextRules
	for _, way := range p.Ways {
		rules.Rules = append(rules.Rules, catalog.TextRule{Code: "MATCH", Parts: way})
	}
	code, captures := rules.Read(0, []byte(text))
	return captures, code == "MATCH"
}
