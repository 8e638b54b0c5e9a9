package apierr

// Category is the class of a failure, the same for all providers. The classes
// are error values: errors.Is(err, apierr.ErrRateLimited).
type Category string

// The classes. Every code of every catalog has exactly one of them.
const (
	// ErrAuth: the credentials, the token or the signature were not accepted.
	ErrAuth Category = "auth"
	// ErrPermission: the credentials are right, but may not do this.
	ErrPermission Category = "permission"
	// ErrInvalidRequest: the request is wrong; the same one will fail again.
	ErrInvalidRequest Category = "invalid_request"
	// ErrNotFound: the thing named does not exist, or not for this account.
	ErrNotFound Category = "not_found"
	// ErrConflict: the thing is in a state that does not allow this.
	ErrConflict Category = "conflict"
	// ErrDeclined: the payer's bank, card or wallet said no.
	ErrDeclined Category = "declined"
	// ErrRateLimited: too many calls; wait, then repeat.
	ErrRateLimited Category = "rate_limit"
	// ErrUnavailable: the provider cannot answer right now, or cannot be reached.
	ErrUnavailable Category = "unavailable"
	// ErrProvider: the provider, or somebody behind it, failed or answered
	// outside its own contract.
	ErrProvider Category = "provider"
	// ErrOutcomeUnknown: nobody can tell yet whether the call took effect. Money
	// may have moved: find out before repeating it.
	ErrOutcomeUnknown Category = "unknown_outcome"
	// ErrUnknown: a failure that the catalog does not know.
	ErrUnknown Category = "unknown"
)

// Error returns the class as a short phrase, so that a Category can be the
// target of errors.Is.
func (c Category) Error() string { return "error category " + string(c) }

// Advice says what to do after a failure.
type Advice string

// The advice words, from the most careful to the most daring one.
const (
	// AdviceNever: no repetition will help; somebody has to change something
	// outside the program.
	AdviceNever Advice = "never"
	// AdviceInquire: ask for the state first, then decide.
	AdviceInquire Advice = "inquire"
	// AdviceChange: only another request can work, and it needs a new
	// idempotency key.
	AdviceChange Advice = "change"
	// AdviceBackoff: the same request with the same key, after a pause.
	AdviceBackoff Advice = "backoff"
	// AdviceSame: the same request with the same key, at once.
	AdviceSame Advice = "same"
)

// Retryable reports whether the same bytes with the same key may be sent again.
func (a Advice) Retryable() bool { return a == AdviceSame || a == AdviceBackoff }

// Outcome says whether a call took effect at the provider. The values are the
// words that the catalogs use.
type Outcome string

const (
	// OutcomeNotApplied means: nothing happened at the provider.
	OutcomeNotApplied Outcome = "failed"
	// OutcomeUnknown means: it may or may not have happened.
	OutcomeUnknown Outcome = "unknown"
	// OutcomePending means: accepted, not finished.
	OutcomePending Outcome = "pending"
	// OutcomeApplied means: it happened.
	OutcomeApplied Outcome = "ok"
)

// words are what is said of a class when no code says more.
type words struct{ meaning, remedy, customer string }

func (c Category) words() words {
	switch c {
	case ErrAuth:
		return words{"The provider did not accept the credentials.", "Check the credentials and that they belong to this environment (sandbox or production).", "We cannot take payments at the moment. Please try again later."}
	case ErrPermission:
		return words{"The account may not do this.", "Ask the provider to enable the operation for the account.", "We cannot take this payment at the moment. Please try another way to pay."}
	case ErrInvalidRequest:
		return words{"The request is not one that the provider can carry out.", "Correct the request; sending the same one again will fail again.", "We could not start this payment. Please check the details or contact us."}
	case ErrNotFound:
		return words{"What the request names does not exist for this account.", "Check the id and the environment it was made in.", "We could not find this payment. Please contact us."}
	case ErrConflict:
		return words{"The thing named is in a state that does not allow this.", "Read its state, then decide.", "This payment cannot be changed any more. Please contact us if that surprises you."}
	case ErrDeclined:
		return words{"The payer's bank, card or wallet refused the payment.", "Offer another way to pay.", "Your payment was declined. Please try another way to pay or ask your bank."}
	case ErrRateLimited:
		return words{"Too many calls in too short a time.", "Wait as long as the answer says, else some seconds, and repeat the same request.", "We are very busy right now. Please try again in a minute."}
	case ErrUnavailable:
		return words{"The provider cannot be reached or cannot answer now.", "Repeat the same request after a pause.", "The payment service is not available right now. Please try again in a minute."}
	case ErrProvider:
		return words{"The provider failed, or its answer cannot be read.", "Repeat a read after a pause; if it stays, show the request id to the provider.", "The payment service has a problem. Please try again later."}
	case ErrOutcomeUnknown:
		return words{"No readable answer came; the call may or may not have taken effect.", "Ask the provider for the state before anything is repeated.", "We are still checking your payment. Please do not pay again; we will tell you the result."}
	case ErrUnknown:
	}
	return words{"The provider reported a failure that is not in its catalog.", "Look at the status and the raw code, and report the code so that it can be added.", "Something went wrong with this payment. Please contact us before trying again."}
}
