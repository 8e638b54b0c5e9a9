package gateway_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// consumer makes a client and signs its notifications with its secret.
func consumer(t *testing.T, creds gateway.Credentials, opts []pay.Option) harness.Consumer {
	t.Helper()
	c, err := gateway.New(creds, opts...)
	if err != nil {
		t.Fatal(err)
	}
	n := harness.Notifications{Signing: signing()}
	n.Signing.Secrets[0] = creds.WebhookSecret
	return harness.Consumer{Webhook: webhook(c), Request: func(body []byte) *http.Request { return n.NewRequest(t, body) }}
}

// webhook returns the Webhook method of a client, without events.
func webhook(c *gateway.Client) harness.Webhook {
	return func(handle func(context.Context) error, opts ...pay.WebhookOption) http.Handler {
		return c.Webhook(func(ctx context.Context, _ gateway.Event) error { return handle(ctx) }, opts...)
	}
}

// notifications describes how the gateway notifies.
func notifications() harness.Notifications {
	paid := func(id string) []byte {
		return []byte(`{"event":"payment.succeeded","payment_id":"` + id + `","status":"succeeded","amount":50000,"currency":"IDR","metadata":{"rate":1.5}}`)
	}
	return harness.Notifications{
		Signing: signing(), Body: paid,
		OtherAccount: func(t *testing.T, opts ...pay.Option) harness.Consumer {
			return consumer(t, gateway.Credentials{PublicKey: "pk_76543210fedcba9876543210", Secret: secret, WebhookSecret: signing().Secrets[0]}, opts)
		},
		NewSecrets: func(t *testing.T, opts ...pay.Option) harness.Consumer {
			return consumer(t, gateway.Credentials{PublicKey: "pk_0123456789abcdef01234567", Secret: strings.Repeat("7654", 16), WebhookSecret: signing().Secrets[1]}, opts)
		},
		History: [][]byte{
			paid("p"), []byte(`{"event":"refund.failed","refund_id":"r","payment_id":"p","amount":1,"currency":"IDR"}`),
			[]byte(`{"event":"refund.succeeded","refund_id":"r","payment_id":"p","amount":1,"currency":"IDR"}`),
		},
		Unknown:  []byte(`{"event":"something.new","x":1}`),
		Accepted: harness.Reply{Status: 200, Body: "ok"}, Forged: harness.Reply{Status: 401, Body: "bad signature"}, Failed: harness.Reply{Status: 503, Body: "try again"},
		Within: time.Minute,
	}
}

func signing() *harness.Signing {
	short, good := "0123456789abcdef", strings.Repeat("fedc", 16)
	return &harness.Signing{
		Secrets: [2]string{good, strings.Repeat("ba98", 16)},
		Bad:     [][]string{{short}, {good, short}, {good, ""}, {"", good}, {good + "0"}, {strings.Repeat(" ", 64)}},
		Client: func(_ *testing.T, secrets []string, opts ...pay.Option) (harness.Verifier, error) {
			c, err := gateway.New(gateway.Credentials{
				PublicKey: "pk_0123456789abcdef01234567", Secret: secret, WebhookSecret: secrets[0], OldWebhookSecrets: secrets[1:],
			}, opts...)
			return harness.Verifier{
				Verify:  func(now time.Time, h http.Header, body []byte) error { _, err := c.VerifyAt(now, h, body); return err },
				Webhook: webhook(c),
			}, err
		},
		Window: 5 * time.Minute,
		Stamp:  func(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) },
		Sign: func(_ *testing.T, secret, stamp string, body []byte) string {
			return mac(secret, stamp+"."+string(body))
		},
		Header: func(_, stamp string, macs ...string) http.Header {
			h := http.Header{}
			if stamp != "" {
				h.Set("X-PAY-Timestamp", stamp)
			}
			h.Set("X-PAY-Signature", strings.Join(macs, ","))
			return h
		},
		Spellings: func(mac string) []string { return []string{mac, strings.ToLower(mac)} },
		Forged:    gateway.ErrForged, Stale: gateway.ErrStale,
	}
}
