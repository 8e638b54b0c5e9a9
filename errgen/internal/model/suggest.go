package model

import (
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// suggest completes a message about an unknown word with the nearest known one, or with all if none is near.
func suggest(word string, known []string) string {
	if best := finding.Nearest(word, known); best != "" {
		return "; did you mean " + finding.Quote(best) + "?"
	}
	return "; it may have " + strings.Join(known, ", ")
}
