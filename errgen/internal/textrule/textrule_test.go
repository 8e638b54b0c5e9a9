package textrule

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

func shown(way []catalog.TextPart) string {
	var b strings.Builder
	for _, p := range way {
		switch {
		case p.Capture == "":
			fmt.Fprintf(&b, "%q", p.Literal)
		case p.Spaces:
			fmt.Fprintf(&b, "<%s…>", p.Capture)
		default:
			fmt.Fprintf(&b, "<%s>", p.Capture)
		}
	}
	return b.String()
}

func TestCompile(t *testing.T) {
	for _, test := range []struct {
		pattern, greedy string
		want            []string
	}{
		{`bad \(signature\)`, "", []string{`"bad (signature)"`}},
		{`a (?P<x>\S+) b`, "", []string{`"a "<x>" b"`}},
		{`a (?P<x>[^\s]+)`, "", []string{`"a "<x>`}},
		{`a (?P<x>\S{1,})`, "", []string{`"a "<x>`}},
		{`a: (?P<x>.+)`, "", []string{`"a: "<x…>`}},
		{`a: (?P<x>(?s:.+))`, "", []string{`"a: "<x…>`}},
		{`(?s)a: (?P<x>.+)`, "", []string{`"a: "<x…>`}},
		{`a: (?P<x>[^\n]+)`, "", []string{`"a: "<x…>`}},
		{`a: (?P<x>[^\r\n]+)`, "", []string{`"a: "<x…>`}},
		{`a: (?P<x>[\s\S]+)`, "", []string{`"a: "<x…>`}},
		{`(?:a (?P<x>\S+)(?: b)) c`, "", []string{`"a "<x>" b c"`}},
		{`a[.]b[ ](?P<x>\S+)`, "", []string{`"a.b "<x>`}},
		{`(?i)42 (?P<x>\S+)`, "", []string{`"42 "<x>`}},
		{`(?P<x>\S+) failed`, "", []string{`<x>" failed"`}},
		{`a (?P<x>.+) b`, "x", []string{`"a "<x…>" b"`}},
		{`a (?P<x>.+?) b`, "", []string{`"a "<x…>" b"`}},
		{`a (?P<x>\S+)=(?P<y>\S+)`, "x", []string{`"a "<x>"="<y>`}},
		{`a (?P<x>\S+), (?P<y>\S+)`, "", []string{`"a "<x>", "<y>`}},
		{`\(got (?P<x>[^)]+)\)`, "", []string{`"(got "<x…>")"`}},
		{`\(got (?P<x>[^)]+)\) no`, "", []string{`"(got "<x…>")"" no"`}},
		{`\(got (?P<x>[^)\s]+)\) no`, "", []string{`"(got "<x>")"" no"`}},
		{`got (?P<x>[^ ]+) no`, "", []string{`"got "<x…>" ""no"`}},
		{`a (?P<x>\S*)!`, "x", []string{`"a "<x>"!"`, `"a !"`}},
		{`a (?P<x>.*)`, "", []string{`"a "<x…>`}}, // without the capture it would end with a space, which is trimmed
		{`a=(?P<x>\S*) b=(?P<y>\S*)`, "", []string{`"a="<x>" b="<y>`, `"a= b="<y>`, `"a="<x>" b="`, `"a= b="`}},
		{`\((?P<x>[^)]*)\)(?P<y>\S*) z`, "", []string{`"("<x…>")"<y>" z"`, `"()"<y>" z"`, `"("<x…>")"" z"`, `"() z"`}},
	} {
		p, err := Compile(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		var got []string
		for _, way := range p.Ways {
			got = append(got, shown(way))
		}
		if have, want := strings.Join(got, "\n"), strings.Join(test.want, "\n"); have != want {
			t.Errorf("%s gives\n%s\nwant\n%s", test.pattern, have, want)
		}
		if greedy := strings.Join(p.Greedy, " "); greedy != test.greedy {
			t.Errorf("%s: greedy are %q, want %q", test.pattern, greedy, test.greedy)
		}
	}
}

// TestWaysAgreeWithPattern compares parts and expressions in which no capture can contain the text after it, so that both
// must give the same result.
func TestWaysAgreeWithPattern(t *testing.T) {
	values := []string{"", "v", "v w", "(v", "v)", ")", " ", "=", "long-word", "ö"}
	for _, pattern := range []string{
		`a=(?P<x>\S*) b=(?P<y>\S*)!`, `a=(?P<x>\S+) b=(?P<y>[^z]+)z`, `\(a=(?P<x>[^)]*)\) b=(?P<y>[^)]+)\)x`, `(?P<x>[^\s=]+)=(?P<y>(?s:.*))`,
	} {
		p, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		re := regexp.MustCompile(`\A(?:` + pattern + `)\z`)
		for _, x := range values {
			for _, y := range values {
				for _, form := range []string{"a=%s b=%s!", "a=%s b=%sz", "(a=%s) b=%s)x", "%s=%s"} {
					compare(t, re, p, fmt.Sprintf(form, x, y))
				}
			}
		}
	}
}

func compare(t *testing.T, re *regexp.Regexp, p Pattern, body string) {
	t.Helper()
	body = new(catalog.TextRules).Comparable([]byte(body))
	want := map[string]string{}
	groups := re.FindStringSubmatch(body)
	for i, name := range re.SubexpNames() {
		if groups != nil && groups[i] != "" && name != "" {
			want[name] = groups[i]
		}
	}
	got, fits := read(p, body)
	if fits != (groups != nil) || fits && !maps.Equal(got, want) {
		t.Errorf("%s on %q: parts fit %v with %q, the expression %v with %q", re, body, fits, got, groups != nil, want)
	}
}

// TestOfOmitsEmptyRules checks that rules without a text or status, which lint rejects, do not match everything.
func TestOfOmitsEmptyRules(t *testing.T) {
	text := func(s string) model.Text { return model.Text{Value: s, Pos: finding.Pos{Line: 1}} }
	code := &model.Code{Value: "A", Match: []model.Match{
		{Kind: "exact", Value: text("a")}, {Kind: "prefix", Value: text("a")}, {Kind: "pattern", Value: text("a")},
		{Kind: "exact", AnyStatus: true}, {Kind: "prefix", AnyStatus: true}, {Kind: "pattern", AnyStatus: true},
		{Kind: "pattern", Value: text("a|b"), AnyStatus: true}, {Kind: "pattern", Value: text("("), AnyStatus: true},
	}}
	if rules := Of(&model.Catalog{Codes: []*model.Code{code}}); len(rules.Rules) > 0 {
		t.Errorf("rules: %+v", rules.Rules)
	}
}

func TestBody(t *testing.T) {
	text := func(s string) model.Text { return model.Text{Value: s} }
	prefix, exact := model.Match{Kind: "prefix", Value: text("bad: ")}, model.Match{Kind: "exact", Value: text("bad")}
	for _, test := range []struct {
		code model.Code
		want string
	}{
		{model.Code{Match: []model.Match{prefix, exact}, Examples: []model.Example{{Body: text("first\n")}, {Body: text("second")}}}, "first\n"},
		{model.Code{Match: []model.Match{prefix, exact}}, "bad"},
		{model.Code{Match: []model.Match{prefix}}, "bad: example"},
		{model.Code{Title: text("It is down"), Match: []model.Match{{Kind: "status"}}}, "It is down"},
	} {
		if got := Body(&test.code); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
