package openapitest

import (
	"fmt"
	"slices"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Config selects the behavior of the sandbox where the sources differ, and the durations
// that no source documents. A duration is text in the form of [time.ParseDuration], such
// as "90s" or "24h". The control route /_sandbox/config shows and accepts it as JSON.
type Config struct {
	// Algorithm is the algorithm name in the Signature header that the platform
	// sends: "RSA256" (v2, the default) or "SHA256withRSA" (v1 and the guides).
	// Both names mean the same algorithm.
	Algorithm string `json:"algorithm"`
	// Encoding is the encoding of the platform's signatures: "caller" (the default),
	// which is that of the request's signature and "base64" in a notification, or
	// "base64", "percent", "base64url" or "base64url-unpadded".
	Encoding string `json:"encoding"`
	// PlatformKey is the version of the key that the platform signs with: "1"
	// (the default) or "2".
	PlatformKey string `json:"platform_key"`
	// KeyVersion reports whether the platform's signatures name the version of their
	// key: "sent" (the default) or "omitted".
	KeyVersion string `json:"key_version"`
	// ParameterNames is the case of the parameter names in the platform's Signature
	// header: "documented" (the default: algorithm, keyVersion, signature), "lower" or
	// "upper".
	ParameterNames string `json:"parameter_names"`
	// HeaderNames is the case of the header names of a response's signature:
	// "documented" (the default) or "lower", which HTTP/1 shows.
	HeaderNames string `json:"header_names"`
	// TimeHeader is the header that has the time of a response: "Response-Time" (the
	// default) or "Request-Time".
	TimeHeader string `json:"time_header"`
	// HeaderTimes is the form of the time in the headers of responses and
	// notifications: "utc" (the default), "offset", "offset-without-colon" or
	// "milliseconds" (Unix time).
	HeaderTimes string `json:"header_times"`
	// NotificationContent is what the signed content of a notification has before the
	// time: "client-id" (the default), the merchant's ID and a dot; "empty-client-id",
	// only the dot; or "no-client-id", neither. Only with the default, the header
	// Client-Id is sent.
	NotificationContent string `json:"notification_content"`
	// Amounts is the JSON type of an amount's value: "text" (the default) or
	// "number".
	Amounts string `json:"amounts"`
	// Times is the form of times in the bodies of responses and of payment and refund
	// notifications: "offset" (the default) or "utc".
	Times string `json:"times"`
	// Statuses selects the HTTP status of failures: "mapped" (the default: 400,
	// 401, 403, 429 or 503 for failures before the business rules, 404 or 405 for an
	// unknown route, else 200) or "200" for all, as on related platforms.
	Statuses string `json:"statuses"`
	// Redelivery is how a notification is sent again: "signed-again" (the default),
	// each attempt with a new time and signature, or "repeated", each attempt with
	// those of the first one.
	Redelivery string `json:"redelivery"`
	// FamilyMembers adds to responses what related platforms send and no page of the
	// provider has: the request IDs of voids and captures, the request ID and time of
	// a cancellation, and the creation time and transactions of a payment. It also
	// sends notifications about voids and captures, to the payment's notify URL.
	// Default false.
	FamilyMembers bool `json:"family_members"`
	// Currency is the only currency that the merchant accepts. Default EUR.
	Currency string `json:"currency"`

	// AgreementPay is the result of the operation pay: "charged" (the default), or an
	// accepted payment (A ACCEPT) that the user makes at an address, which is in a
	// "redirect-form" or a "redirect-url". [Server.Pay] accepts the address.
	AgreementPay string `json:"agreement_pay"`
	// Processing is how long refunds, voids and captures stay in process.
	// Meanwhile the call returns result status U. Default 0s: they complete at
	// once.
	Processing string `json:"processing"`
	// Messages is the result of sending a message: "sent" (the default) or
	// "queued" (U SENDING).
	Messages string `json:"messages"`
	// Subscribed reports whether the user accepts push notifications. Default
	// true.
	Subscribed bool `json:"subscribed"`

	// SettleAfter is the time after which a payment is settled and can no longer
	// be voided. Default 24h.
	SettleAfter string `json:"settle_after"`
	// OrderLife is how long a QR order or a payment link can be paid. Default 15m.
	OrderLife string `json:"order_life"`
	// PaymentCodeLife is how long a payment code is valid. Default 60s.
	PaymentCodeLife string `json:"payment_code_life"`
	// AuthCodeLife is how long an authorization code is valid. Default 5m.
	AuthCodeLife string `json:"auth_code_life"`
	// AccessLife and RefreshLife are how long access and refresh tokens are
	// valid. Defaults 1h and 720h.
	AccessLife  string `json:"access_life"`
	RefreshLife string `json:"refresh_life"`
	// AuthorizationLife is how long an authorized amount can be captured. Default
	// 168h.
	AuthorizationLife string `json:"authorization_life"`
}

func defaultConfig() Config {
	return Config{
		Algorithm: "RSA256", Encoding: "caller", PlatformKey: oldPlatformKey, KeyVersion: "sent", ParameterNames: "documented", HeaderNames: "documented",
		TimeHeader: "Response-Time", HeaderTimes: "utc", NotificationContent: "client-id", Amounts: "text", Times: "offset", Statuses: "mapped", Redelivery: "signed-again", Currency: "EUR",
		AgreementPay: "charged", Processing: "0s", Messages: "sent", Subscribed: true,
		SettleAfter: "24h", OrderLife: "15m", PaymentCodeLife: "60s", AuthCodeLife: "5m", AccessLife: "1h", RefreshLife: "720h", AuthorizationLife: "168h",
	}
}

// check reports the first setting that has an invalid value.
func (c Config) check() error {
	for _, setting := range []struct {
		name, value string
		known       []string
	}{
		{"algorithm", c.Algorithm, []string{"RSA256", "SHA256withRSA"}},
		{"encoding", c.Encoding, []string{"caller", "base64", "percent", "base64url", "base64url-unpadded"}},
		{"platform_key", c.PlatformKey, []string{oldPlatformKey, newPlatformKey}},
		{"key_version", c.KeyVersion, []string{"sent", "omitted"}},
		{"parameter_names", c.ParameterNames, []string{"documented", "lower", "upper"}},
		{"header_names", c.HeaderNames, []string{"documented", "lower"}},
		{"time_header", c.TimeHeader, []string{"Response-Time", "Request-Time"}},
		{"header_times", c.HeaderTimes, []string{"utc", "offset", "offset-without-colon", "milliseconds"}},
		{"notification_content", c.NotificationContent, []string{"client-id", "empty-client-id", "no-client-id"}},
		{"amounts", c.Amounts, []string{"text", "number"}},
		{"times", c.Times, []string{"offset", "utc"}},
		{"statuses", c.Statuses, []string{"mapped", "200"}},
		{"agreement_pay", c.AgreementPay, []string{"charged", "redirect-form", "redirect-url"}},
		{"redelivery", c.Redelivery, []string{"signed-again", "repeated"}},
		{"messages", c.Messages, []string{"sent", "queued"}},
	} {
		if !slices.Contains(setting.known, setting.value) {
			return &sandbox.InputError{Detail: fmt.Sprintf("config field %s cannot be %q", setting.name, setting.value), Known: setting.known}
		}
	}
	if len(c.Currency) != 3 {
		return &sandbox.InputError{Detail: fmt.Sprintf("config field currency cannot be %q; use a three-letter code such as EUR", c.Currency)}
	}
	for _, setting := range []struct{ name, value string }{
		{"processing", c.Processing}, {"settle_after", c.SettleAfter}, {"order_life", c.OrderLife}, {"payment_code_life", c.PaymentCodeLife},
		{"auth_code_life", c.AuthCodeLife}, {"access_life", c.AccessLife}, {"refresh_life", c.RefreshLife}, {"authorization_life", c.AuthorizationLife},
	} {
		if d, err := time.ParseDuration(setting.value); err != nil || d < 0 {
			return &sandbox.InputError{Detail: fmt.Sprintf("config field %s cannot be %q; use a duration such as 90s or 24h", setting.name, setting.value)}
		}
	}
	return nil
}

// duration parses a setting that has been checked.
func duration(text string) time.Duration {
	d, _ := time.ParseDuration(text)
	return d
}
