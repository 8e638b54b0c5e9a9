package gatewaytest

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/specpay/specpay/internal/sandbox"
)

// The values that the gateway passes on as they come.
type (
	// Metadata is a free JSON object.
	Metadata = map[string]jsontext.Value
	// Timestamp is a moment as text.
	Timestamp = string
	// PSPEvent is a webhook of Polar or PayPal: the members that decide.
	PSPEvent struct {
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
	// PaymentRow is what the operator sees of a payment.
	PaymentRow struct {
		paymentView
		ExternalUserID string `json:"external_user_id"`
		Email          string `json:"email"`
		ReturnURL      string `json:"return_url"`
	}
	// InboundEvent is what the operator sees of a PSP's event.
	InboundEvent = inboundEvent
)

// bind reads a body.
func bind[T any](r *http.Request) (T, error) { return sandbox.Bind[T](r) }
