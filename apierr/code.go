package apierr

import "errors"

// Code is an error code of one provider. Every provider has its own type for
// it, so equal texts of two providers never match each other.
type Code interface {
	error
	// Info returns what the catalog says of the code; false for a code that is
	// not in it.
	Info() (CodeInfo, bool)
}

// CodeOf returns the code of the first *Error in err's chain; nil when there is
// none. The provider packages have a CodeOf of their own that returns their
// own type.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return nil
}

// CodeInfo is the catalog's entry of one code: static data, written by errgen
// from the spec.
type CodeInfo struct {
	Value          string         // the literal value on the wire
	Name           string         // name of the Go constant
	Aliases        []string       // other spellings of it on the wire
	Statuses       []int          // HTTP statuses, the documented one first; empty when none is known
	Type           string         // the provider's own error type; "" when it has none
	Category       Category       // the class
	Outcome        Outcome        // "" when the catalog leaves it to status and operation
	Advice         Advice         // what to do
	AdviceByStatus []StatusAdvice // where the status changes the advice
	Idempotent     bool           // a repetition is harmless although the outcome is unknown
	Title          string         // a few words
	Description    string         // what it means
	Resolution     string         // what to do about it, for the developer
	DocURL         string         // where it is explained; resolves to an anchor
	UpstreamURL    string         // the provider's own page; "" when there is none
	Customer       []Text         // what a payer may be shown
	Unverified     string         // why a fact about it is unsure; "" when none is
	Deprecated     string         // why it is deprecated; "" when it is not
	Since          string         // version of the spec that brought it; "" = the first
}

// StatusAdvice is advice for one HTTP status.
type StatusAdvice struct {
	Status int
	Advice Advice
}

// Text is a sentence in one language. Lang is a lower-case BCP 47 tag.
type Text struct{ Lang, Text string }

// UnknownOutcome is what to say when a call of one operation got no readable
// answer, so that nobody knows whether it took effect.
type UnknownOutcome struct {
	Operation   string
	Advice      Advice
	Description string
	Resolution  string
	DocURL      string
	Customer    []Text
}
