// Package retries says, from the specs, what becomes of a call whose answer is
// not the one hoped for: how often it is sent, and what the error says. The
// contract holds the clients to it, and docs/retries.md publishes it.
package retries

import (
	"slices"

	"github.com/specpay/specpay/apierr"
)

// Attempts is how often a call is sent at most, unless pay.WithMaxAttempts says
// otherwise.
const Attempts = 3

// Statuses are the HTTP statuses of the table.
func Statuses() []int {
	return []int{400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 501, 502, 503, 504}
}

// Classes are the operation classes of the table.
func Classes() []string { return []string{"safe", "keyed", "keyless"} }

// Spec is what one provider's spec says about failures.
type Spec struct {
	Name       string
	Codes      []Code
	Operations []Operation
	// Tells says that a body tells by a word of its own how the call went; a code
	// of the type F has failed then, whatever the status.
	Tells bool
}

// Code is one error code of the catalog.
type Code struct {
	Value    string
	Statuses []int
	Type     string
	Category apierr.Category
	Outcome  apierr.Outcome // "" = by the status
	Advice   apierr.Advice
	ByStatus map[int]apierr.Advice
}

// Operation is one call.
type Operation struct {
	ID, Class string
	Unknown   apierr.Advice // its own words for an unknown outcome; "" = none
	// Renews says that a 401 with one of these codes, or with none that is known,
	// gets the call sent once more under new credentials. nil = never.
	Renews []string
}

// Cell is what becomes of a call that gets the same answer each time.
type Cell struct {
	Attempts int
	Outcome  apierr.Outcome
	Category apierr.Category
	Advice   apierr.Advice
}

// Cell judges an answer. code is nil when the body holds none that the catalog
// knows; said is the outcome that an unknown code came with, "" for none.
func (s *Spec) Cell(op Operation, status int, code *Code, said apierr.Outcome) Cell {
	rule := apierr.OfStatus(status)
	c := Cell{1, rule.Outcome, rule.Category, rule.Advice}
	if said != "" {
		c.Outcome = said
	}
	if code != nil {
		c.Category, c.Advice, c.Outcome = code.Category, code.advice(status), s.outcome(code, rule.Outcome)
	}
	switch {
	case status == 401 && op.Renews != nil && (code == nil || slices.Contains(op.Renews, code.Value)):
		c.Attempts = 2
	case c.Advice.Retryable() && op.Class != "keyless":
		c.Attempts = Attempts
	}
	if op.Class == "safe" {
		c.Outcome = apierr.OutcomeNotApplied
	}
	if c.Outcome == apierr.OutcomeUnknown {
		c.Category = apierr.ErrOutcomeUnknown
		if code == nil || code.Outcome != apierr.OutcomeUnknown {
			c.Advice = op.unknownAdvice()
		}
	}
	return c
}

func (c *Code) advice(status int) apierr.Advice {
	if a, special := c.ByStatus[status]; special {
		return a
	}
	return c.Advice
}

// outcome is what a known code says: by itself, by the word beside it, or, for a
// refusal, by the status.
func (s *Spec) outcome(code *Code, byStatus apierr.Outcome) apierr.Outcome {
	switch {
	case code.Outcome != "":
		return code.Outcome
	case s.Tells && code.Type == "F":
		return apierr.OutcomeNotApplied
	}
	return byStatus
}

// unknownAdvice is what to do when nobody knows whether a call took effect: what
// the operation says, else the same under the same key, else to ask.
func (o Operation) unknownAdvice() apierr.Advice {
	switch {
	case o.Unknown != "":
		return o.Unknown
	case o.Class == "keyed":
		return apierr.AdviceBackoff
	}
	return apierr.AdviceInquire
}

// At returns the codes that are documented with a status, in their order.
func (s *Spec) At(status int) []*Code {
	var found []*Code
	for i := range s.Codes {
		if slices.Contains(s.Codes[i].Statuses, status) {
			found = append(found, &s.Codes[i])
		}
	}
	return found
}

// Has reports whether the provider has operations of a class.
func (s *Spec) Has(class string) bool {
	return slices.ContainsFunc(s.Operations, func(o Operation) bool { return o.Class == class })
}
