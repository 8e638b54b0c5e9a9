package qpaytest

import (
	"fmt"
	"slices"

	"github.com/specpay/specpay/internal/sandbox"
)

// Config are the switches: one for each point on which reports about QPay
// differ or live servers were seen to do both. Its JSON is what the control
// route /_sandbox/config shows and takes.
type Config struct {
	// ExpiresIn is "epoch" (Unix seconds, 24 hours away; the default, seen
	// live) or "seconds" (from now: 600, and 3600 for the refresh token).
	ExpiresIn string `json:"expires_in"`
	// TokenType is "bearer" (the default, seen live) or "Bearer".
	TokenType string `json:"token_type"`
	// OneToken lets a login end every other token, as one report from
	// production has it. Default false.
	OneToken bool `json:"one_token"`
	// RejectTokens answers every bearer with 401. Default false.
	RejectTokens bool `json:"reject_tokens"`
	// NoCredentials is the code of a 401: "NO_CREDENDIALS" (sandbox, the
	// default) or "NO_CREDENTIALS" (production).
	NoCredentials string `json:"no_credentials"`

	// ErrorKey is the member that holds the code: "error" (seen live, the
	// default) or "error_code".
	ErrorKey string `json:"error_key"`
	// Messages is "echo" (the code once more, as the sandbox does; the
	// default) or "text" (a sentence).
	Messages string `json:"messages"`
	// ErrorsInside200 answers every refusal with status 200. Default false.
	ErrorsInside200 bool `json:"errors_inside_200"`
	// NotFoundStatus is the status of the not-found codes: 422 (the default) or 404.
	NotFoundStatus int `json:"not_found_status"`
	// ConflictStatus is the status of the state conflicts: 400 (the default) or 409.
	ConflictStatus int `json:"conflict_status"`
	// AmountStatus is the status of the amount codes: 422 (the default) or 400.
	AmountStatus int `json:"amount_status"`
	// PermissionStatus is the status of PERMISSION_DENIED: 401 (the default) or 403.
	PermissionStatus int `json:"permission_status"`
	// InvoiceCodeInvalid is how an unknown invoice code is refused: "code"
	// (the default) or "field" (a field object of type INVALID, seen live).
	InvoiceCodeInvalid string `json:"invoice_code_invalid"`

	// EmptyQRImage leaves qr_image empty, as was seen in production. Default
	// false. Drawing takes milliseconds: switch it on to make invoices by the thousand.
	EmptyQRImage bool `json:"empty_qr_image"`
	// Links is the name of the bank links: "urls" (the default) or "qPay_deeplink".
	Links string `json:"links"`
	// SenderData is what absent sender_*_data is in answers: "empty" text (the
	// default), "object" or "null".
	SenderData string `json:"sender_data"`
	// Cards is the shape of card transactions: "documented" (short names in
	// checkPayment, long ones in getPayment; the default) or "both" in both.
	Cards string `json:"cards"`
	// Money is how amounts are written: "text" (the default) or "number".
	Money string `json:"money"`
	// UnpaidAmount is paid_amount when nothing is paid: "zero" (the default),
	// "null" or "absent".
	UnpaidAmount string `json:"unpaid_amount"`
	// EmptyEbarimt lets the older createEbarimt answer {}, as was seen on the
	// sandbox. Default false.
	EmptyEbarimt bool `json:"empty_ebarimt"`
	// EmptyAnswer is the success of a call that returns nothing: "object" (the
	// default), "no-body" or "204".
	EmptyAnswer string `json:"empty_answer"`
	// StrictPageLimit refuses a page_limit above 100. Default false.
	StrictPageLimit bool `json:"strict_page_limit"`
	// Callback is "get" (qpay_payment_id in the query, the default) or "post"
	// (invoice_id as JSON, as two documents have it).
	Callback string `json:"callback"`
}

func defaultConfig() Config {
	return Config{
		ExpiresIn: "epoch", TokenType: "bearer", NoCredentials: codeNoCredendials,
		ErrorKey: "error", Messages: "echo",
		NotFoundStatus: 422, ConflictStatus: 400, AmountStatus: 422, PermissionStatus: 401, InvoiceCodeInvalid: "code",
		Links: "urls", SenderData: "empty", Cards: "documented", Money: "text", UnpaidAmount: "zero",
		EmptyAnswer: "object", Callback: "get",
	}
}

// check wants each switch to have one of its values.
func (c Config) check() error {
	for _, one := range []struct {
		name  string
		value any
		known []string
	}{
		{"expires_in", c.ExpiresIn, []string{"epoch", "seconds"}},
		{"token_type", c.TokenType, []string{"bearer", "Bearer"}},
		{"no_credentials", c.NoCredentials, []string{codeNoCredendials, codeNoCredentials}},
		{"error_key", c.ErrorKey, []string{"error", "error_code"}},
		{"messages", c.Messages, []string{"echo", "text"}},
		{"not_found_status", c.NotFoundStatus, []string{"422", "404"}},
		{"conflict_status", c.ConflictStatus, []string{"400", "409"}},
		{"amount_status", c.AmountStatus, []string{"422", "400"}},
		{"permission_status", c.PermissionStatus, []string{"401", "403"}},
		{"invoice_code_invalid", c.InvoiceCodeInvalid, []string{"code", "field"}},
		{"links", c.Links, []string{"urls", "qPay_deeplink"}},
		{"sender_data", c.SenderData, []string{"empty", "object", "null"}},
		{"cards", c.Cards, []string{"documented", "both"}},
		{"money", c.Money, []string{"text", "number"}},
		{"unpaid_amount", c.UnpaidAmount, []string{"zero", "null", "absent"}},
		{"empty_answer", c.EmptyAnswer, []string{"object", "no-body", "204"}},
		{"callback", c.Callback, []string{"get", "post"}},
	} {
		if value := fmt.Sprint(one.value); !slices.Contains(one.known, value) {
			return &sandbox.InputError{Detail: fmt.Sprintf("switch %s cannot be %q", one.name, value), Known: one.known}
		}
	}
	return nil
}
