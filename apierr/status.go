package apierr

// StatusRule is what an HTTP status means for a write whose response has no
// code that the catalog knows.
type StatusRule struct {
	Category Category // the kind of failure
	Outcome  Outcome  // of a write; a read never takes effect
	Advice   Advice   // what to do while the outcome is known; clients retry by themselves if it is Retryable
}

// OfStatus returns the rule for an HTTP status; 0 stands for no response. It is
// the only such table: clients, catalogs and the retry page use it.
//
// A 4xx normally refuses the request, so nothing happened. The exceptions are
// statuses that leave room for an effect (408, 409, 423, 425), those of proxies
// that stopped waiting (460, 499) and unregistered ones: their outcome is
// unknown.
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
