package apierr

// StatusRule says what an HTTP status means for a write whose response has no
// known code.
type StatusRule struct {
	Category Category // the kind of failure
	Outcome  Outcome  // outcome of a write; a read never takes effect
	Advice   Advice   // what to do if the outcome is known; clients retry on their own if it is Retryable
}

// OfStatus returns the rule for an HTTP status; 0 stands for no response. Clients
// and the generated retry page use the same rules.
//
// A 4xx normally means that the request was refused and had no effect. The outcome
// is unknown for 408, 409, 423 and 425, after which the request may still have
// taken effect, for 460 and 499, which proxies use when they stop waiting, and for
// unregistered statuses.
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
	case 404, 410:
		return StatusRule{ErrNotFound, OutcomeNotApplied, AdviceInquire}
	case 409, 423:
		return StatusRule{ErrConflict, OutcomeUnknown, AdviceInquire}
	case 412:
		return StatusRule{ErrInvalidRequest, OutcomeNotApplied, AdviceInquire}
	case 408, 425:
		return StatusRule{ErrUnavailable, OutcomeUnknown, AdviceBackoff}
	case 429:
		return StatusRule{ErrRateLimited, OutcomeNotApplied, AdviceBackoff}
	case 405, 406, 407, 411, 414, 416, 417, 421, 424, 426, 428, 431, 451:
		return StatusRule{ErrInvalidRequest, OutcomeNotApplied, AdviceNever}
	case 460, 499:
		return StatusRule{ErrUnavailable, OutcomeUnknown, AdviceInquire}
	case 500, 502, 503, 504:
		return StatusRule{ErrUnavailable, OutcomeUnknown, AdviceBackoff}
	}
	switch {
	case status >= 500:
		return StatusRule{ErrUnavailable, OutcomeUnknown, AdviceNever}
	case status >= 400: // unregistered
		return StatusRule{ErrInvalidRequest, OutcomeUnknown, AdviceInquire}
	}
	return StatusRule{ErrProvider, OutcomeUnknown, AdviceNever} // a success or redirect that cannot be trusted
}
