package pay_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// tokens responds to token requests and to reads of an invoice.
func tokens(req *http.Request) (*http.Response, error) {
	if strings.HasPrefix(req.URL.Path, "/v2/auth/") {
		return respond(200, `{"access_token":"t","refresh_token":"r","expires_in":3600,"refresh_expires_in":7200}`)
	}
	return respond(200, `{"invoice_id":"i","invoice_status":"OPEN"}`)
}

// counter is an observer that counts its calls and panics in the method of its name.
type counter struct {
	panics string
	mu     sync.Mutex
	counts map[string]int
}

func (c *counter) in(method string) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[method]++
	if c.panics == method || c.panics == "all" {
		panic("canary")
	}
	return nil
}

func (c *counter) StartCall(context.Context, pay.Call) context.Context { return c.in("StartCall") }

func (c *counter) EndCall(context.Context, pay.Call, pay.CallResult) { c.in("EndCall") }

func (c *counter) StartAttempt(context.Context, pay.Attempt) context.Context {
	return c.in("StartAttempt")
}

func (c *counter) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult) { c.in("EndAttempt") }

// lockedBuffer is a strings.Builder for concurrent use.
type lockedBuffer struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestObserverPanicsDuringTokenFetch: an observer panics in each method, during a call,
// the login below it, and the renewal of the token in the background. Every start has
// its end, and each panic is logged once.
func TestObserverPanicsDuringTokenFetch(t *testing.T) {
	for _, method := range []string{"StartCall", "EndCall", "StartAttempt", "EndAttempt", "all"} {
		synctest.Test(t, func(t *testing.T) {
			var log lockedBuffer
			o := &counter{panics: method, counts: map[string]int{}}
			c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithTransport(roundTripper(tokens)), pay.WithObserver(o), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second call starts a renewal
				if _, err := c.GetInvoice(t.Context(), "i"); err != nil {
					t.Errorf("%s panics: %v", method, err)
				}
				time.Sleep(55 * time.Minute)
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			want := 0
			for name, n := range o.counts {
				if n != 4 {
					t.Errorf("%s panics: %d calls of %s, want 4", method, n, name)
				}
				if method == name || method == "all" {
					want += n
				}
			}
			if n := strings.Count(log.String(), "the observer panicked"); n != want || strings.Contains(log.String(), "canary") {
				t.Errorf("%s panics: %d lines of the log, want %d without the value:\n%s", method, n, want, log.String())
			}
		})
	}
}

// goexiting is an observer that ends the goroutine of the first login, as t.FailNow
// does.
type goexiting struct {
	counter
	once sync.Once
}

func (o *goexiting) StartCall(ctx context.Context, c pay.Call) context.Context {
	if c.Operation == "createToken" {
		o.once.Do(runtime.Goexit)
	}
	return ctx
}

// TestObserverEndsTokenFetch: callers of the login do not wait forever, and the next
// call logs in.
func TestObserverEndsTokenFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithTransport(roundTripper(tokens)), pay.WithObserver(&goexiting{counter: counter{counts: map[string]int{}}}))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := c.GetInvoice(t.Context(), "i"); err == nil || errors.Is(err, apierr.ErrOutcomeUnknown) || time.Since(start) > 0 {
			t.Errorf("got error %v after %v, want one at once", err, time.Since(start))
		}
		time.Sleep(2 * time.Second)
		if _, err := c.GetInvoice(t.Context(), "i"); err != nil {
			t.Errorf("the next call: %v", err)
		}
	})
}

// panickingHandler is a handler of logs that panics in one method.
type panickingHandler string

func (h panickingHandler) in(method string) {
	if string(h) == method {
		panic("canary")
	}
}

func (h panickingHandler) Enabled(context.Context, slog.Level) bool { h.in("Enabled"); return true }

func (h panickingHandler) Handle(context.Context, slog.Record) error { h.in("Handle"); return nil }

func (h panickingHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h panickingHandler) WithGroup(string) slog.Handler { return h }

func TestLoggerPanics(t *testing.T) {
	for _, method := range []string{"Enabled", "Handle"} {
		c := newClient(t, statuses(200), pay.WithObserver(&counter{panics: "all", counts: map[string]int{}}), pay.WithLogger(slog.New(panickingHandler(method))))
		if p, err := c.GetPayment(t.Context(), "p"); err != nil || p.PaymentID != "p" {
			t.Errorf("%s panics: %v, want the payment", method, err)
		}
	}
}

// panickingStore is a token store that panics in one method.
type panickingStore string

func (s panickingStore) in(method string) {
	if string(s) == method {
		panic("canary")
	}
}

func (s panickingStore) Load(context.Context, string) (pay.Token, error) {
	s.in("Load")
	return pay.Token{}, nil
}

func (s panickingStore) Save(context.Context, string, pay.Token) error { s.in("Save"); return nil }

func (s panickingStore) LockToken(context.Context, string, time.Duration) (func(), error) {
	s.in("LockToken")
	if s == "no release" {
		return nil, nil
	}
	return func() { s.in("release") }, nil
}

// TestTokenStorePanics: the client continues without the store, also when it renews
// its token in the background.
func TestTokenStorePanics(t *testing.T) {
	for _, method := range []string{"Load", "Save", "LockToken", "release", "no release"} {
		synctest.Test(t, func(t *testing.T) {
			var log lockedBuffer
			c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithTransport(roundTripper(tokens)), pay.WithTokenStore(panickingStore(method)), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if _, err := c.GetInvoice(t.Context(), "i"); err != nil {
					t.Errorf("%s panics: %v", method, err)
				}
				time.Sleep(55 * time.Minute)
			}
			if strings.Contains(log.String(), "panicked") != (method != "no release") || strings.Contains(log.String(), "canary") {
				t.Errorf("%s panics: the log is %q", method, log.String())
			}
		})
	}
}

// TestClockPanics: a clock panics at each of its calls in turn. The payment is made.
func TestClockPanics(t *testing.T) {
	for at := range int32(20) {
		var calls atomic.Int32
		clock := func() time.Time {
			if calls.Add(1) == at {
				panic("canary")
			}
			return time.Now()
		}
		c := newClient(t, statuses(503, 200), pay.WithClock(clock), pay.WithRandom(zeros{}))
		if _, err := c.CreatePayment(t.Context(), gateway.CreatePaymentRequest{}); err != nil {
			t.Errorf("call %d of the clock panics: %v", at, err)
		}
		q, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithTransport(roundTripper(tokens)), pay.WithClock(clock))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := q.GetInvoice(t.Context(), "i"); err != nil {
				t.Errorf("call %d of the clock panics: %v", at, err)
			}
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panic("canary") }

func (panickingReader) Close() error { panic("canary") }

// TestRandomPanics: without an idempotency key nothing is sent; a pause is the longest.
func TestRandomPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, statuses(503, 200), pay.WithRandom(panickingReader{}))
		_, err := c.CreatePayment(t.Context(), gateway.CreatePaymentRequest{})
		if e, ok := errors.AsType[*apierr.Error](err); !ok || e.Attempts != 0 || e.Outcome() != apierr.OutcomeNotApplied || strings.Contains(err.Error(), "canary") {
			t.Errorf("got error %v, want one of a call that was not sent", err)
		}
		start := time.Now()
		_, err = c.CreatePayment(t.Context(), gateway.CreatePaymentRequest{}, pay.WithIdempotencyKey("k"))
		if err != nil || time.Since(start) != 200*time.Millisecond {
			t.Errorf("got error %v after %v, want success after the longest pause", err, time.Since(start))
		}
	})
}

// TestTransportPanics: a payment may have been made.
func TestTransportPanics(t *testing.T) {
	for name, rt := range map[string]roundTripper{
		"RoundTrip": func(*http.Request) (*http.Response, error) { panic(fmt.Errorf("canary")) },
		"the body": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: panickingReader{}}, nil
		},
		"the body of an error": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 500, Header: http.Header{}, Body: panickingReader{}}, nil
		},
		"Close of the body, after an error": func(*http.Request) (*http.Response, error) {
			return &http.Response{Body: panickingReader{}}, io.ErrUnexpectedEOF
		},
	} {
		c := newClient(t, rt, pay.WithMaxAttempts(1))
		_, err := c.CreatePayment(t.Context(), gateway.CreatePaymentRequest{})
		if !errors.Is(err, apierr.ErrOutcomeUnknown) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s panics: got error %v, want an unknown outcome", name, err)
		}
		q, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithTransport(rt), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.GetInvoice(t.Context(), "i"); !errors.Is(err, apierr.ErrUnavailable) && !errors.Is(err, apierr.ErrProvider) {
			t.Errorf("%s panics during a login: got error %v", name, err)
		}
	}
}
