// Package apierr is the error model of the clients that errgen serves: one
// error type for every API, the categories of a failure, advice on what to do,
// and the meaning of an HTTP status that comes without a code.
//
// An error can be examined in three ways, from narrow to wide:
//
//	errors.Is(err, qpay.ErrInvoicePaid)      // one code of one API
//	errors.Is(err, apierr.ErrRateLimited)    // a category, any API
//	errors.Is(err, apierr.ErrOutcomeUnknown) // the call may have taken effect: ask, do not retry
//
//	if e, ok := errors.AsType[*apierr.Error](err); ok {
//		log.Warn("call failed", "code", e.RawCode, "advice", e.Advice(), "doc", e.DocURL())
//	}
//
// Package catalog, in the folder below, turns responses into errors of this
// package. Neither package imports anything outside the standard library, and
// neither keeps state.
package apierr
