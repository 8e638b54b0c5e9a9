package gateway_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
)

// tails are what the gateway may append to a 502: errors of its own connection to the
// PSP, after which the PSP may have carried out the request, texts that may be the
// PSP's refusal, and nothing.
var tails = []string{
	"context deadline exceeded", "context canceled", `Post "https://api.psp.example/v2/cancel": EOF`, "unexpected EOF",
	"read tcp 10.0.0.1:49018->10.0.0.2:443: read: connection reset by peer", "dial tcp 10.0.0.2:443: i/o timeout",
	"net/http: TLS handshake timeout", "dial tcp: lookup api.psp.example: no such host", "500 Internal Server Error", "",
	"<html>\n<title>504 Gateway Time-out</title>\n</html>", "9002 system is busy", "window expired", "9018 buyer email missing",
}

// TestFailureAtThePSPIsUnknown: a 502 is the gateway's report of a call to the PSP that
// failed. No text is documented that proves that the PSP refused the request.
func TestFailureAtThePSPIsUnknown(t *testing.T) {
	for _, tail := range tails {
		for prefix, code := range map[string]gateway.ErrorCode{
			"refund failed: ": gateway.ErrRefundFailed, "provider checkout failed: ": gateway.ErrProviderCheckoutFailed,
		} {
			var requests atomic.Int32
			c := against(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				faulthttp.Respond(502, "text/plain; charset=utf-8", prefix+tail+"\n").ServeHTTP(w, r)
			})
			var err error
			if code == gateway.ErrRefundFailed {
				_, err = c.CreateRefund(t.Context(), gateway.CreateRefundRequest{PaymentID: strings.Repeat("0", 32)})
			} else {
				_, err = c.CreatePayment(t.Context(), qris())
			}
			e, ok := errors.AsType[*apierr.Error](err)
			if !ok {
				t.Errorf("%s%s: got %v, want an *apierr.Error", prefix, tail, err)
				continue
			}
			if !errors.Is(err, apierr.ErrOutcomeUnknown) || !errors.Is(err, code) || e.Advice().Retryable() {
				t.Errorf("%s%s: got %v, want %s, an unknown outcome and no advice to retry", prefix, tail, err, code)
			}
			if got := requests.Load(); got != 1 {
				t.Errorf("%s%s: %d requests, want 1, because the PSP may have carried out the first", prefix, tail, got)
			}
			if text := e.CustomerMessage("en"); code == gateway.ErrRefundFailed && !strings.Contains(text, "not been confirmed") {
				t.Errorf("%s%s: the customer reads %q, want that the refund is not confirmed", prefix, tail, text)
			}
		}
	}
}

// against connects a client to a server that always responds the same.
func against(t *testing.T, h http.HandlerFunc) *gateway.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c, err := gateway.New(gateway.Credentials{PublicKey: "pk_0123456789abcdef01234567", Secret: strings.Repeat("c0de", 16)},
		pay.WithBaseURL(srv.URL), pay.WithTransport(srv.Client().Transport))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestResolutionsLeadToTheGatewaysTables: where the gateway's error page refers to
// another page, the resolution has its address.
func TestResolutionsLeadToTheGatewaysTables(t *testing.T) {
	const site = "https://docs.payment.uncle-z.com/"
	for body, want := range map[string]struct {
		status int
		texts  []string
	}{
		"missing required fields: email":                      {400, []string{site + "reference/payments-create/", site + "reference/refunds-create/"}},
		"missing auth headers":                                {401, []string{"X-PAY-Key", "HTTP/2", "case"}},
		"bad signature":                                       {401, []string{site + "concepts/auth/"}},
		"no provider supports method=cc for currency=IDR":     {422, []string{site + "concepts/routing/"}},
		"provider checkout failed: 9018 buyer email missing":  {502, []string{site + "guides/idr-nicepay/", site + "guides/subscriptions-polar/", site + "guides/services-paypal/"}},
		"refund failed: the period for refunds of it is over": {502, []string{site + "guides/refunds/"}},
	} {
		c := against(t, faulthttp.Respond(want.status, "text/plain; charset=utf-8", body+"\n").ServeHTTP)
		_, err := c.CreatePayment(t.Context(), qris())
		e, ok := errors.AsType[*apierr.Error](err)
		if !ok {
			t.Fatalf("%s: got %v, want an *apierr.Error", body, err)
		}
		for _, text := range want.texts {
			if got := e.Description() + " " + e.Resolution(); !strings.Contains(got, text) {
				t.Errorf("%s: got %s, want a text that contains %q", body, got, text)
			}
		}
	}
}
