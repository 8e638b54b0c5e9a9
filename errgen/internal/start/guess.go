package start

import (
	"fmt"
	"slices"
	"strings"
)

// guess is what some statuses say of a code, as far as it goes.
type guess struct {
	statuses                  []int
	category, advice, outcome string
}

// guesses is the one table behind every guess of a draft; each draft shows it. All of it is careful: what a server fault
// on a write has done is unknown, so that the state is asked for before anything is sent again.
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

// guessFrom returns the guess for a status; 0 stands for a code whose status nobody knows.
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

// guessTable shows the table in the comment of a draft.
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
	line("not known", guessFrom(0))
	return b.String()
}
