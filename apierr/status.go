package apierr

// StatusRule is what an HTTP status means for a write whose answer carries no
// code that the catalog knows. It is the client's default policy, here and
// nowhere else; docs/retries.md publishes it.
type StatusRule struct {
	Category Category // the class
	Outcome  Outcome  // of a write; a read has never taken effect
	Advice   Advice   // while the outcome is known; Retryable says whether the client repeats by itself
}

// OfStatus returns the rule of a status; 0 stands for no answer.
func OfStatus(status int) StatusRule {
	switch status {
	case 0:
		return StatusRule{ErrUnknown, OutcomeUnknown, AdviceNever}
	case 400, 413, 415, 422:
		return StatusRule{ErrInvalidRequest, OutcomeNotApplied, AdviceChange}
	case 401:
		return StatusRule{ErrAuth, OutcomeNotApplied, AdviceNever}
	case 402:
		return StatusRule{ErrDeclined, OutcomeNotApplied, AdviceNever}
	case 403:
		return StatusRule{ErrPermission, OutcomeNotApplied, AdviceNever}
	case 404:
		return StatusRule{ErrNotFound, OutcomeNotApplied, AdviceInquire}
	case 408: // the server stopped waiting, perhaps after it had begun
		return StatusRule{ErrUnavailable, OutcomeUnknown, AdviceBackoff}
	case 409:
		return StatusRule{ErrConflict, OutcomeNotApplied, AdviceInquire}
	case 412:
		return StatusRule{ErrInvalidRequest, OutcomeNotApplied, AdviceInquire}
	case 425:
		return StatusRule{ErrUnavailable, OutcomeNotApplied, AdviceBackoff}
	case 429:
		return StatusRule{ErrRateLimited, OutcomeNotApplied, AdviceBackoff}
	case 500, 502, 503, 504:
		return StatusRule{ErrUnavailable, OutcomeUnknown, AdviceBackoff}
	}
	switch {
	case status >= 500:
		return StatusRule{ErrUnavailable, OutcomeUnknown, AdviceNever}
	case status >= 400:
		return StatusRule{ErrInvalidRequest, OutcomeNotApplied, AdviceNever}
	}
	return StatusRule{ErrProvider, OutcomeUnknown, AdviceNever} // a success or a redirect that cannot be believed
}
