package model

// Word is one word of a closed list, with the Go constant of the runtime that stands for it and a plain sentence.
type Word struct{ Wire, Const, Means string }

// Categories returns the classes of errors in the order in which pages list them.
func Categories() []Word {
	return []Word{
		{"auth", "ErrAuth", "The caller is not known: credentials or signature."},
		{"permission", "ErrPermission", "The caller is known but may not do this."},
		{"invalid_request", "ErrInvalidRequest", "The request itself is wrong."},
		{"not_found", "ErrNotFound", "The thing asked for does not exist."},
		{"conflict", "ErrConflict", "The state of the thing does not allow this now."},
		{"declined", "ErrDeclined", "The payment was refused."},
		{"rate_limit", "ErrRateLimited", "Too many calls in a short time."},
		{"unavailable", "ErrUnavailable", "The service cannot answer right now."},
		{"provider", "ErrProvider", "A fault behind the API."},
		{"unknown_outcome", "ErrOutcomeUnknown", "Nobody can tell yet whether it happened."},
		{"unknown", "ErrUnknown", "What went wrong is not known."},
	}
}

// Advices returns the words that say what to do next.
func Advices() []Word {
	return []Word{
		{"never", "AdviceNever", "Do not send it again; repeating cannot help."},
		{"change", "AdviceChange", "Send another request: correct it first, under a new idempotency key."},
		{"same", "AdviceSame", "Send the same request again at once, with the same idempotency key."},
		{"backoff", "AdviceBackoff", "Wait, then send the same request again with the same idempotency key."},
		{"inquire", "AdviceInquire", "Ask for the state first; repeat only if nothing has happened."},
	}
}

// Outcomes returns the words that say what became of the call.
func Outcomes() []Word {
	return []Word{
		{"failed", "OutcomeNotApplied", "It failed; nothing was done."},
		{"unknown", "OutcomeUnknown", "It may or may not have been done."},
		{"pending", "OutcomePending", "It was accepted and is still under way."},
		{"ok", "OutcomeApplied", "It was done."},
	}
}

// Lookup finds a word of a list.
func Lookup(words []Word, wire string) (Word, bool) {
	for _, w := range words {
		if w.Wire == wire {
			return w, true
		}
	}
	return Word{}, false
}
