package start

import (
	"fmt"
	"slices"
	"strings"
)

// guess is a guess about a code from its status.
type guess struct {
	statuses                  []int
	category, advice, outcome string
}

// guesses is the table behind the guesses of a draft, which shows it. It is conservative: after a server error the outcome
// is unknown, so the state is queried before a retry.
func guesses() []guess {
	return []guess{
		{[]int{401}, "auth", "change", ""},
		{[]int{402}, "declined", "change", ""},
		{[]int{403}, "permission", "never", ""},
		{[]int{404, 410}, "not_found", "never", ""},
		{[]int{409, 412, 423}, "conflict", "change", ""},
		{[]int{408, 425}, "unavailable", "inquire", ""},
		{[]int{429}, "rate_limit", "backoff", ""},
		{[]int{501}, "invalid_request", "never", ""},
		{[]int{503}, "unavailable", "backoff", ""},
	}
}

// guessFrom returns the guess for a status; 0 stands for an unknown status.
func guessFrom(status int) guess {
	for _, g := range guesses() {
		if slices.Contains(g.statuses, status) {
			return g
		}
	}
	switch {
	case status == 0:
		return guess{category: "unknown", advice: "never"}
	case status >= 500:
		return guess{category: "provider", advice: "inquire", outcome: "unknown"}
	}
	return guess{category: "invalid_request", advice: "change"}
}

// guessTable formats the table for the comment of a draft.
func guessTable() string {
	var b strings.Builder
	line := func(statuses string, g guess) {
		row := fmt.Sprintf("#   %-11s  %-15s  %-7s  %s", statuses, g.category, g.advice, g.outcome)
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	for _, g := range guesses() {
		line(strings.Trim(fmt.Sprint(g.statuses), "[]"), g)
	}
	line("other 4xx", guessFrom(400))
	line("other 5xx", guessFrom(500))
	line("unknown", guessFrom(0))
	return b.String()
}
