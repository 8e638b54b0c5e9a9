package openapitest

import (
	"fmt"
	"slices"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Config are the switches: one for each point on which sources differ, and the
// spans of time that nobody documents. Spans are text such as "90s" or "24h".
// Its JSON is what the control route /_sandbox/config shows and takes.
type Config struct {
	// Algorithm is the name in the platform's Signature header: "RSA256" (v2,
	// the default) or "SHA256withRSA" (v1 and the guides). Both mean the same.
	Algorithm string `json:"algorithm"`
	// Encoding is the text form of the platform's signatures: "base64" (the
	// default), "percent", "base64url" or "base64url-unpadded".
	Encoding string `json:"encoding"`
	// PlatformKey is the version of the key that the platform signs with: "1"
	// (the default) or "2".
	PlatformKey string `json:"platform_key"`
	// Amounts is the form of an amount's value: "text" (the default) or "number".
	Amounts string `json:"amounts"`
	// Times is the form of moments: "offset" (the default) or "utc".
	Times string `json:"times"`
	// Statuses is the HTTP status of refusals: "mapped" (the default: 400, 401,
	// 403, 429 or 503 before business rules, else 200) or "200" for all.
	Statuses string `json:"statuses"`
	// Currency is the only one that can be paid in. Default EUR.
	Currency string `json:"currency"`

	// Processing is how long refunds, voids and captures stay in process; such a
	// call is answered with U. Default 0s: they are done at once.
	Processing string `json:"processing"`
	// Messages is what becomes of a message: "sent" (the default) or "queued"
	// (U SENDING).
	Messages string `json:"messages"`
	// Subscribed says whether the user takes push notifications. Default true.
	Subscribed bool `json:"subscribed"`

	// SettleAfter is when a payment is settled and cannot be voided. Default 24h.
	SettleAfter string `json:"settle_after"`
	// OrderLife is how long a QR order or a link can be paid. Default 15m.
	OrderLife string `json:"order_life"`
	// PaymentCodeLife is how long a scanned code works. Default 60s.
	PaymentCodeLife string `json:"payment_code_life"`
	// AuthCodeLife is how long an authorization code works. Default 5m.
	AuthCodeLife string `json:"auth_code_life"`
	// AccessLife and RefreshLife are the lives of tokens. Defaults 1h and 720h.
	AccessLife  string `json:"access_life"`
	RefreshLife string `json:"refresh_life"`
	// AuthorizationLife is how long an authorized sum can be captured. Default 168h.
	AuthorizationLife string `json:"authorization_life"`
}

func defaultConfig() Config {
	return Config{
		Algorithm: "RSA256", Encoding: "base64", PlatformKey: oldPlatformKey, Amounts: "text", Times: "offset", Statuses: "mapped", Currency: "EUR",
		Processing: "0s", Messages: "sent", Subscribed: true,
		SettleAfter: "24h", OrderLife: "15m", PaymentCodeLife: "60s", AuthCodeLife: "5m", AccessLife: "1h", RefreshLife: "720h", AuthorizationLife: "168h",
	}
}

// check wants each switch to have one of its values.
func (c Config) check() error {
	for _, one := range []struct {
		name, value string
		known       []string
	}{
		{"algorithm", c.Algorithm, []string{"RSA256", "SHA256withRSA"}},
		{"encoding", c.Encoding, []string{"base64", "percent", "base64url", "base64url-unpadded"}},
		{"platform_key", c.PlatformKey, []string{oldPlatformKey, newPlatformKey}},
		{"amounts", c.Amounts, []string{"text", "number"}},
		{"times", c.Times, []string{"offset", "utc"}},
		{"statuses", c.Statuses, []string{"mapped", "200"}},
		{"messages", c.Messages, []string{"sent", "queued"}},
	} {
		if !slices.Contains(one.known, one.value) {
			return &sandbox.InputError{Detail: fmt.Sprintf("switch %s cannot be %q", one.name, one.value), Known: one.known}
		}
	}
	if len(c.Currency) != 3 {
		return &sandbox.InputError{Detail: fmt.Sprintf("switch currency cannot be %q; give three letters such as EUR", c.Currency)}
	}
	for _, one := range []struct{ name, value string }{
		{"processing", c.Processing}, {"settle_after", c.SettleAfter}, {"order_life", c.OrderLife}, {"payment_code_life", c.PaymentCodeLife},
		{"auth_code_life", c.AuthCodeLife}, {"access_life", c.AccessLife}, {"refresh_life", c.RefreshLife}, {"authorization_life", c.AuthorizationLife},
	} {
		if d, err := time.ParseDuration(one.value); err != nil || d < 0 {
			return &sandbox.InputError{Detail: fmt.Sprintf("switch %s cannot be %q; give a span of time such as 90s or 24h", one.name, one.value)}
		}
	}
	return nil
}

// span reads a switch that was checked.
func span(text string) time.Duration {
	d, _ := time.ParseDuration(text)
	return d
}
