package gatewaytest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Config selects the behavior of the sandbox where the gateway's pages contradict each
// other or leave a choice, and holds the operator's settings of the app. The control
// route /_sandbox/config shows and accepts it as JSON.
type Config struct {
	// Mode is "test" (the mock processes every payment), "sandbox" (the default)
	// or "live". The sandbox never contacts a PSP.
	Mode string `json:"mode"`
	// WebhookURL receives the notifications. If it is empty, the default, none
	// are sent.
	WebhookURL string `json:"webhook_url"`
	// AllowedProviders are the PSPs that the app may use. If empty, all are
	// allowed.
	AllowedProviders []string `json:"allowed_providers"`
	// AllowedMethods are entries such as "nicepay:qris". A PSP without an entry
	// has all its methods.
	AllowedMethods []string `json:"allowed_methods"`

	// OverridesBypassAllowlist makes the methods polar and paypal bypass
	// AllowedProviders, as the routing page says. Default true.
	OverridesBypassAllowlist bool `json:"overrides_bypass_allowlist"`
	// GlobalProvider is the PSP for payments that are not in IDR and whose method
	// is neither polar nor paypal. Empty, the default, means none.
	GlobalProvider string `json:"global_provider"`
	// MockNonIDRFallback makes the mock process payments that are not in IDR and
	// have no other provider, as a gateway under development can. Default false.
	MockNonIDRFallback bool `json:"mock_non_idr_fallback"`
	// NicepayDirect adds qr_string and qr_image_url to QRIS payments. Default
	// false: only checkout_url.
	NicepayDirect bool `json:"nicepay_direct"`

	// Refunds is "succeed" (at once; the default), "wait" (they stay initiated
	// until Pay completes them) or "refuse" (502).
	Refunds string `json:"refunds"`
	// FailedRefundBlocks makes a failed refund prevent another one. Default true.
	FailedRefundBlocks bool `json:"failed_refund_blocks"`
	// RefundFields is "full" (the default) or "short" (the four fields in the
	// refunds guide).
	RefundFields string `json:"refund_fields"`
	// BareInvoiceNumber is the invoice_number in getPayment of a payment without
	// a prefix: "id" (the payment ID; the default) or "absent".
	BareInvoiceNumber string `json:"bare_invoice_number"`

	// ConflictText is "long" (with a dash, the default) or "short".
	ConflictText string `json:"conflict_text"`
	// LineEnd ends error texts with a line feed, as http.Error does. Default true.
	LineEnd bool `json:"line_end"`

	// RetrySeconds, RetryFactor and RetryAttempts are the delivery schedule: the
	// delay after the first attempt, the factor by which each delay grows, and
	// the number of attempts. Defaults 30, 2 and 6. This is the sandbox's
	// schedule; the provider's is unknown.
	RetrySeconds  int `json:"retry_seconds"`
	RetryFactor   int `json:"retry_factor"`
	RetryAttempts int `json:"retry_attempts"`
}

func defaultConfig() Config {
	return Config{
		Mode: modeSandbox, AllowedProviders: []string{}, AllowedMethods: []string{}, OverridesBypassAllowlist: true,
		Refunds: "succeed", FailedRefundBlocks: true, RefundFields: "full", BareInvoiceNumber: "id",
		ConflictText: "long", LineEnd: true, RetrySeconds: 30, RetryFactor: 2, RetryAttempts: 6,
	}
}

// check checks that each field has a valid value.
func (c Config) check() error {
	for _, one := range []struct {
		name, value string
		known       []string
	}{
		{"mode", c.Mode, []string{modeTest, modeSandbox, modeLive}},
		{"refunds", c.Refunds, []string{"succeed", "wait", "refuse"}},
		{"refund_fields", c.RefundFields, []string{"full", "short"}},
		{"bare_invoice_number", c.BareInvoiceNumber, []string{"id", "absent"}},
		{"conflict_text", c.ConflictText, []string{"long", "short"}},
	} {
		if !slices.Contains(one.known, one.value) {
			return &sandbox.InputError{Detail: fmt.Sprintf("config field %s cannot be %q", one.name, one.value), Known: one.known}
		}
	}
	if to, err := url.Parse(c.WebhookURL); c.WebhookURL != "" && (err != nil || to.Host == "") {
		return &sandbox.InputError{Detail: fmt.Sprintf("config field webhook_url is %q; it must be a URL such as http://127.0.0.1:8080/hook", c.WebhookURL)}
	}
	for _, entry := range c.AllowedMethods {
		if psp, method, found := strings.Cut(entry, ":"); !found || psp == "" || method == "" {
			return &sandbox.InputError{Detail: fmt.Sprintf("config field allowed_methods has %q; an entry must have the form nicepay:qris", entry)}
		}
	}
	if c.RetrySeconds < 1 || c.RetryFactor < 1 || c.RetryFactor > 10 || c.RetryAttempts < 1 || c.RetryAttempts > 12 {
		return &sandbox.InputError{Detail: "config fields out of range: retry_seconds must be at least 1, retry_factor 1 to 10, retry_attempts 1 to 12"}
	}
	return nil
}

// retryDelays returns the delays before the attempts of a delivery.
func (c Config) retryDelays() []time.Duration {
	all, delay := []time.Duration{0}, time.Duration(c.RetrySeconds)*time.Second
	for len(all) < c.RetryAttempts {
		all = append(all, delay)
		delay = min(delay*time.Duration(c.RetryFactor), 30*24*time.Hour)
	}
	return all
}
