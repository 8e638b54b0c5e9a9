// Package explain says in plain text what a rule of errgen wants, what a code of a spec means, and which code the body
// of an error answer holds.
package explain

import (
	_ "embed" // the text of the rules
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

//go:embed rules.md
var rules string

// Rules returns the explanations of all rules as Markdown, one section a rule, in the order of finding.Rules.
func Rules() string { return rules }

// Rule returns the section of Rules about one rule; upper and lower case are the same. It returns false when there is
// no such rule.
func Rule(id string) (string, bool) {
	const head = "### "
	for _, section := range strings.Split("\n"+rules, "\n"+head)[1:] {
		if name, _, _ := strings.Cut(section, " "); strings.EqualFold(name, id) {
			return head + strings.TrimRight(section, "\n") + "\n", true
		}
	}
	return "", false
}

// IsRule reports whether a word is meant as the id of a rule, known or not: EG and three digits.
func IsRule(word string) bool {
	return len(word) == 5 && strings.EqualFold(word[:2], "EG") && strings.Trim(word[2:], "0123456789") == ""
}

// RuleList returns a line for each rule: its id and what it asks for.
func RuleList() string {
	var b strings.Builder
	for _, r := range finding.Rules() {
		b.WriteString(string(r.ID) + "  " + r.Title + "\n")
	}
	return b.String()
}
