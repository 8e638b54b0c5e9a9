package xpaytest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specpay/specpay/internal/sandbox"
)

// Config selects the behavior of the sandbox where the sources about XPay differ, or
// where it depends on the account or the processor. The control route /_sandbox/config
// shows and accepts it as JSON.
type Config struct {
	// LivePayments approves the account for live payments. Default false: the live
	// key can read the account and is rejected by all other operations.
	LivePayments bool `json:"live_payments"`
	// Permissions is the comma-separated list of the restricted key's permissions.
	// Default: those that XPay's shop plugins require.
	Permissions string `json:"permissions"`
	// Currencies is the comma-separated list of the currencies that the account accepts,
	// as getAccount returns it. It must contain EGP. Default: EGP,USD,EUR,SAR,KWD.
	Currencies string `json:"currencies"`
	// PaymentMethods is the comma-separated list of the payment methods that are enabled
	// for the account. fawry and valu are for EGP only. Default: card,fawry,valu.
	PaymentMethods string `json:"payment_methods"`
	// KeyMismatchStatus is the HTTP status for an idempotency key that was used with
	// another request: 409 (the error page, default) or 400 (a plugin).
	KeyMismatchStatus int `json:"key_mismatch_status"`
	// RefundAmount is the JSON type of the amount in the response of createRefund:
	// "text" (seen by a plugin, default) or "number".
	RefundAmount string `json:"refund_amount"`
	// RefundOutcome is the status of new refunds: "SUCCEEDED" (default), "FAILED",
	// "PENDING" or "REQUIRES_ACTION".
	RefundOutcome string `json:"refund_outcome"`
	// RefundFailure is the failureReason of failed refunds. Default "declined".
	RefundFailure string `json:"refund_failure"`
	// Balance is the merchant's initial balance in minor units. Default 100000000.
	Balance int64 `json:"balance"`
	// CustomerUpdateAlone selects what customerUpdate without customerId does:
	// "refused" (an error, as on the error page, default) or "ignored" (the vendor's
	// document).
	CustomerUpdateAlone string `json:"customer_update_alone"`
	// EmptyLinesAfterUpdate makes lineItems empty in the response of an update, as a
	// plugin has seen it. Default false.
	EmptyLinesAfterUpdate bool `json:"empty_lines_after_update"`
	// FeesPassThrough makes customers pay XPay's fee, 3.5 % of the price, in sessions and
	// payment links without a feeConfig of their own, as an account can be set up in the
	// dashboard. Default false.
	FeesPassThrough bool `json:"fees_pass_through"`
	// VATRate is the VAT in basis points that customers pay in addition to the price in
	// sessions and payment links without a feeConfig of their own: 1400 is 14 %. Default
	// 0: none.
	VATRate int64 `json:"vat_rate"`
	// CollectedVAT selects whether amountTotal contains the VAT that the customer pays:
	// "included" (the example of XPay's SDK, default) or "separate" (the sample of a
	// guide). Fees that the customer pays are always included.
	CollectedVAT string `json:"collected_vat"`
}

func defaultConfig() Config {
	return Config{
		Permissions: "CHECKOUT_SESSIONS_WRITE,REFUNDS_WRITE,WEBHOOK_ENDPOINTS_WRITE",
		Currencies:  "EGP,USD,EUR,SAR,KWD", PaymentMethods: "card,fawry,valu",
		KeyMismatchStatus: 409, RefundAmount: "text", RefundOutcome: "SUCCEEDED", RefundFailure: "declined",
		Balance: 100_000_000, CustomerUpdateAlone: "refused", CollectedVAT: "included",
	}
}

// check reports the first setting that has an invalid value.
func (c Config) check() error {
	for _, setting := range []struct {
		name  string
		value any
		known []string
	}{
		{"key_mismatch_status", c.KeyMismatchStatus, []string{"409", "400"}},
		{"refund_amount", c.RefundAmount, []string{"text", "number"}},
		{"refund_outcome", c.RefundOutcome, []string{"SUCCEEDED", "FAILED", "PENDING", "REQUIRES_ACTION"}},
		{"refund_failure", c.RefundFailure, refundFailures()},
		{"customer_update_alone", c.CustomerUpdateAlone, []string{"refused", "ignored"}},
		{"collected_vat", c.CollectedVAT, []string{"included", "separate"}},
	} {
		if value := fmt.Sprint(setting.value); !slices.Contains(setting.known, value) {
			return &sandbox.InputError{Detail: fmt.Sprintf("config field %s cannot be %q", setting.name, value), Known: setting.known}
		}
	}
	if c.Balance < 0 {
		return &sandbox.InputError{Detail: fmt.Sprintf("config field balance cannot be %d; it must not be negative", c.Balance)}
	}
	if c.VATRate < 0 || c.VATRate > 10_000 {
		return &sandbox.InputError{Detail: fmt.Sprintf("config field vat_rate cannot be %d; it must be 0 to 10000 basis points", c.VATRate)}
	}
	if !slices.Contains(split(c.Currencies), processingCurrency) {
		return &sandbox.InputError{Detail: "config field currencies must contain " + processingCurrency}
	}
	for _, list := range []struct {
		name, value string
		known       []string
	}{
		{"permissions", c.Permissions, allPermissions()},
		{"currencies", c.Currencies, strings.Fields(allCurrencies)},
		{"payment_methods", c.PaymentMethods, strings.Fields(paymentMethods)},
	} {
		for _, value := range split(list.value) {
			if !slices.Contains(list.known, value) {
				return &sandbox.InputError{Detail: fmt.Sprintf("config field %s cannot contain %q", list.name, value), Known: list.known}
			}
		}
	}
	if c.PaymentMethods == "" {
		return &sandbox.InputError{Detail: "config field payment_methods cannot be empty", Known: strings.Fields(paymentMethods)}
	}
	return nil
}

// permissions returns the permissions of the restricted key.
func (c Config) permissions() []string { return split(c.Permissions) }

// methodsFor returns the payment methods that the account accepts in a currency.
func (c Config) methodsFor(currency string) []string {
	methods := []string{}
	for _, method := range split(c.PaymentMethods) {
		if currency == processingCurrency || !isLocal(method) {
			methods = append(methods, method)
		}
	}
	return methods
}

// split returns the elements of a comma-separated list.
func split(list string) []string {
	if list == "" {
		return []string{}
	}
	return strings.Split(list, ",")
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
