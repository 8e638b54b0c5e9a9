package qpaytest

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/specpay/specpay/internal/sandbox"
)

// callbackAnswer is the only body that counts as an acknowledgement.
const callbackAnswer = "SUCCESS"

// Callback makes the request that QPay would send to callbackURL for a
// payment, for the test of a handler of your own. It is not signed; QPay signs
// nothing.
func (s *Server) Callback(paymentID, callbackURL string) (*http.Request, error) {
	r, err := callbackGet(context.Background(), callbackURL, paymentID)
	return r, s.handle.Report(err)
}

// callBack tells the merchant, who must answer 200 and exactly SUCCESS.
func (m *merchant) callBack(ctx context.Context, p *payment) (*sandbox.Delivery, error) {
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
		return status == http.StatusOK && string(reply) == callbackAnswer
	})
	return &delivery, nil
}

// callbackGet puts the payment's id next to the merchant's own query.
func callbackGet(ctx context.Context, callbackURL, paymentID string) (*http.Request, error) {
	mark := "?"
	if strings.Contains(callbackURL, "?") {
		mark = "&"
	}
	to := callbackURL + mark + "qpay_payment_id=" + url.QueryEscape(paymentID)
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
