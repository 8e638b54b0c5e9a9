package model

// Word is a value of a closed list, with the Go constant of the runtime and a sentence that explains it.
type Word struct{ Wire, Const, Means string }

// Categories returns the categories of errors in the order of the pages.
func Categories() []Word {
	return []Word{
		{"auth", "ErrAuth", "The caller could not be authenticated: credentials or signature."},
		{"permission", "ErrPermission", "The caller is not allowed to do this."},
		{"invalid_request", "ErrInvalidRequest", "The request is invalid."},
		{"not_found", "ErrNotFound", "The requested resource does not exist."},
		{"conflict", "ErrConflict", "The state of the resource does not permit the operation."},
		{"declined", "ErrDeclined", "The payment was declined."},
		{"rate_limit", "ErrRateLimited", "Too many requests in a short time."},
		{"unavailable", "ErrUnavailable", "The service is temporarily unavailable."},
		{"provider", "ErrProvider", "An internal error of the provider."},
		{"unknown_outcome", "ErrOutcomeUnknown", "It is not known whether the operation took effect."},
		{"unknown", "ErrUnknown", "The cause of the error is not known."},
	}
}

// Advices returns the advice values.
func Advices() []Word {
	return []Word{
		{"never", "AdviceNever", "Do not retry."},
		{"change", "AdviceChange", "Send a different request: correct it first, and use a new idempotency key."},
		{"same", "AdviceSame", "Retry the same request immediately, with the same idempotency key."},
		{"backoff", "AdviceBackoff", "Wait, then retry the same request with the same idempotency key."},
		{"inquire", "AdviceInquire", "Query the state first; retry only if nothing happened."},
	}
}

// Outcomes returns the outcomes of a call.
func Outcomes() []Word {
	return []Word{
		{"failed", "OutcomeNotApplied", "The call failed and had no effect."},
		{"unknown", "OutcomeUnknown", "The call may or may not have taken effect."},
		{"pending", "OutcomePending", "The call was accepted and is still in progress."},
		{"ok", "OutcomeApplied", "The call took effect."},
	}
}

// Replays returns what a provider documents about a repeated request under the same idempotency key.
func Replays() []Word {
	return []Word{
		{"stored", "", "The stored response to the first request is returned before any other check."},
		{"unknown", "", "It is not documented, or another check may come first."},
	}
}

// Lookup returns the word with a wire value.
func Lookup(words []Word, wire string) (Word, bool) {
	for _, w := range words {
		if w.Wire == wire {
			return w, true
		}
	}
	return Word{}, false
}
