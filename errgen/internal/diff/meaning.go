package diff

import (
	"slices"
	"strconv"

	"github.com/specpay/specpay/errgen/internal/model"
)

// risk orders advice from most to least conservative: no request, a query, a different request, a retry after a delay,
// an immediate retry.
func risk(advice string) int {
	return slices.Index([]string{"never", "inquire", "change", "backoff", "same"}, advice)
}

// severity returns the class of a change in behavior.
func severity(riskier bool) Class {
	if riskier {
		return Breaking
	}
	return Notice
}

func (c *changes) advice(what, from, to string) {
	c.compare(severity(risk(to) > risk(from)), what, from, to)
}

// advices compares the advice, and then the advice by status.
func (c *changes) advices(before, after *model.Code) {
	c.advice("advice", before.Advice.Value, after.Advice.Value)
	var special []int
	for _, s := range append(slices.Clone(before.ByStatus), after.ByStatus...) {
		if !slices.Contains(special, s.Status.Value) {
			special = append(special, s.Status.Value)
		}
	}
	for _, s := range special {
		c.advice("advice at "+strconv.Itoa(s), before.AdviceFor(s), after.AdviceFor(s))
	}
}

// outcome compares the outcomes of a call. A change to unknown is conservative and a notice. A change between failure and
// success changes what callers do.
func (c *changes) outcome(what, from, to string) {
	c.compare(severity(withDefault(to) != "unknown"), what, withDefault(from), withDefault(to))
}

// withDefault returns an outcome, with the default applied.
func withDefault(outcome string) string {
	if outcome == "" {
		return "failed"
	}
	return outcome
}
