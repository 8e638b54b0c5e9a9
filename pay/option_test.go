package pay_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/pay"
)

var credentials = gateway.Credentials{PublicKey: "pk_" + strings.Repeat("a", 24), Secret: strings.Repeat("b", 64)}

// roundTripper is a function as an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func newClient(t *testing.T, rt roundTripper, opts ...pay.Option) *gateway.Client {
	t.Helper()
	c, err := gateway.New(credentials, append([]pay.Option{pay.WithTransport(rt)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestInvalidClientOption(t *testing.T) {
	for name, o := range map[string]pay.Option{
		"WithBaseURL": pay.WithBaseURL(""), "WithHTTPClient": pay.WithHTTPClient(nil), "WithTransport": pay.WithTransport(nil),
		"WithAttemptTimeout": pay.WithAttemptTimeout(0), "WithTotalTimeout": pay.WithTotalTimeout(-1), "WithMaxAttempts": pay.WithMaxAttempts(11),
		"WithUserAgent": pay.WithUserAgent("a\nb"), "WithClock": pay.WithClock(nil), "WithRandom": pay.WithRandom(nil), "WithMaxResponseAge": pay.WithMaxResponseAge(0), "an option is nil": nil,
	} {
		if _, err := gateway.New(credentials, o); err == nil || !strings.HasPrefix(err.Error(), "gateway: "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInvalidCallOption(t *testing.T) {
	c := newClient(t, func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, errors.New("sent")
	})
	check := func(name string, o pay.CallOption) {
		_, err := c.CreatePayment(t.Context(), gateway.CreatePaymentRequest{}, o)
		var e *apierr.Error
		if !errors.As(err, &e) || e.Unwrap() == nil || !strings.HasPrefix(e.Unwrap().Error(), name) || e.Outcome() != apierr.OutcomeNotApplied {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, o := range map[string]pay.CallOption{
		"WithIdempotencyKey: ": pay.WithIdempotencyKey("a b"), "WithCallTimeout: ": pay.WithCallTimeout(0),
		"WithCallAttemptTimeout: ": pay.WithCallAttemptTimeout(-1), "WithMeta: ": pay.WithMeta(nil), "a call option is nil": nil,
	} {
		check(name, o)
	}
	for _, h := range [][2]string{{"authorization", "x"}, {"Host", "x"}, {"Idempotency-Key", "k"}, {"x-idempotency-key", "k"}, {"User-Agent", "x"}, {"accept", "x"}, {"Accept-Encoding", "gzip"}, {"", "x"}, {"a b", "x"}, {"X-A", "a\r\nX-B: c"}, {"X-A", "ä"}, {"X-A", strings.Repeat("x", 5000)}} {
		check("WithHeader: ", pay.WithHeader(h[0], h[1]))
	}
}

// TestSharedCallOptions passes the same options to concurrent calls; the race detector
// checks that the options do not change.
func TestSharedCallOptions(t *testing.T) {
	c := newClient(t, func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("X-Trace") != "t" {
			t.Errorf("the headers are %v", r.Header)
		}
		return respond(200, payment)
	})
	opts := []pay.CallOption{pay.WithHeader("x-trace", "t"), pay.WithCallTimeout(time.Minute), pay.WithCallAttemptTimeout(time.Minute)}
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			if _, err := c.GetPayment(t.Context(), "p", opts...); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
}
