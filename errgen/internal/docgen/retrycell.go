package docgen

import (
	"slices"

	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/pay"
)

// maxAttempts is how often a client sends a request at most, unless an option changes it.
const maxAttempts = 3

// retryStatuses are the HTTP statuses of the tables.
func retryStatuses() []int {
	return []int{400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 501, 502, 503, 504}
}

// retryClasses are the retry classes of the tables.
func retryClasses() []string { return []string{"safe", "keyed", "keyless"} }

// retryOperation is what the tables need of an operation.
type retryOperation struct {
	ID, Class     string
	UnknownAdvice pay.Advice // of its x-unknown-outcome; "" = by the class
	RenewedOn     []string   // codes of a 401 after which the client logs in and sends the call again; nil = never
}

func newRetryOperation(op *model.Operation) retryOperation {
	out := retryOperation{ID: model.Text{Value: op.Name()}.Line(), Class: op.Class.Value, RenewedOn: values(op.RenewedOn)}
	if !slices.Contains(retryClasses(), out.Class) {
		out.Class = "keyless"
	}
	if op.Unknown != nil {
		out.UnknownAdvice = pay.Advice(op.Unknown.Advice.Value)
	}
	return out
}

// unknownAdvice is the advice of an error whose outcome is unknown.
func (o retryOperation) unknownAdvice() pay.Advice {
	switch {
	case o.UnknownAdvice != "":
		return o.UnknownAdvice
	case o.Class == "keyed":
		return pay.AdviceBackoff
	}
	return pay.AdviceInquire
}

// retryCell is the result of a call whose every attempt gets the same response.
type retryCell struct {
	Attempts int
	Outcome  pay.Outcome
	Category pay.Category
	Advice   pay.Advice
}

// newRetryCell classifies a response. code is nil when the body has none of the catalog; stated is the outcome that the
// body states, "" for none.
func newRetryCell(op retryOperation, status int, code *model.Code, stated pay.Outcome) retryCell {
	rule := pay.OfStatus(status)
	c := retryCell{1, rule.Outcome, rule.Category, rule.Advice}
	if stated != "" {
		c.Outcome = stated
	}
	declared := false // the catalog declares the outcome as unknown, so the advice of the code applies
	if code != nil {
		c.Category, c.Advice = pay.Category(code.Category.Value), pay.Advice(code.AdviceFor(status))
		if code.Outcome.Value != "" {
			c.Outcome = pay.Outcome(code.Outcome.Value)
			declared = c.Outcome == pay.OutcomeUnknown
		}
	}
	switch {
	case status == 401 && op.RenewedOn != nil && (code == nil || slices.Contains(op.RenewedOn, code.Value)):
		c.Attempts = 2
	case c.Advice.Retryable() && op.Class != "keyless":
		c.Attempts = maxAttempts
	}
	if op.Class == "safe" {
		c.Outcome = pay.OutcomeNotApplied
	}
	if c.Outcome == pay.OutcomeUnknown {
		c.Category = pay.ErrOutcomeUnknown
		if !declared {
			c.Advice = op.unknownAdvice()
		}
	}
	return c
}

// statedOutcome returns the outcome that the body states beside a code, by the code's type; "" for none.
func statedOutcome(spec *model.Spec, code *model.Code) pay.Outcome {
	for _, e := range spec.Envelopes {
		if e.Outcome == nil {
			continue
		}
		for _, word := range e.Outcome.Map {
			if word.Key.Value == code.Type.Value {
				return pay.Outcome(word.Text.Value)
			}
		}
	}
	return ""
}
