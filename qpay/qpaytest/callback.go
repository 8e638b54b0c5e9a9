package qpaytest

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/specpay/specpay/internal/sandbox"
)

// callbackReply is the only body that acknowledges a callback.
const callbackReply = "SUCCESS"

// Callback returns the callback that QPay sends to callbackURL after a payment, for
// testing a callback handler. It is not sent, and not signed, because QPay does not sign
// callbacks. An invalid URL is an error.
func (s *Server) Callback(paymentID, callbackURL string) (*http.Request, error) {
	r, err := callbackGet(context.Background(), callbackURL, paymentID)
	return r, s.handle.Report(err)
}

// sendCallback sends the callback for a payment. The merchant acknowledges it with
// status 200 and exactly SUCCESS.
func (m *merchant) sendCallback(ctx context.Context, p *payment) (*sandbox.Delivery, error) {
	var (
		r   *http.Request
		err error
	)
	if m.config.Get().Callback == "post" {
		r, err = callbackPost(ctx, p.invoice.request.CallbackURL, p.invoice.id)
	} else {
		r, err = callbackGet(ctx, p.invoice.request.CallbackURL, p.id)
	}
	if err != nil {
		return nil, err
	}
	delivery := m.core.Deliver(r, func(status int, reply []byte) bool {
		return status == http.StatusOK && string(reply) == callbackReply
	})
	return &delivery, nil
}

// callbackGet adds the payment ID to the merchant's own query.
func callbackGet(ctx context.Context, callbackURL, paymentID string) (*http.Request, error) {
	separator := "?"
	if strings.Contains(callbackURL, "?") {
		separator = "&"
	}
	to := callbackURL + separator + "qpay_payment_id=" + url.QueryEscape(paymentID)
	return http.NewRequestWithContext(ctx, http.MethodGet, to, http.NoBody)
}

func callbackPost(ctx context.Context, callbackURL, invoiceID string) (*http.Request, error) {
	body := sandbox.JSON(http.StatusOK, object{{"invoice_id", invoiceID}}).Body
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, callbackURL, bytes.NewReader(body))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, err
}
