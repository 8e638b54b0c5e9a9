package gogen

import (
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/textrule"
)

// textRules writes how texts are recognised, one rule a line. No regular expression gets into generated code.
func (f *file) textRules(rules textrule.Rules) {
	f.line("Rules: []%s{", f.typeName("TextRule"))
	for _, r := range rules.List {
		f.line("%s,", composite(
			"Code", strconv.Quote(r.Code), "Statuses", intList(r.Statuses), "Exact", quoteSet(r.Exact),
			"Prefix", quoteSet(r.Prefix), "Capture", quoteSet(r.Capture), "Parts", f.partList(r.Parts)))
	}
	f.line("},")
	f.text("Fallback", rules.Fallback)
	if rules.MaxBytes > 0 {
		f.raw("MaxBytes", strconv.Itoa(rules.MaxBytes))
	}
}

func (f *file) partList(parts []textrule.Part) string {
	if len(parts) == 0 {
		return ""
	}
	words := make([]string, len(parts))
	for i, p := range parts {
		spaces := ""
		if p.Spaces {
			spaces = "true"
		}
		words[i] = composite("Literal", quoteSet(p.Literal), "Capture", quoteSet(p.Capture), "Spaces", spaces)
	}
	return "[]" + f.typeName("TextPart") + "{" + strings.Join(words, ", ") + "}"
}

// composite writes a literal on one line from names and values in turn; what has no value is left out.
func composite(pairs ...string) string {
	var words []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			words = append(words, pairs[i]+": "+pairs[i+1])
		}
	}
	return "{" + strings.Join(words, ", ") + "}"
}

func quoteSet(s string) string {
	if s == "" {
		return ""
	}
	return strconv.Quote(s)
}
