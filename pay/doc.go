// Package pay holds the words that all payment providers of this module share:
// one error type, eleven error classes, the advice that goes with an error, the
// options of a client and of a call, and the two small stores that a deployment
// of several processes may want to share.
//
// A caller looks at an error in three ways, from narrow to wide:
//
//	errors.Is(err, qpay.ErrInvoicePaid)    // one code of one provider
//	errors.Is(err, apierr.ErrRateLimited)     // a class, whatever the provider
//	errors.Is(err, apierr.ErrOutcomeUnknown)  // money may have moved: ask before repeating
//
// The package imports the standard library only and has no state of its own.
package pay
