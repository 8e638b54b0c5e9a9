package xpay_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

type responder func(*http.Request) string

func (f responder) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(f(r)))}, nil
}

// TestPriceOfAnotherRequest: the amount is sent as a nullable value and received as a
// number or a text.
func TestPriceOfAnotherRequest(t *testing.T) {
	srv := xpaytest.NewServer(t)
	for body, same := range map[string]bool{
		`{"id":"price_1","unitAmount":500}`:    true,
		`{"id":"price_1","unitAmount":"500"}`:  true,
		`{"id":"price_1","unitAmount":null}`:   true,
		`{"id":"price_1","unitAmount":"5000"}`: false,
		`{"id":"price_2","unitAmount":500}`:    false,
	} {
		c := connect(t, srv, pay.WithMaxAttempts(1), pay.WithTransport(responder(func(*http.Request) string { return body })))
		_, err := c.UpdatePrice(t.Context(), "price_1", xpay.UpdatePriceRequest{UnitAmount: xpay.Set(xpay.Amount(500))})
		if same && err != nil || !same && !errors.Is(err, apierr.ErrOutcomeUnknown) {
			t.Errorf("%s: got error %v, want success: %t", body, err, same)
		}
		if _, err := c.UpdatePrice(t.Context(), strings.SplitN(body, `"`, 5)[3], xpay.UpdatePriceRequest{UnitAmount: xpay.Null[xpay.Amount]()}); err != nil {
			t.Errorf("%s, no amount sent: got error %v, want success", body, err)
		}
	}
}
