package qpay_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// newRequest returns a function that makes a notification of any account.
func newRequest(t *testing.T) func(body []byte) *http.Request {
	n := notifications()
	return func(body []byte) *http.Request { return n.NewRequest(t, body) }
}

// notifications describes how QPay notifies: with an id only, for which the client
// asks the API.
func notifications() harness.Notifications {
	body := func(id string) []byte { return []byte(`{"payment_id":"pay-` + id + `"}`) }
	return harness.Notifications{
		Body: body, History: [][]byte{body("old"), body("new")},
		Client: func(t *testing.T, opts ...pay.Option) harness.Webhook {
			return confirmed(t, qpay.Credentials{Username: "u", Password: "p"}, opts)
		},
		OtherAccount: func(t *testing.T, opts ...pay.Option) harness.Consumer {
			return harness.Consumer{Webhook: confirmed(t, qpay.Credentials{Username: "u2", Password: "p"}, opts), Request: newRequest(t)}
		},
		NewSecrets: func(t *testing.T, opts ...pay.Option) harness.Consumer {
			return harness.Consumer{Webhook: confirmed(t, qpay.Credentials{Username: "u", Password: "p2"}, opts), Request: newRequest(t)}
		},
		Accepted: harness.Reply{Status: 200, Body: "SUCCESS"}, Forged: harness.Reply{Status: 400, Body: "not a payment"}, Failed: harness.Reply{Status: 503, Body: "try again"},
		Within: time.Minute,
	}
}

// confirmed makes a client whose API is confirming.
func confirmed(t *testing.T, creds qpay.Credentials, opts []pay.Option) harness.Webhook {
	t.Helper()
	c, err := qpay.New(creds, append(opts, pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, http.HandlerFunc(confirming))))...)
	fatal(t, err)
	return func(handle func(context.Context) error, opts ...pay.WebhookOption) http.Handler {
		return c.Webhook(func(ctx context.Context, _ qpay.Event) error { return handle(ctx) }, opts...)
	}
}

// confirming is an API in which every payment is paid but the forged ones.
func confirming(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	id, payment := strings.CutPrefix(r.URL.Path, "/v2/payment/")
	switch {
	case !payment:
		fmt.Fprintf(w, `{"access_token":"a","expires_in":%d}`, time.Now().Add(time.Hour).Unix())
	case strings.HasPrefix(id, "pay-forged"):
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"error":"PAYMENT_NOTFOUND","message":"PAYMENT_NOTFOUND"}`)
	default:
		fmt.Fprintf(w, `{"payment_id":%q,"payment_status":"PAID","payment_amount":"1.00","payment_currency":"MNT"}`, id)
	}
}
