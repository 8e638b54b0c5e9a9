package cli

import (
	"fmt"
	"strings"

	"github.com/specpay/specpay/errgen/internal/explain"
)

// explain prints what a word means: the id of a rule, or "rules" for all of them.
func (a *app) explain(args []string) (int, error) {
	if len(args) == 0 {
		return 0, usagef("explain needs a rule, such as EG050; errgen explain rules lists all")
	}
	word := args[0]
	switch {
	case word == "rules":
		fmt.Fprint(a.out, explain.RuleList())
		return exitClean, nil
	case explain.IsRule(word):
		text, ok := explain.Rule(word)
		if !ok {
			return 0, usagef("there is no rule %s; errgen explain rules lists all", strings.ToUpper(word))
		}
		fmt.Fprint(a.out, text)
		return exitClean, nil
	}
	return 0, usagef("%q is no rule; errgen explain rules lists all", word)
}
