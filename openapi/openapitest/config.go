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
	// Encoding is the encoding of the platform's signatures: "base64" (the
	// default), "percent", "base64url" or "base64url-unpadded".
	Encoding string `json:"encoding"`
	// PlatformKey is the version of the key that the platform signs with: "1"
	// (the default) or "2".
	PlatformKey string `json:"platform_key"`
	// Amounts is the JSON type of an amount's value: "text" (the default) or
	// "number".
	Amounts string `json:"amounts"`
	// Times is the form of times in responses and in payment and refund
	// notifications: "offset" (the default) or "utc".
	Times string `json:"times"`
	// Statuses selects the HTTP status of failures: "mapped" (the default: 400,
	// 401, 403, 429 or 503 for failures before the business rules, else 200) or
	// "200" for all.
	Statuses string `json:"statuses"`
	// Redelivery is how a notification is sent again: "signed-again" (the default),
	// each attempt with a new time and signature, or "repeated", each attempt with
	// those of the first one.
	Redelivery string `json:"redelivery"`
	// Currency is the only currency that the merchant accepts. Default EUR.
	Currency string `json:"currency"`

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
		Algorithm: "RSA256", Encoding: "base64", PlatformKey: oldPlatformKey, Amounts: "text", Times: "offset", Statuses: "mapped", Redelivery: "signed-again", Currency: "EUR",
		Processing: "0s", Messages: "sent", Subscribed: true,
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
		{"encoding", c.Encoding, []string{"base64", "percent", "base64url", "base64url-unpadded"}},
		{"platform_key", c.PlatformKey, []string{oldPlatformKey, newPlatformKey}},
		{"amounts", c.Amounts, []string{"text", "number"}},
		{"times", c.Times, []string{"offset", "utc"}},
		{"statuses", c.Statuses, []string{"mapped", "200"}},
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
