// Package gateway is a client for the X-PAY gateway, which takes payments through
// NICEPAY (IDR), Polar and PayPal (USD, EUR, GBP). Its headers are called X-PAY-*;
// the provider XPay is a different one, see package xpay. The package is generated
// from specs/gateway.yaml. Every error text that the gateway documents is a
// constant, such as ErrPaymentNotFound, with its meaning, advice and reference
// page.
//
// Authentication: each request is signed with HMAC-SHA256 over a timestamp. A
// retry has a new timestamp and signature, and the same bytes and idempotency
// key. If the local clock is wrong by up to a day, the client corrects it once by
// the gateway's clock. The gateway's page demands the exact case X-PAY-Key, so over
// HTTP/1 the three names are sent like this. A round tripper passed with
// pay.WithTransport finds them in the header map under these names; Header.Get looks
// for X-Pay-Key.
//
// Money: int64 in the smallest unit of the currency. IDR has no smaller unit:
// 50000 is Rp 50,000. Currency.Format and Currency.Parse convert to and from text.
//
// Retries: all three operations are retried. Writes are sent under an idempotency
// key, which the client generates unless pay.WithIdempotencyKey sets one per
// purchase. If all attempts fail, the advice of the error says what to do.
//
// Errors: the gateway responds with a line of text. Values inside it, such as
// fields, method, currency, provider, status and provider_error, are in
// Error.Captures. A text that is not documented is ErrUnknownError and is
// classified by its status.
//
// Notifications: Webhook verifies and deduplicates them. A response of 4xx ends
// the delivery of a notification for good, so Webhook responds with 401 to invalid
// signatures only, and with 503 if the cause may be on the receiving side.
//
// Certainty: what rests on an inference or on one weak source is marked Unverified in
// the comments, with the reason. The reference page lists all of it.
package gateway
