// Package gateway is a client for the X-PAY gateway, which takes payments
// through NICEPAY (IDR), Polar and PayPal (USD, EUR, GBP). Its headers are called
// X-PAY-*, although XPay is another provider: package xpay. It is generated from
// specs/gateway.yaml; every error text that the gateway documents is a constant
// (ErrPaymentNotFound) with its meaning, advice and page.
//
// Authentication: each request is signed with HMAC-SHA256 and a timestamp. An
// attempt that is repeated gets a new timestamp and signature, and keeps its
// bytes and its idempotency key. A clock that is wrong by up to a day is
// corrected once by the gateway's own.
//
// Money: int64 in the smallest unit of the currency. IDR has none: 50000 is
// Rp 50,000. Currency.Format and Currency.Parse know the difference.
//
// Retries: all three calls are safe to repeat, the writes under the idempotency
// key that the client makes, or that pay.WithIdempotencyKey sets: one for each
// purchase. After that the error's advice says what to do.
//
// Errors: the gateway answers a line of text. What stands inside it (fields,
// method, currency, provider, status, provider_error) is in Error.Captures; a
// text that is not documented is ErrUnknownError and judged by its status.
//
// Notifications: Webhook verifies and de-duplicates them. The gateway gives up a
// notification for good when the answer is a 4xx, so Webhook answers 401 to bad
// signatures only, and 503 when the fault may be on our side.
package gateway
