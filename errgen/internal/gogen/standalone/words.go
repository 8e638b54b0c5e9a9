package standalone

// ErrorClass is the class of a failure, the same for every code that means the same sort of thing. The classes are error
// values: errors.Is(err, ClassRateLimited).
type ErrorClass string

// The classes. Every code of a catalog has one of them.
const (
	ClassAuth           ErrorClass = "auth"            // credentials, token or signature were not accepted
	ClassPermission     ErrorClass = "permission"      // the credentials are right, but may not do this
	ClassInvalidRequest ErrorClass = "invalid_request" // the request is wrong; the same one will fail again
	ClassNotFound       ErrorClass = "not_found"       // the thing named does not exist, or not for this caller
	ClassConflict       ErrorClass = "conflict"        // the thing is in a state that does not allow this
	ClassDeclined       ErrorClass = "declined"        // somebody who had to agree said no
	ClassRateLimited    ErrorClass = "rate_limit"      // too many calls; wait, then repeat
	ClassUnavailable    ErrorClass = "unavailable"     // the API cannot answer right now, or cannot be reached
	ClassProvider       ErrorClass = "provider"        // the API failed, or answered outside its own contract
	ClassOutcomeUnknown ErrorClass = "unknown_outcome" // nobody can tell yet whether the call took effect
	ClassUnknown        ErrorClass = "unknown"         // a failure that no catalog knows
)

// Error returns the class as a short phrase, so that an ErrorClass can be the target of errors.Is.
func (c ErrorClass) Error() string { return errorAPI + " error class " + string(c) }

// ErrorAdvice says what to do after a failure.
type ErrorAdvice string

// The advice words, from the most careful to the most daring one.
const (
	AdviceNever   ErrorAdvice = "never"   // no repetition will help
	AdviceInquire ErrorAdvice = "inquire" // ask for the state first, then decide
	AdviceChange  ErrorAdvice = "change"  // only another request can work, under a new idempotency key
	AdviceBackoff ErrorAdvice = "backoff" // the same request again, after a pause
	AdviceSame    ErrorAdvice = "same"    // the same request again, at once
)

// Retryable reports whether the same request, under the same idempotency key where there is one, may be sent again.
func (a ErrorAdvice) Retryable() bool { return a == AdviceSame || a == AdviceBackoff }

// ErrorOutcome says whether a call took effect.
type ErrorOutcome string

// The outcomes.
const (
	OutcomeNotApplied ErrorOutcome = "failed"  // nothing happened
	OutcomeUnknown    ErrorOutcome = "unknown" // it may or may not have happened
	OutcomePending    ErrorOutcome = "pending" // accepted, not finished
	OutcomeApplied    ErrorOutcome = "ok"      // it happened
)

// ErrorInfo is the catalog's entry of one code.
type ErrorInfo struct {
	Value          string              // the literal value on the wire
	Name           string              // name of the Go constant
	Aliases        []string            // other spellings of it on the wire
	Statuses       []int               // HTTP statuses, the documented one first; empty when none is known
	Type           string              // the API's own error type; "" when it has none
	Class          ErrorClass          // what sort of failure it is
	Outcome        ErrorOutcome        // "" when the catalog leaves it to status and operation
	Advice         ErrorAdvice         // what to do
	AdviceByStatus []ErrorStatusAdvice // where the status changes the advice
	Idempotent     bool                // a repetition is harmless although the outcome is unknown
	Title          string              // a few words
	Description    string              // what it means
	Resolution     string              // what to do about it, for the developer
	DocURL         string              // where it is explained; "" when the catalog names no page
	UpstreamURL    string              // the page of who makes the API; "" when there is none
	Customer       []ErrorSentence     // what an end user may be shown
	Unverified     string              // why a fact about it is unsure; "" when none is
	Deprecated     string              // why it is deprecated; "" when it is not
	Since          string              // version of the spec that brought it; "" = the first
}

// ErrorStatusAdvice is advice for one HTTP status.
type ErrorStatusAdvice struct {
	Status int
	Advice ErrorAdvice
}

// ErrorSentence is a sentence in one language. Lang is a BCP 47 tag.
type ErrorSentence struct{ Lang, Text string }
