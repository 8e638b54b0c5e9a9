// Package api holds the models of the gateway sandbox and the routes of its
// operations. Everything but this file is generated from the spec.
package api

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
)

type (
	// Metadata is a JSON object with members of any type.
	Metadata = map[string]jsontext.Value
	// Timestamp is a time in RFC 3339.
	Timestamp = string
)

// PSPEvent is a webhook of Polar or PayPal. It has only the members that the
// sandbox uses.
type PSPEvent struct {
	Type string `json:"type"`
	Data struct {
		Metadata struct {
			PaymentID string `json:"gateway_payment_id"`
		} `json:"metadata"`
		SubscriptionID   string `json:"subscription_id"`
		CurrentPeriodEnd string `json:"current_period_end"`
	} `json:"data"`
	EventType string `json:"event_type"`
	Resource  struct {
		InvoiceID string `json:"invoice_id"`
	} `json:"resource"`
}

// Reference returns the payment ID or invoice number that the event names.
func (e PSPEvent) Reference() string {
	if e.EventType != "" {
		return e.Resource.InvoiceID
	}
	return e.Data.Metadata.PaymentID
}

// PaymentView is a payment in responses.
type PaymentView struct {
	PaymentID     string   `json:"payment_id"`
	Status        string   `json:"status"`
	AmountMinor   int64    `json:"amount_minor"`
	Currency      string   `json:"currency"`
	Method        string   `json:"method"`
	Provider      string   `json:"provider"`
	ProviderRef   string   `json:"provider_ref"`
	Metadata      Metadata `json:"metadata"`
	InvoiceNumber string   `json:"invoice_number,omitzero"`
	LastError     string   `json:"last_error"`
	CreatedAt     string   `json:"created_at"`
	UpdatedAt     string   `json:"updated_at"`
}

// PaymentRow is a payment in the operator's diagnostics.
type PaymentRow struct {
	PaymentView
	ExternalUserID string `json:"external_user_id"`
	Email          string `json:"email"`
	ReturnURL      string `json:"return_url"`
}

// InboundEvent is an archived PSP event in the operator's diagnostics.
type InboundEvent struct {
	PaymentID      string `json:"payment_id"`
	Provider       string `json:"provider"`
	SignatureValid bool   `json:"signature_valid"`
	Body           string `json:"body"`
	ReceivedAt     string `json:"received_at"`
}

// bind decodes a request body.
func bind[T any](r *http.Request) (T, error) { return sandbox.Bind[T](r) }
