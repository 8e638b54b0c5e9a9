// Package qpay is a client for QPay V2, the invoice and payment service of
// Mongolia. It is generated from specs/qpay.yaml; every error code that QPay
// documents is a constant (ErrInvoicePaid) with its meaning, advice and page.
//
// Authentication: a user name and password buy a bearer token for a day. The
// client fetches, renews and replaces it; callers never see it.
//
// Money: an Amount is an exact decimal number of whole currency units, 100 is
// a hundred tögrög. It never passes through a float.
//
// Retries: reads are repeated on a lost connection, a 429 and a 5xx. Writes are
// not, because no call of QPay takes an idempotency key: a repetition could act
// twice. A write without a readable answer matches apierr.ErrOutcomeUnknown, and
// its Resolution says how to find out.
//
// Callbacks: QPay's callback is not signed, so anybody can send one. Webhook
// asks the API about the payment before it runs your code.
package qpay
