// Package xpay is a client for XPay, a payment service in Egypt: hosted checkout,
// payment links, products, customers and refunds. The X-PAY gateway is a different
// provider, see package gateway. The package is generated from specs/xpay.yaml.
//
// Errors: XPay asks callers to branch on the type first (TypeOf) and on the code
// second. There are three lists of codes, which share some values but have separate
// Go types: Err… constants are errors of API calls; PaymentErr… and Decline…
// constants are the reasons why a customer's payment failed. Such a failure is not
// the error of a call but part of the payment (LastPaymentError.Err).
//
// Authentication: a secret or restricted API key, whose prefix selects test or
// live mode.
//
// Money: an Amount is a whole number of minor units: 10000 is EGP 100.00. The
// AmountTotal of a session is what the customer pays. If the merchant passes XPay's
// fee or VAT on to the customer, it is more than the order; TotalDetails has the parts.
//
// Retries: reads are retried after a lost connection, a 429 and a 5xx. So are POST
// and PATCH, because all attempts of a call share an idempotency key. DELETE takes
// no idempotency key and is retried only if the request was never sent.
//
// Notifications are signed. Webhook verifies signature and time, and runs your
// code once for each event.
//
// Certainty: what rests on an inference or on one weak source is marked Unverified in
// the comments, with the reason. The reference page lists all of it.
package xpay
