package pay

import (
	"context"
	"time"
)

// Observer receives the start and the end of each call and of each of its
// attempts, for metrics and traces. Every start is followed by one end. Methods
// must return quickly and be safe for concurrent use.
//
// A start method returns the context for everything below it: the contexts of
// attempts derive from that of their call, and a token that an attempt needs is
// fetched by a call below that attempt. A token that is renewed in the background
// may outlive the attempt that started it. The returned context must be derived
// from the one passed in; nil stands for that one.
//
// A panic in an observer is recovered and logged, so that it never replaces the
// result of a payment.
type Observer interface {
	// StartCall is called once per call, after its options were applied and
	// before anything is sent.
	StartCall(ctx context.Context, call Call) context.Context
	// EndCall receives the context that StartCall returned.
	EndCall(ctx context.Context, call Call, result CallResult)
	// StartAttempt is called before each attempt is authorized and sent. A call
	// that is invalid has no attempts.
	StartAttempt(ctx context.Context, attempt Attempt) context.Context
	// EndAttempt receives the context that StartAttempt returned, or one derived
	// from it.
	EndAttempt(ctx context.Context, attempt Attempt, result AttemptResult)
}

// Call identifies one call.
type Call struct {
	Provider       string // "qpay"
	Operation      string // operation ID of the spec: "createInvoice"
	IdempotencyKey bool   // whether its attempts share an idempotency key
}

// CallResult is how a call ended. It can be printed, logged and encoded: Err is an
// *apierr.Error, which is then its text or the fields of its LogValue. Read the
// parts of the response by name.
type CallResult struct {
	StatusCode int           // of the last attempt; 0 if it had no response
	Attempts   int           // requests that were sent
	Duration   time.Duration // including pauses
	Err        error         // what the call returns; nil on success
}

// Attempt identifies one attempt of a call.
type Attempt struct {
	Provider  string
	Operation string
	Number    int // from 1
}

// AttemptResult is how an attempt ended. It can be printed, logged and encoded like a
// CallResult.
type AttemptResult struct {
	StatusCode int           // 0 if there was no response
	Duration   time.Duration // until the body was read
	Wait       time.Duration // pause before the next attempt; 0 if there is none
	Err        error         // nil on success
	// Mismatches are the members of the response, as JSON pointers, that should repeat
	// an ID, amount or currency of the request and do not. If the provider documents
	// that it repeats the member, Err is not nil. Otherwise the response is used, and
	// this report is all that happens: compare the result with the order, and report
	// the difference, so that the spec can be corrected.
	Mismatches []string
}
