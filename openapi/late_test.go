package openapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

const paidBody = `{"paymentId":"1","paymentRequestId":"2","paymentStatus":"SUCCESS","paymentAmount":{"currency":"EUR","value":"1"}}`

// atNoon returns a sandbox whose clock only Advance moves.
func atNoon(t *testing.T, edits ...func(*openapitest.Config)) *openapitest.Server {
	t.Helper()
	opts := []openapitest.Option{openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC))}
	for _, edit := range edits {
		opts = append(opts, openapitest.WithConfig(edit))
	}
	return openapitest.NewServer(t, opts...)
}

// TestLateNotificationIsHandled delivers a notification with its first signature after
// an outage.
func TestLateNotificationIsHandled(t *testing.T) {
	for _, late := range []time.Duration{6 * time.Minute, 24 * time.Hour, 71 * time.Hour} {
		srv, runs := atNoon(t), 0
		h := connect(t, srv).Webhook(func(context.Context, openapi.Event) error { runs++; return nil })
		first := signed(srv, hookURL, paidBody)
		if err := srv.Advance(late); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			r := httptest.NewRequest("POST", hookURL, strings.NewReader(paidBody))
			r.Header = first.Header
			if status, reply := serve(h, r); status != 200 || reply != accepted {
				t.Errorf("%v late: got %d %s, want %d %s", late, status, reply, 200, accepted)
			}
		}
		if runs != 1 {
			t.Errorf("%v late: user code ran %d times, want once", late, runs)
		}
	}
}

// TestReplaysAreNeverHandledAgain replays a notification until it is refused. Its
// signature is from the future, by as much as the clocks may differ, so that the event
// store remembers it for the shortest time.
func TestReplaysAreNeverHandledAgain(t *testing.T) {
	srv, runs, status := atNoon(t), 0, 200
	behind := srv.Now().Add(-5 * time.Minute)
	h := connect(t, srv, pay.WithClock(func() time.Time { return behind })).Webhook(func(context.Context, openapi.Event) error { runs++; return nil })
	first := signed(srv, hookURL, paidBody)
	hours := 0
	for ; status == 200 && hours < 100; hours++ {
		r := httptest.NewRequest("POST", hookURL, strings.NewReader(paidBody))
		r.Header = first.Header
		status, _ = serve(h, r)
		behind = behind.Add(time.Hour)
	}
	if runs != 1 || status != 503 || hours < 70 {
		t.Errorf("user code ran %d times, and the last status after %d hours is %d; want once, and 503 after 70 hours or more", runs, hours, status)
	}
}

// TestNotificationBeyondMemoryIsDeliveredAgain: the handler cannot tell whether it has
// handled a notification that is older than what the event store remembers, or that
// is from the future. It asks for another delivery, which has a new signature.
func TestNotificationBeyondMemoryIsDeliveredAgain(t *testing.T) {
	for name, off := range map[string]time.Duration{"four days old": 4 * 24 * time.Hour, "from the future": -time.Hour} {
		srv, runs := atNoon(t), 0
		here := srv.Now().Add(off)
		c := connect(t, srv, pay.WithClock(func() time.Time { return here }))
		h := c.Webhook(func(context.Context, openapi.Event) error { runs++; return nil })
		r := signed(srv, hookURL, paidBody)
		_, err := c.VerifyAt(here, r.URL.Path, r.Header, []byte(paidBody))
		if !errors.Is(err, openapi.ErrStale) || errors.Is(err, openapi.ErrForged) {
			t.Errorf("%s: VerifyAt: got error %v, want %v", name, err, openapi.ErrStale)
		}
		if status, reply := serve(h, r); status != 503 || !strings.Contains(reply, `"resultStatus":"U"`) || runs != 0 {
			t.Errorf("%s: got %d %s, and %d runs; want 503, U and none", name, status, reply, runs)
		}
		here = srv.Now()
		if status, _ := serve(h, signed(srv, hookURL, paidBody)); status != 200 || runs != 1 {
			t.Errorf("%s, delivered again: got status %d and %d runs, want 200 and 1", name, status, runs)
		}
	}
}

// TestOutageLosesNoNotification keeps the shop down for an hour. The sandbox signs each
// attempt anew, or repeats its first signature.
func TestOutageLosesNoNotification(t *testing.T) {
	for _, redelivery := range []string{"signed-again", "repeated"} {
		srv := atNoon(t, func(c *openapitest.Config) { c.Redelivery = redelivery })
		c, up, runs := connect(t, srv), false, 0
		signatures := map[string]bool{}
		h := c.Webhook(func(context.Context, openapi.Event) error {
			if !up {
				return errors.New("the database is down")
			}
			runs++
			return nil
		})
		shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			signatures[r.Header.Get("Request-Time")+r.Header.Get("Signature")] = true
			h.ServeHTTP(w, r)
		}))
		t.Cleanup(shop.Close)
		body := qrOrder(srv.ProductCode())
		body.PaymentNotifyURL = shop.URL + "/hooks/payment"
		if err := srv.Pay(must(c.CreateQROrder(t.Context(), body)).PaymentID); err != nil {
			t.Fatal(err)
		}
		for _, d := range []time.Duration{time.Hour, 7 * time.Hour} {
			if err := srv.Advance(d); err != nil {
				t.Fatal(err)
			}
			up = true
		}
		last := srv.Deliveries()
		if runs != 1 || len(last) < 3 || !last[len(last)-1].Accepted {
			t.Errorf("%s: user code ran %d times, want once; deliveries: %+v", redelivery, runs, last)
		}
		if anew := len(signatures) > 1; anew != (redelivery == "signed-again") {
			t.Errorf("%s: got %d signatures for %d deliveries", redelivery, len(signatures), len(last))
		}
	}
}
