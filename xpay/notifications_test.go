package xpay_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
)

// consumer makes a client and signs its notifications with its secret.
func consumer(t *testing.T, creds xpay.Credentials, opts []pay.Option) harness.Consumer {
	t.Helper()
	c, err := xpay.New(creds, opts...)
	if err != nil {
		t.Fatal(err)
	}
	n := harness.Notifications{Signing: signing()}
	n.Signing.Secrets[0] = creds.WebhookSecret
	return harness.Consumer{Webhook: webhook(c), Request: func(body []byte) *http.Request { return n.NewRequest(t, body) }}
}

// webhook returns the Webhook method of a client, without events.
func webhook(c *xpay.Client) harness.Webhook {
	return func(handle func(context.Context) error, opts ...pay.WebhookOption) http.Handler {
		return c.Webhook(func(ctx context.Context, _ xpay.Event) error { return handle(ctx) }, opts...)
	}
}

// notifications describes how XPay notifies.
func notifications() harness.Notifications {
	event := func(id, kind string) []byte {
		return []byte(`{"id":"evt_` + id + `","type":"` + kind + `","livemode":false,"data":{"object":{"object":"new","rate":1.5}}}`)
	}
	return harness.Notifications{
		Signing: signing(), Body: func(id string) []byte { return event(id, "charge.refunded") },
		OtherAccount: func(t *testing.T, opts ...pay.Option) harness.Consumer {
			return consumer(t, xpay.Credentials{APIKey: "sk_test_9876543210", AccountID: "acct_2", WebhookSecret: signing().Secrets[0]}, opts)
		},
		NewSecrets: func(t *testing.T, opts ...pay.Option) harness.Consumer {
			return consumer(t, xpay.Credentials{APIKey: "rk_test_9876543210", WebhookSecret: signing().Secrets[1]}, opts)
		},
		History:  [][]byte{event("1", "payment_intent.payment_failed"), event("2", "checkout.session.completed"), event("3", "charge.refunded")},
		Unknown:  event("4", "something.new"),
		Accepted: harness.Reply{Status: 200, Body: "ok"}, Forged: harness.Reply{Status: 401, Body: "bad signature"}, Failed: harness.Reply{Status: 503, Body: "try again"},
		Within: 30 * time.Second,
	}
}

func signing() *harness.Signing {
	good := "whsec_first-secret"
	return &harness.Signing{
		Secrets: [2]string{good, "whsec_second-secret"},
		Bad:     [][]string{{"whsec_"}, {"whsec_short"}, {"first-secret"}, {good, "whsec_short"}, {good, ""}, {"", good}},
		Client: func(_ *testing.T, secrets []string, opts ...pay.Option) (harness.Verifier, error) {
			c, err := xpay.New(xpay.Credentials{APIKey: "sk_test_0123456789", WebhookSecret: secrets[0], OldWebhookSecrets: secrets[1:]}, opts...)
			return harness.Verifier{
				Verify:  func(now time.Time, h http.Header, body []byte) error { _, err := c.VerifyAt(now, h, body); return err },
				Webhook: webhook(c),
			}, err
		},
		Window: 5 * time.Minute,
		Stamp:  func(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) },
		Sign: func(_ *testing.T, secret, stamp string, body []byte) string {
			_, mac, _ := strings.Cut(header(secret, stamp, body), ",v1=")
			return mac
		},
		Header: func(_, stamp string, macs ...string) http.Header {
			head := "v1=" + strings.Join(macs, ",v1=")
			if stamp != "" {
				head = "t=" + stamp + "," + head
			}
			return http.Header{"Xpay-Signature": {head}}
		},
		// Blanks around a part, and parts with an unknown name, are ignored.
		Spellings: func(mac string) []string { return []string{mac, mac + " ", mac + "," + mac, strings.ToLower(mac)} },
		Forged:    xpay.ErrForged, Stale: xpay.ErrStale,
	}
}

// keys is an event store that keeps the keys of claims.
type keys struct{ claimed []string }

func (k *keys) Claim(_ context.Context, key, _ string, _ time.Duration) (pay.Claim, error) {
	k.claimed = append(k.claimed, key)
	return pay.ClaimGranted, nil
}
func (*keys) Commit(context.Context, string, string, time.Duration) error { return nil }
func (*keys) Release(context.Context, string, string) error               { return nil }

// TestEventKeys: in the event store, an event is known by the mode and the account, but not
// by the API key. A key that changes makes a delivered event run again.
func TestEventKeys(t *testing.T) {
	const secret = "whsec_first-secret"
	for _, tt := range []struct{ apiKey, account, want string }{
		{"sk_test_0123456789", "", "xpay:test:default:evt_1"},
		{"rk_test_9876543210", "", "xpay:test:default:evt_1"},
		{"sk_live_0123456789", "", "xpay:live:default:evt_1"},
		{"sk_test_0123456789", "acct_1", "xpay:test+acct_1:default:evt_1"},
		{"sk_live_0123456789", "acct_2", "xpay:live+acct_2:default:evt_1"},
		{"sk_live_0123456789", "!~", "xpay:live+%21~:default:evt_1"},
	} {
		store := new(keys)
		c, err := xpay.New(xpay.Credentials{APIKey: tt.apiKey, AccountID: tt.account, WebhookSecret: secret}, pay.WithEventStore(store))
		if err != nil {
			t.Errorf("account %q: %v", tt.account, err)
			continue
		}
		body := []byte(`{"id":"evt_1","type":"x.y","livemode":` + strconv.FormatBool(c.Mode() == xpay.ModeLive) + `,"data":{"object":{}}}`)
		status := deliver(c.Webhook(func(context.Context, xpay.Event) error { return nil }), header(secret, strconv.FormatInt(time.Now().Unix(), 10), body), body)
		if status != http.StatusOK || len(store.claimed) != 1 || store.claimed[0] != tt.want {
			t.Errorf("%s, account %q: status %d, keys %q; want 200 and %q", tt.apiKey, tt.account, status, store.claimed, tt.want)
		}
	}
}
