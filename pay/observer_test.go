package pay_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// recorder is an observer that writes events down under the names of the calls
// and attempts whose contexts enclose them.
type recorder struct {
	mu      sync.Mutex
	events  []string
	results []any
	open    int
}

type enclosing struct{}

func (r *recorder) start(ctx context.Context, name string) context.Context {
	parent, _ := ctx.Value(enclosing{}).(string)
	path := strings.TrimPrefix(parent+" > "+name, " > ")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events, r.open = append(r.events, "+ "+path), r.open+1
	return context.WithValue(ctx, enclosing{}, path)
}

func (r *recorder) end(ctx context.Context, name string, result any) {
	path, _ := ctx.Value(enclosing{}).(string)
	if !strings.HasSuffix(path, name) {
		path += ", not " + name
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events, r.results, r.open = append(r.events, "- "+path), append(r.results, result), r.open-1
}

func (r *recorder) StartCall(ctx context.Context, c pay.Call) context.Context {
	return r.start(ctx, c.Operation)
}

func (r *recorder) EndCall(ctx context.Context, c pay.Call, res pay.CallResult) {
	r.end(ctx, c.Operation, res)
}

func (r *recorder) StartAttempt(ctx context.Context, a pay.Attempt) context.Context {
	return r.start(ctx, fmt.Sprint(a.Number))
}

func (r *recorder) EndAttempt(ctx context.Context, a pay.Attempt, res pay.AttemptResult) {
	r.end(ctx, fmt.Sprint(a.Number), res)
}

func (r *recorder) check(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(r.events, want) {
		t.Errorf("events:\n%s\nwant:\n%s", strings.Join(r.events, "\n"), strings.Join(want, "\n"))
	}
}

// last returns the result of the call, which ends last.
func (r *recorder) last() pay.CallResult {
	res, _ := r.results[len(r.results)-1].(pay.CallResult)
	return res
}

func respond(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

const payment = `{"payment_id":"p","status":"succeeded","amount_minor":1,"currency":"IDR","checkout_url":"https://psp.example"}`

// statuses responds with one status after another; a 200 has a payment.
func statuses(list ...int) roundTripper {
	return func(*http.Request) (*http.Response, error) {
		status := list[0]
		list = list[min(1, len(list)-1):]
		if status == 0 {
			return nil, errors.New("connection reset")
		}
		return respond(status, map[bool]string{true: payment}[status == 200])
	}
}

func TestObserverRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		c := newClient(t, func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return statuses(503)(nil)
		}, pay.WithObserver(&r))
		_, err := c.GetPayment(t.Context(), "p")
		r.check(t, "+ getPayment", "+ getPayment > 1", "- getPayment > 1", "+ getPayment > 2", "- getPayment > 2", "+ getPayment > 3", "- getPayment > 3", "- getPayment")
		var pauses time.Duration
		for i, res := range r.results[:3] {
			a, _ := res.(pay.AttemptResult)
			if a.StatusCode != 503 || a.Duration != time.Second || !errors.Is(a.Err, apierr.ErrUnavailable) || (a.Wait > 0) != (i < 2) {
				t.Errorf("attempt %d: %+v", i+1, a)
			}
			pauses += a.Wait
		}
		if got, want := r.last(), (pay.CallResult{StatusCode: 503, Attempts: 3, Duration: 3*time.Second + pauses, Err: err}); got != want {
			t.Errorf("call: %+v, want %+v", got, want)
		}
	})
}

func TestObserverOneAttempt(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx    context.Context
		status int
		want   pay.CallResult
		cause  error
	}{
		"success":          {t.Context(), 200, pay.CallResult{StatusCode: 200, Attempts: 1}, nil},
		"refused":          {t.Context(), 403, pay.CallResult{StatusCode: 403, Attempts: 1}, apierr.ErrPermission},
		"context canceled": {canceled, 200, pay.CallResult{StatusCode: 0, Attempts: 0}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			var r recorder
			c := newClient(t, func(req *http.Request) (*http.Response, error) {
				if err := req.Context().Err(); err != nil {
					return nil, err
				}
				return statuses(tt.status)(req)
			}, pay.WithObserver(&r), pay.WithClock(func() time.Time { return time.Unix(1e9, 0) }))
			_, err := c.GetPayment(tt.ctx, "p")
			r.check(t, "+ getPayment", "+ getPayment > 1", "- getPayment > 1", "- getPayment")
			tt.want.Err = err
			if got := r.last(); got != tt.want || !errors.Is(err, tt.cause) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestObserverCanceledDuringPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		c := newClient(t, statuses(429), pay.WithObserver(&r))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(time.Millisecond, cancel)
		_, err := c.GetPayment(ctx, "p")
		r.check(t, "+ getPayment", "+ getPayment > 1", "- getPayment > 1", "- getPayment")
		if got := r.last(); !errors.Is(err, context.Canceled) || !errors.Is(got.Err, context.Canceled) || got.Attempts != 1 {
			t.Errorf("%v; observed %+v", err, got)
		}
	})
}

func TestObserverInvalidOption(t *testing.T) {
	var r recorder
	c := newClient(t, statuses(200), pay.WithObserver(&r))
	_, err := c.GetPayment(t.Context(), "p", pay.WithCallTimeout(-1))
	r.check(t, "+ getPayment", "- getPayment")
	if got := r.last(); err == nil || !errors.Is(got.Err, err) || got.Attempts != 0 || got.StatusCode != 0 {
		t.Errorf("%v; observed %+v", err, got)
	}
}

// TestObserverNestsTokens revokes the first token: the second one is fetched
// below the attempt that replays the request.
func TestObserverNestsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		tokens := 0
		c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithObserver(&r), pay.WithTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
			switch {
			case req.URL.Path == "/v2/auth/token":
				tokens++
				return respond(200, fmt.Sprintf(`{"access_token":"t%d","expires_in":3600}`, tokens))
			case req.Header.Get("Authorization") == "Bearer t2":
				return respond(200, `{"invoice_id":"i","invoice_status":"OPEN"}`)
			}
			return respond(401, `{"error":"NO_CREDENTIALS","message":"NO_CREDENTIALS"}`)
		})))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.GetInvoice(t.Context(), "i"); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, attempt := range []string{"getInvoice > 1", "getInvoice > 2"} {
			want = append(want, "+ "+attempt, "+ "+attempt+" > createToken", "+ "+attempt+" > createToken > 1", "- "+attempt+" > createToken > 1", "- "+attempt+" > createToken", "- "+attempt)
		}
		r.check(t, slices.Concat([]string{"+ getInvoice"}, want, []string{"- getInvoice"})...)
	})
}

func TestObserverIdempotencyKey(t *testing.T) {
	var o observed
	c := newClient(t, statuses(200), pay.WithObserver(&o))
	_, _ = c.GetPayment(t.Context(), "p")
	_, _ = c.CreatePayment(t.Context(), gateway.CreatePaymentRequest{})
	want := []pay.Call{{Provider: "gateway", Operation: "getPayment"}, {Provider: "gateway", Operation: "createPayment", IdempotencyKey: true}}
	if !slices.Equal(o.calls, want) {
		t.Errorf("%+v, want %+v", o.calls, want)
	}
}

// observed keeps the calls that ended.
type observed struct {
	recorder
	calls []pay.Call
}

func (o *observed) EndCall(_ context.Context, c pay.Call, _ pay.CallResult) {
	o.calls = append(o.calls, c)
}

// panicking panics in the method of its name, or returns nil contexts.
type panicking string

func (p panicking) in(method string) context.Context {
	if string(p) == method {
		panic("canary")
	}
	return nil
}

func (p panicking) StartCall(context.Context, pay.Call) context.Context { return p.in("StartCall") }

func (p panicking) EndCall(context.Context, pay.Call, pay.CallResult) { p.in("EndCall") }

func (p panicking) StartAttempt(context.Context, pay.Attempt) context.Context {
	return p.in("StartAttempt")
}

func (p panicking) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult) { p.in("EndAttempt") }

func TestObserverPanics(t *testing.T) {
	for _, method := range []string{"StartCall", "EndCall", "StartAttempt", "EndAttempt", "no method, but nil contexts"} {
		var log strings.Builder
		c := newClient(t, statuses(200), pay.WithObserver(panicking(method)), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		p, err := c.GetPayment(t.Context(), "p")
		if err != nil || p.PaymentID != "p" {
			t.Errorf("%s: %v, want the payment", method, err)
		}
		if panicked := !strings.HasPrefix(method, "no"); strings.Contains(log.String(), "panicked") != panicked || strings.Contains(log.String(), "canary") {
			t.Errorf("%s: log %q", method, log.String())
		}
	}
}

func TestObserverConcurrentCalls(t *testing.T) {
	var r recorder
	c := newClient(t, func(*http.Request) (*http.Response, error) { return respond(200, payment) }, pay.WithObserver(&r))
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := c.GetPayment(context.Background(), "p"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(r.events)
	if len(slices.Compact(r.events)) != 4 || len(r.results) != 100 || r.open != 0 {
		t.Errorf("%d ends, %d starts without an end", len(r.results), r.open)
	}
}

func TestNoObserver(t *testing.T) {
	c := newClient(t, statuses(200), pay.WithObserver(nil))
	if _, err := c.GetPayment(t.Context(), "p"); err != nil {
		t.Error(err)
	}
}
