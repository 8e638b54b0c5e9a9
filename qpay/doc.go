// Package qpay is a client for QPay V2, an invoice and payment service in
// Mongolia. It is generated from specs/qpay.yaml. Every error code that QPay
// documents is a constant, such as ErrInvoicePaid, with its meaning, advice and
// reference page.
//
// Authentication: the user name and password are exchanged for a bearer token
// that is valid for up to a day. The client fetches, renews and replaces it.
//
// Money: an Amount is an exact decimal number of whole currency units: 100 is
// 100 tögrög. It is never converted to a float.
//
// Retries: reads are retried after a lost connection, a 429 and a 5xx. Writes are
// retried only if the request was never sent, because no operation of QPay takes
// an idempotency key, and a retry could take effect twice. A write without a
// readable response matches apierr.ErrOutcomeUnknown; the error's Resolution says
// how to find out what happened.
//
// Notifications: QPay's callbacks are not signed, so anyone can send one.
// Webhook confirms the payment with the API before it calls your function.
// CallbackURL signs the order ID in a callback_url, so that Webhook refuses URLs
// that the shop did not make.
//
// Certainty: what rests on an inference or on one weak source is marked Unverified in
// the comments, with the reason. The reference page lists all of it.
package qpay
