package apierr

// Category is the kind of a failure, the same for every API. Categories are
// errors, so that errors.Is(err, apierr.ErrRateLimited) works.
type Category string

// The categories. Every code of a catalog has exactly one.
const (
	// ErrAuth: the credentials, token or signature were rejected.
	ErrAuth Category = "auth"
	// ErrPermission: the credentials are valid but do not permit the operation.
	ErrPermission Category = "permission"
	// ErrInvalidRequest: the request is invalid and will fail again unchanged.
	ErrInvalidRequest Category = "invalid_request"
	// ErrNotFound: the resource does not exist, or not for this account.
	ErrNotFound Category = "not_found"
	// ErrConflict: the resource's state does not permit the operation.
	ErrConflict Category = "conflict"
	// ErrDeclined: the payer's bank, card or wallet declined, or a required
	// approval was refused.
	ErrDeclined Category = "declined"
	// ErrRateLimited: too many requests; retry after a pause.
	ErrRateLimited Category = "rate_limit"
	// ErrUnavailable: the API cannot be reached or cannot respond right now.
	ErrUnavailable Category = "unavailable"
	// ErrProvider: the API, or a system behind it, failed or violated its own
	// contract.
	ErrProvider Category = "provider"
	// ErrOutcomeUnknown: the call may or may not have taken effect. Money may have
	// moved: query the state before retrying.
	ErrOutcomeUnknown Category = "unknown_outcome"
	// ErrUnknown: a failure that is not in the catalog.
	ErrUnknown Category = "unknown"
)

// Error returns the category as a short phrase.
func (c Category) Error() string { return "error category " + string(c) }

// Advice says what to do about a failure.
type Advice string

// Advice values, from most to least conservative.
const (
	// AdviceNever: do not retry; something outside the program has to change.
	AdviceNever Advice = "never"
	// AdviceInquire: query the state first, then decide.
	AdviceInquire Advice = "inquire"
	// AdviceChange: send a different request, with a new idempotency key.
	AdviceChange Advice = "change"
	// AdviceBackoff: retry the same request with the same idempotency key after a
	// pause.
	AdviceBackoff Advice = "backoff"
	// AdviceSame: retry the same request with the same idempotency key immediately.
	AdviceSame Advice = "same"
)

// Retryable reports whether the same bytes may be sent again under the same
// idempotency key.
func (a Advice) Retryable() bool { return a == AdviceSame || a == AdviceBackoff }

// Outcome says whether a call took effect. Its values are those of outcome in a
// spec.
type Outcome string

// The outcomes.
const (
	OutcomeNotApplied Outcome = "failed"  // the call had no effect
	OutcomeUnknown    Outcome = "unknown" // the call may or may not have taken effect
	OutcomePending    Outcome = "pending" // accepted, not finished
	OutcomeApplied    Outcome = "ok"      // the call took effect
)

// texts holds the sentences of a category, for failures whose code has none.
type texts struct{ description, resolution, customer string }

func (c Category) texts() texts {
	switch c {
	case ErrAuth:
		return texts{
			"The API rejected the credentials.",
			"Check the credentials and that they belong to this environment (sandbox or production).",
			"This service is not available at the moment. Please try again later."}
	case ErrPermission:
		return texts{
			"The credentials do not permit this operation.",
			"Ask the provider to enable the operation for this account.",
			"This is not possible at the moment. Please try another way or contact us."}
	case ErrInvalidRequest:
		return texts{
			"The request is invalid.",
			"Correct the request. Sending it again unchanged will fail again.",
			"This could not be processed. Please check the details or contact us."}
	case ErrNotFound:
		return texts{
			"The requested resource does not exist for this account.",
			"Check the ID and the environment it was created in.",
			"We could not find what you are looking for. Please contact us."}
	case ErrConflict:
		return texts{
			"The resource's state does not permit the operation.",
			"Query the resource's state, then decide.",
			"This can no longer be changed. Please contact us if you did not expect this."}
	case ErrDeclined:
		return texts{
			"The payer's bank, card or wallet declined, or a required approval was refused.",
			"Offer another payment method.",
			"Your payment was declined. Please try another payment method or contact your bank."}
	case ErrRateLimited:
		return texts{
			"Too many requests in too short a time.",
			"Wait for as long as Retry-After says, or for a few seconds, then retry the same request.",
			"We are very busy right now. Please try again in a minute."}
	case ErrUnavailable:
		return texts{
			"The API cannot be reached or cannot respond right now.",
			"Retry the same request after a pause.",
			"This service is not available right now. Please try again in a minute."}
	case ErrProvider:
		return texts{
			"The API failed or sent a response that cannot be read.",
			"Retry a read after a pause. If the failure persists, give the request ID to the provider.",
			"There is a problem with this service. Please try again later."}
	case ErrOutcomeUnknown:
		return texts{
			"The call may or may not have taken effect: there was no response, or none that settles it.",
			"Query the state before retrying.",
			"We are still checking the result. Please do not try again; we will let you know."}
	case ErrUnknown:
	}
	return texts{
		"The API reported a failure that is not in its catalog.",
		"Check the status and the raw code, and report the code so that it can be added to the catalog.",
		"Something went wrong. Please contact us before you try again."}
}
