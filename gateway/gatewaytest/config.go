package gatewaytest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Config are the switches: the app's settings, which the operator makes, and
// the points that the gateway's pages contradict or leave open. Its JSON is what
// the control route /_sandbox/config shows and takes.
type Config struct {
	// Mode is "test" (the mock takes every payment), "sandbox" (the default) or
	// "live". No PSP is ever contacted.
	Mode string `json:"mode"`
	// WebhookURL is where notifications go; empty, the default, is nowhere.
	WebhookURL string `json:"webhook_url"`
	// AllowedProviders are the PSPs that the app may use; empty allows all.
	AllowedProviders []string `json:"allowed_providers"`
	// AllowedMethods are entries such as "nicepay:qris". A PSP without an entry
	// has all its methods.
	AllowedMethods []string `json:"allowed_methods"`

	// OverridesBypassAllowlist lets the methods polar and paypal go past
	// AllowedProviders, as the routing page says. Default true.
	OverridesBypassAllowlist bool `json:"overrides_bypass_allowlist"`
	// GlobalProvider takes what is not IDR and neither polar nor paypal; empty,
	// the default, is nobody.
	GlobalProvider string `json:"global_provider"`
	// MockNonIDRFallback lets the mock take what nobody takes and is not IDR, as
	// a gateway under development can. Default false.
	MockNonIDRFallback bool `json:"mock_non_idr_fallback"`
	// NicepayDirect adds qr_string and qr_image_url to QRIS payments. Default
	// false: only checkout_url.
	NicepayDirect bool `json:"nicepay_direct"`

	// Refunds is "succeed" (at once, the default), "wait" (they stay initiated
	// until Pay ends them) or "refuse" (502).
	Refunds string `json:"refunds"`
	// FailedRefundBlocks lets a failed refund stand in the way of another.
	// Default true.
	FailedRefundBlocks bool `json:"failed_refund_blocks"`
	// RefundFields is "full" (the default) or "short" (the four fields that the
	// refunds guide shows).
	RefundFields string `json:"refund_fields"`
	// BareInvoiceNumber is what getPayment has as invoice_number of a payment
	// without a prefix: "id" (the payment's, the default) or "absent".
	BareInvoiceNumber string `json:"bare_invoice_number"`

	// ConflictText is "long" (with a dash, the default) or "short".
	ConflictText string `json:"conflict_text"`
	// LineEnd ends error texts with a line feed, as Go's own helper does.
	// Default true.
	LineEnd bool `json:"line_end"`

	// RetrySeconds, RetryFactor and RetryAttempts are the delivery schedule: the
	// pause after the first attempt, what each pause is multiplied by, and how
	// many attempts there are. Default 30, 2 and 6. This is the sandbox's
	// schedule; the provider's is not known.
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

// check wants each switch to have one of its values.
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
			return &sandbox.InputError{Detail: fmt.Sprintf("switch %s cannot be %q", one.name, one.value), Known: one.known}
		}
	}
	if to, err := url.Parse(c.WebhookURL); c.WebhookURL != "" && (err != nil || to.Host == "") {
		return &sandbox.InputError{Detail: fmt.Sprintf("switch webhook_url cannot be %q: it is no URL such as http://127.0.0.1:8080/hook", c.WebhookURL)}
	}
	for _, entry := range c.AllowedMethods {
		if psp, method, found := strings.Cut(entry, ":"); !found || psp == "" || method == "" {
			return &sandbox.InputError{Detail: fmt.Sprintf("switch allowed_methods has %q; an entry looks like nicepay:qris", entry)}
		}
	}
	if c.RetrySeconds < 1 || c.RetryFactor < 1 || c.RetryFactor > 10 || c.RetryAttempts < 1 || c.RetryAttempts > 12 {
		return &sandbox.InputError{Detail: "retry_seconds is 1 or more, retry_factor 1 to 10, retry_attempts 1 to 12"}
	}
	return nil
}

// pauses are the waits before the attempts of one delivery.
func (c Config) pauses() []time.Duration {
	all, pause := []time.Duration{0}, time.Duration(c.RetrySeconds)*time.Second
	for len(all) < c.RetryAttempts {
		all = append(all, pause)
		pause = min(pause*time.Duration(c.RetryFactor), 30*24*time.Hour)
	}
	return all
}
