package start

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specpay/specpay/apierr"
)

// guess is a guess about a code from its status.
type guess struct{ category, advice, outcome string }

// guessOf returns the guess for a code from its statuses. If they mean different things, the status of the response decides
// at run time, as it does for a code without statuses; the category unknown stands for both. Of different advice for one
// category, the most conservative counts.
func guessOf(statuses []int) guess {
	if len(statuses) == 0 {
		return undecided()
	}
	g := guessFrom(statuses[0])
	for _, status := range statuses[1:] {
		other := guessFrom(status)
		if other.category != g.category {
			return undecided()
		}
		if conservative(other.advice) < conservative(g.advice) {
			g.advice = other.advice
		}
		g.outcome = or(g.outcome, other.outcome)
	}
	return g
}

func undecided() guess {
	return guess{category: string(apierr.ErrUnknown), advice: string(apierr.AdviceNever)}
}

// conservative returns the rank of an advice, the most conservative first.
func conservative(advice string) int {
	return slices.Index([]apierr.Advice{apierr.AdviceNever, apierr.AdviceInquire, apierr.AdviceChange, apierr.AdviceBackoff, apierr.AdviceSame}, apierr.Advice(advice))
}

// guessFrom returns the guess for a status; 0 stands for an unknown status. It is what clients do with a status that comes
// without a code. After a server error the outcome of a write is unknown, and the draft says so: then the state is queried
// before a retry.
func guessFrom(status int) guess {
	rule := apierr.OfStatus(status)
	g := guess{category: string(rule.Category), advice: string(rule.Advice)}
	if status >= 500 && rule.Outcome == apierr.OutcomeUnknown {
		g.outcome, g.advice = string(rule.Outcome), string(apierr.AdviceInquire)
	}
	return g
}

// guessTable formats the guesses for the comment of a draft, with the statuses that lead to the same guess in one row.
func guessTable() string {
	var order []guess
	statuses := map[guess][]string{}
	add := func(status int, label string) {
		g := guessFrom(status)
		if statuses[g] == nil {
			order = append(order, g)
		}
		statuses[g] = append(statuses[g], label)
	}
	for _, status := range []int{400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 423, 425, 429, 500, 501, 502, 503, 504} {
		add(status, fmt.Sprint(status))
	}
	add(0, "unknown")
	var b strings.Builder
	for _, g := range order {
		row := fmt.Sprintf("#   %-20s  %-15s  %-7s  %s", strings.Join(statuses[g], " "), g.category, g.advice, g.outcome)
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	return b.String()
}
