package xpaytest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specpay/specpay/internal/sandbox"
)

// Config are the switches: one for each point on which sources about XPay
// differ, or that the account or the processor decides. Its JSON is what the
// control route /_sandbox/config shows and takes.
type Config struct {
	// LivePayments approves the account for live payments. Default false: a live
	// key reads the account and is refused everywhere else.
	LivePayments bool `json:"live_payments"`
	// Permissions are those of the restricted key, with commas between them.
	// Default: what XPay's shop plugins ask for.
	Permissions string `json:"permissions"`
	// KeyMismatchStatus answers an idempotency key with another request: 409
	// (the error page, default) or 400 (a plugin).
	KeyMismatchStatus int `json:"key_mismatch_status"`
	// RefundAmount is how createRefund writes the amount: "text" (seen by a
	// plugin, default) or "number".
	RefundAmount string `json:"refund_amount"`
	// RefundOutcome is what the processor makes of a refund: "SUCCEEDED"
	// (default), "FAILED", "PENDING" or "REQUIRES_ACTION".
	RefundOutcome string `json:"refund_outcome"`
	// RefundFailure is the failureReason of a failed refund. Default "declined".
	RefundFailure string `json:"refund_failure"`
	// Balance is what was on the merchant's balance before the first payment, in
	// minor units. Default 100000000.
	Balance int64 `json:"balance"`
	// CustomerUpdateAlone is what comes of customerUpdate without customerId:
	// "refused" (the error page, default) or "ignored" (the vendor's document).
	CustomerUpdateAlone string `json:"customer_update_alone"`
	// EmptyLinesAfterUpdate leaves lineItems empty in the answer of an update, as
	// a plugin has seen it. Default false.
	EmptyLinesAfterUpdate bool `json:"empty_lines_after_update"`
}

func defaultConfig() Config {
	return Config{
		Permissions:       "CHECKOUT_SESSIONS_WRITE,REFUNDS_WRITE,WEBHOOK_ENDPOINTS_WRITE",
		KeyMismatchStatus: 409, RefundAmount: "text", RefundOutcome: "SUCCEEDED", RefundFailure: "declined",
		Balance: 100_000_000, CustomerUpdateAlone: "refused",
	}
}

// check wants each switch to have one of its values.
func (c Config) check() error {
	for _, one := range []struct {
		name  string
		value any
		known []string
	}{
		{"key_mismatch_status", c.KeyMismatchStatus, []string{"409", "400"}},
		{"refund_amount", c.RefundAmount, []string{"text", "number"}},
		{"refund_outcome", c.RefundOutcome, []string{"SUCCEEDED", "FAILED", "PENDING", "REQUIRES_ACTION"}},
		{"refund_failure", c.RefundFailure, refundFailures()},
		{"customer_update_alone", c.CustomerUpdateAlone, []string{"refused", "ignored"}},
	} {
		if value := fmt.Sprint(one.value); !slices.Contains(one.known, value) {
			return &sandbox.InputError{Detail: fmt.Sprintf("switch %s cannot be %q", one.name, value), Known: one.known}
		}
	}
	if c.Balance < 0 {
		return &sandbox.InputError{Detail: fmt.Sprintf("switch balance cannot be %d: it is 0 or more", c.Balance)}
	}
	for _, one := range c.permissions() {
		if !slices.Contains(allPermissions(), one) {
			return &sandbox.InputError{Detail: fmt.Sprintf("switch permissions cannot hold %q", one), Known: allPermissions()}
		}
	}
	return nil
}

// permissions are those of the restricted key.
func (c Config) permissions() []string {
	if c.Permissions == "" {
		return []string{}
	}
	return strings.Split(c.Permissions, ",")
}

func refundFailures() []string {
	return []string{
		"lost_or_stolen_card", "expired_or_canceled_card", "charge_for_pending_refund_disputed",
		"insufficient_funds", "declined", "merchant_request", "unknown",
	}
}

func allPermissions() []string {
	areas := strings.Fields(`BALANCE CHARGES CHECKOUT_SESSIONS COUPONS CUSTOMERS DISPUTES EVENTS MANDATES PAYMENT_INTENTS
		PAYMENT_LINKS PAYMENT_METHODS PAYOUTS PRODUCTS REFUNDS REPORTING SUBSCRIPTIONS TAX_CALCULATIONS TAX_RATES TERMINAL
		TOKENS TOPUPS TRANSFERS WEBHOOK_ENDPOINTS TEAM MERCHANT_SETTINGS ONBOARDING API_KEYS`)
	all := make([]string, 0, 2*len(areas))
	for _, area := range areas {
		all = append(all, area+"_READ", area+"_WRITE")
	}
	return all
}
