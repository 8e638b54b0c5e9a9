// Package xpay is a client for XPay, the payment service of Egypt: hosted
// checkout, payment links, products, customers, refunds. It has nothing to do
// with the X-PAY gateway, whose headers are called X-PAY-* (package gateway). It
// is generated from specs/xpay.yaml.
//
// Errors: XPay asks to branch on the kind first (TypeOf) and on the code second.
// Three lists of codes share words and never mix: Err… are refusals of the API,
// PaymentErr… and Decline… are why a customer's payment failed, which is not
// the error of a call but stands on the payment (LastPaymentError.Err).
//
// Authentication: a secret or restricted key; its prefix chooses test or live.
//
// Money: an Amount is a whole number of minor units, 10000 is EGP 100.00.
//
// Retries: reads are repeated on a lost connection, a 429 and a 5xx, and so are
// POST and PATCH, because all attempts of a call share one idempotency key.
// DELETE has no key and is not repeated.
//
// Webhooks: Webhook proves signature and time, and runs code once per event.
package xpay
