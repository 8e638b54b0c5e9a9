// Package explain describes in plain text a rule of errgen, a code of a spec, or the code in the body of an error response.
package explain

import (
	_ "embed" // the text of the rules
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

//go:embed rules.md
var rules string

// Rules returns the explanations of all rules as Markdown, one section per rule, in the order of finding.Rules.
func Rules() string { return rules }

// Rule returns the section of Rules about a rule, ignoring case. It returns false if there is no such rule.
func Rule(id string) (string, bool) {
	const head = "### "
	for _, section := range strings.Split("\n"+rules, "\n"+head)[1:] {
		if name, _, _ := strings.Cut(section, " "); strings.EqualFold(name, id) {
			return head + strings.TrimRight(section, "\n") + "\n", true
		}
	}
	return "", false
}

// IsRule reports whether a word has the form of a rule id: EG and three digits.
func IsRule(word string) bool {
	return len(word) == 5 && strings.EqualFold(word[:2], "EG") && strings.Trim(word[2:], "0123456789") == ""
}

// RuleList returns a line for each rule with its id and title.
func RuleList() string {
	var b strings.Builder
	for _, r := range finding.Rules() {
		b.WriteString(string(r.ID) + "  " + r.Title + "\n")
	}
	return b.String()
}
