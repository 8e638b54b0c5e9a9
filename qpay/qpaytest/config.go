package qpaytest

import (
	"fmt"
	"slices"

	"github.com/specpay/specpay/internal/sandbox"
)

// Config selects the behavior of the sandbox where reports about QPay differ, or
// where live servers were seen to do both. The control route /_sandbox/config shows
// and accepts it as JSON.
type Config struct {
	// ExpiresIn is "epoch" (Unix seconds, 24 hours ahead; the default, seen
	// live) or "seconds" (from now: 600, and 3600 for the refresh token).
	ExpiresIn string `json:"expires_in"`
	// TokenType is "bearer" (the default, seen live) or "Bearer".
	TokenType string `json:"token_type"`
	// OneToken makes a login invalidate every other token, as one report from
	// production says. Default false.
	OneToken bool `json:"one_token"`
	// RejectTokens rejects every bearer token with 401. Default false.
	RejectTokens bool `json:"reject_tokens"`
	// NoCredentials is the code of a 401: "NO_CREDENDIALS" (sandbox, the
	// default) or "NO_CREDENTIALS" (production).
	NoCredentials string `json:"no_credentials"`

	// ErrorKey is the member that contains the code: "error" (seen live, the
	// default) or "error_code".
	ErrorKey string `json:"error_key"`
	// Messages is "echo" (the message repeats the code, as QPay's sandbox does;
	// the default) or "text" (a sentence).
	Messages string `json:"messages"`
	// ErrorsInside200 sends every error response with status 200. Default false.
	ErrorsInside200 bool `json:"errors_inside_200"`
	// NotFoundStatus is the status of the not-found codes: 422 (the default) or 404.
	NotFoundStatus int `json:"not_found_status"`
	// ConflictStatus is the status of the state conflicts: 400 (the default) or 409.
	ConflictStatus int `json:"conflict_status"`
	// AmountStatus is the status of the amount codes: 422 (the default) or 400.
	AmountStatus int `json:"amount_status"`
	// PermissionStatus is the status of PERMISSION_DENIED: 401 (the default) or 403.
	PermissionStatus int `json:"permission_status"`
	// InvoiceCodeInvalid is the error for an unknown invoice code: "code" (the
	// default) or "field" (a field error of type INVALID, seen live).
	InvoiceCodeInvalid string `json:"invoice_code_invalid"`

	// EmptyQRImage leaves qr_image empty, as seen in production. Default false.
	// Set it to create thousands of invoices; drawing an image takes milliseconds.
	EmptyQRImage bool `json:"empty_qr_image"`
	// Links is the name of the bank links: "urls" (the default) or "qPay_deeplink".
	Links string `json:"links"`
	// SenderData is the form of absent sender_*_data in responses: "empty" (an
	// empty string; the default), "object" or "null".
	SenderData string `json:"sender_data"`
	// Cards is the form of card transactions: "documented" (short names in
	// checkPayment, long ones in getPayment; the default) or "both" (both names
	// in both operations).
	Cards string `json:"cards"`
	// Money is the JSON type of amounts: "text" (a string; the default) or "number".
	Money string `json:"money"`
	// UnpaidAmount is paid_amount if nothing is paid: "zero" (the default),
	// "null" or "absent".
	UnpaidAmount string `json:"unpaid_amount"`
	// EmptyEbarimt makes the older createEbarimt return {}, as seen on QPay's
	// sandbox. Default false.
	EmptyEbarimt bool `json:"empty_ebarimt"`
	// NumericIDs sends g_payment_id, merchant_register (instead of
	// merchant_register_no) and merchant_tin of a receipt as numbers, as was
	// reported. A payment ID that is not a number stays a string. Default false.
	NumericIDs bool `json:"numeric_ids"`
	// EmptyResponse is the successful response of an operation that returns
	// nothing: "object" (the default), "no-body" or "204".
	EmptyResponse string `json:"empty_response"`
	// StrictPageLimit rejects a page_limit above 100. Default false.
	StrictPageLimit bool `json:"strict_page_limit"`
	// Callback is "get" (qpay_payment_id in the query; the default) or "post"
	// (invoice_id as JSON, as in two documents).
	Callback string `json:"callback"`
}

func defaultConfig() Config {
	return Config{
		ExpiresIn: "epoch", TokenType: "bearer", NoCredentials: codeNoCredendials,
		ErrorKey: "error", Messages: "echo",
		NotFoundStatus: 422, ConflictStatus: 400, AmountStatus: 422, PermissionStatus: 401, InvoiceCodeInvalid: "code",
		Links: "urls", SenderData: "empty", Cards: "documented", Money: "text", UnpaidAmount: "zero",
		EmptyResponse: "object", Callback: "get",
	}
}

// check checks that each field has one of its valid values.
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
		{"empty_response", c.EmptyResponse, []string{"object", "no-body", "204"}},
		{"callback", c.Callback, []string{"get", "post"}},
	} {
		if value := fmt.Sprint(one.value); !slices.Contains(one.known, value) {
			return &sandbox.InputError{Detail: fmt.Sprintf("config field %s cannot be %q", one.name, value), Known: one.known}
		}
	}
	return nil
}
