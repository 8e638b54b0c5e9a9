package diff

import (
	"slices"
	"strconv"

	"github.com/specpay/specpay/errgen/internal/model"
)

// boldness orders advice by what may happen to those who follow it: nothing, a question, another request, the same
// request again later, the same request again at once.
func boldness(advice string) int {
	return slices.Index([]string{"never", "inquire", "change", "backoff", "same"}, advice)
}

// daring is the class of a change of behaviour.
func daring(bolder bool) Class {
	if bolder {
		return Breaking
	}
	return Notice
}

func (c *changes) advice(what, from, to string) {
	c.compare(daring(boldness(to) > boldness(from)), what, from, to)
}

// advices compares the advice, then what the single statuses make of it.
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

// outcome compares what is said to have become of a call. To know less is the careful way; to turn a failure into a
// success, or the other way round, changes what callers do.
func (c *changes) outcome(what, from, to string) {
	c.compare(daring(said(to) != "unknown"), what, said(from), said(to))
}

// said fills in what holds when nothing is written.
func said(outcome string) string {
	if outcome == "" {
		return "failed"
	}
	return outcome
}
