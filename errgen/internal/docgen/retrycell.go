package docgen

import (
	"slices"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/internal/model"
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
	UnknownAdvice apierr.Advice // of its x-unknown-outcome; "" = by the class
	RenewedOn     []string      // codes of a 401 after which the client logs in and sends the call again; nil = never
}

func newRetryOperation(op *model.Operation) retryOperation {
	out := retryOperation{ID: model.Text{Value: op.Name()}.Line(), Class: op.Class.Value, RenewedOn: values(op.RenewedOn)}
	if !slices.Contains(retryClasses(), out.Class) {
		out.Class = "keyless"
	}
	if op.Unknown != nil {
		out.UnknownAdvice = apierr.Advice(op.Unknown.Advice.Value)
	}
	return out
}

// details is what a client knows about a call of the operation.
func (o retryOperation) details() apierr.Details {
	d := apierr.Details{Safe: o.Class == "safe", Keyed: o.Class == "keyed"}
	if o.UnknownAdvice != "" {
		d.Unknown = &apierr.UnknownOutcome{Advice: o.UnknownAdvice}
	}
	return d
}

// unknownAdvice is the advice of an error whose outcome is unknown.
func (o retryOperation) unknownAdvice() apierr.Advice {
	d := o.details()
	d.Safe, d.Outcome = false, apierr.OutcomeUnknown
	return apierr.New(apierr.Error{}, d).Advice()
}

// retryCell is the result of a call whose every attempt gets the same response.
type retryCell struct {
	Attempts int
	Outcome  apierr.Outcome
	Category apierr.Category
	Advice   apierr.Advice
}

// newRetryCell classifies a response as a client does. code is nil when the body has none of the catalog; stated is the
// outcome that the body states, "" for none.
func newRetryCell(op retryOperation, status int, code *model.Code, stated apierr.Outcome) retryCell {
	e, d := apierr.Error{StatusCode: status}, op.details()
	d.Outcome = stated
	advice := apierr.OfStatus(status).Advice
	if code != nil {
		e.Code = modelCode{code}
		advice = apierr.Advice(code.AdviceFor(status))
		if code.Outcome.Value != "" {
			d.Outcome = "" // the catalog overrides what the body states
		}
	}
	failed := apierr.New(e, d)
	c := retryCell{1, failed.Outcome(), failed.Category(), failed.Advice()}
	switch {
	case status == 401 && op.RenewedOn != nil && (code == nil || slices.Contains(op.RenewedOn, code.Value)):
		c.Attempts = 2
	case advice.Retryable() && op.Class != "keyless":
		c.Attempts = maxAttempts
	}
	return c
}

// modelCode is a code of the model as the error core sees it.
type modelCode struct{ *model.Code }

func (c modelCode) Error() string { return c.Value }

func (c modelCode) Info() (apierr.CodeInfo, bool) {
	return apierr.CodeInfo{
		Value: c.Value, Statuses: c.Statuses(), Category: apierr.Category(c.Category.Value), Outcome: apierr.Outcome(c.Outcome.Value),
		Advice: apierr.Advice(c.AdviceFor(0)), AdviceByStatus: adviceByStatus(c.ByStatus),
	}, true
}

func adviceByStatus(list []model.StatusAdvice) (out []apierr.StatusAdvice) {
	for _, s := range list {
		out = append(out, apierr.StatusAdvice{Status: s.Status.Value, Advice: apierr.Advice(s.Advice.Value)})
	}
	return out
}

// statedOutcome returns the outcome that the body states beside a code, by the code's type; "" for none.
func statedOutcome(spec *model.Spec, code *model.Code) apierr.Outcome {
	for _, e := range spec.Envelopes {
		if e.Outcome == nil {
			continue
		}
		for _, word := range e.Outcome.Map {
			if word.Key.Value == code.Type.Value {
				return apierr.Outcome(word.Text.Value)
			}
		}
	}
	return ""
}
