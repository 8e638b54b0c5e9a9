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

// notifications describes how QPay notifies: with an id only, for which the client
// asks the API.
func notifications() harness.Notifications {
	body := func(id string) []byte { return []byte(`{"payment_id":"pay-` + id + `"}`) }
	return harness.Notifications{
		Body: body, History: [][]byte{body("old"), body("new")},
		Handler: func(t *testing.T, handle func(context.Context) error, opts ...pay.Option) http.Handler {
			c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, append(opts, pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, http.HandlerFunc(confirming))))...)
			if err != nil {
				t.Fatal(err)
			}
			return c.Webhook(func(ctx context.Context, _ qpay.Event) error { return handle(ctx) })
		},
		Accepted: harness.Reply{Status: 200, Body: "SUCCESS"}, Forged: harness.Reply{Status: 400, Body: "not a payment"}, Failed: harness.Reply{Status: 503, Body: "try again"},
		Within: time.Minute,
	}
}

// confirming is an API in which every payment but the forged one is paid.
func confirming(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	id, payment := strings.CutPrefix(r.URL.Path, "/v2/payment/")
	switch {
	case !payment:
		fmt.Fprintf(w, `{"access_token":"a","expires_in":%d}`, time.Now().Add(time.Hour).Unix())
	case id == "pay-forged":
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"error":"PAYMENT_NOTFOUND","message":"PAYMENT_NOTFOUND"}`)
	default:
		fmt.Fprintf(w, `{"payment_id":%q,"payment_status":"PAID","payment_amount":"1.00","payment_currency":"MNT"}`, id)
	}
}
