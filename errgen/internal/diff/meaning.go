package diff

import (
	"slices"
	"strconv"

	"github.com/specpay/specpay/errgen/internal/model"
)

// boldness orders advice from most to least conservative: no request, a query, a different request, a retry after a delay,
// an immediate retry.
func boldness(advice string) int {
	return slices.Index([]string{"never", "inquire", "change", "backoff", "same"}, advice)
}

// daring returns the class of a change in behavior.
func daring(bolder bool) Class {
	if bolder {
		return Breaking
	}
	return Notice
}

func (c *changes) advice(what, from, to string) {
	c.compare(daring(boldness(to) > boldness(from)), what, from, to)
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
	c.compare(daring(said(to) != "unknown"), what, said(from), said(to))
}

// said returns an outcome, with the default applied.
func said(outcome string) string {
	if outcome == "" {
		return "failed"
	}
	return outcome
}
