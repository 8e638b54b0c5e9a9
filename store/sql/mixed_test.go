package sqlstore_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
	"github.com/specpay/specpay/pay"
	sqlstore "github.com/specpay/specpay/store/sql"
	"github.com/specpay/specpay/xpay"
)

// withEffect is a store whose handlers also write an effect in the transaction.
type withEffect struct{ *sqlstore.Store }

func (s withEffect) HandleEvent(ctx context.Context, key string, ttl time.Duration, handle func(context.Context) error) (pay.Claim, error) {
	return s.Store.HandleEvent(ctx, key, ttl, func(ctx context.Context) error {
		if err := write(ctx, key); err != nil {
			return err
		}
		return handle(ctx)
	})
}

// TestMixedDeliveries delivers genuine, duplicated, replayed, late and forged events to
// two clients that share the database. Each genuine one takes effect exactly once, and
// no forged one. There are 250 deliveries, or 10,000 with SPECPAY_FULL=1.
func TestMixedDeliveries(t *testing.T) {
	deliveries := 250
	if os.Getenv("SPECPAY_FULL") == "1" {
		deliveries = 10_000
	}
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.migrated(t)
		accounts(t, db)
		webhookcontract.Mixed(t, notifications(), deliveries, func(func() time.Time) pay.EventStore { return withEffect{s} })
		effects, err := written(t.Context(), db)
		fatal(t, err)
		times := map[string]int{}
		for _, key := range effects {
			if times[key]++; times[key] > 1 || !strings.Contains(key, "mixed-") {
				t.Errorf("the event %s took effect %d times; want a genuine one, once", key, times[key])
			}
		}
		if len(times) != deliveries/5 {
			t.Errorf("%d events took effect, want %d", len(times), deliveries/5)
		}
	})
}

// notifications are those of xpay.
func notifications() harness.Notifications {
	secrets := [2]string{"whsec_first-secret", "whsec_second-secret"}
	return harness.Notifications{
		Signing: &harness.Signing{
			Secrets: secrets, Window: 5 * time.Minute,
			Client: func(_ *testing.T, accepted []string, opts ...pay.Option) (harness.Verifier, error) {
				c, err := xpay.New(xpay.Credentials{APIKey: "sk_test_0123456789", WebhookSecret: accepted[0]}, opts...)
				return harness.Verifier{Webhook: func(handle func(context.Context) error, opts ...pay.WebhookOption) http.Handler {
					return c.Webhook(func(ctx context.Context, _ xpay.Event) error { return handle(ctx) }, opts...)
				}}, err
			},
			Stamp: func(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) },
			Sign: func(_ *testing.T, secret, stamp string, body []byte) string {
				mac := hmac.New(sha256.New, []byte(secret))
				mac.Write([]byte(stamp + "."))
				mac.Write(body)
				return hex.EncodeToString(mac.Sum(nil))
			},
			Header: func(_, stamp string, macs ...string) http.Header {
				return http.Header{"Xpay-Signature": {"t=" + stamp + ",v1=" + strings.Join(macs, ",v1=")}}
			},
		},
		Body: func(id string) []byte {
			return []byte(`{"id":"evt_` + id + `","type":"charge.refunded","livemode":false,"data":{"object":{"object":"new"}}}`)
		},
		Accepted: harness.Reply{Status: http.StatusOK, Body: "ok"},
	}
}
