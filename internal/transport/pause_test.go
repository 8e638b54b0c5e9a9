package transport_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// always is a transport that responds with one status.
type always int

func (a always) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(a), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}, nil
}

// attemptEnd is an observer of the ends of attempts.
type attemptEnd func(pay.Attempt, pay.AttemptResult)

func (attemptEnd) StartCall(ctx context.Context, _ pay.Call) context.Context { return ctx }

func (attemptEnd) EndCall(context.Context, pay.Call, pay.CallResult) {}

func (attemptEnd) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }

func (f attemptEnd) EndAttempt(_ context.Context, a pay.Attempt, r pay.AttemptResult) { f(a, r) }

// pauses returns n pauses after each attempt number, as an observer receives them.
func pauses(t *testing.T, status, n int) (after [10][]time.Duration) {
	random := rand.NewChaCha8([32]byte{7})
	observer := attemptEnd(func(a pay.Attempt, r pay.AttemptResult) {
		if r.Wait > 0 && a.Number < len(after) {
			after[a.Number] = append(after[a.Number], r.Wait)
		}
	})
	for len(after[9]) < n {
		c, err := newClient(profile(), pay.WithTransport(always(status)), pay.WithMaxAttempts(10), pay.WithTotalTimeout(time.Hour), pay.WithRandom(random), pay.WithObserver(observer))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 { // as many as the budget of one client allows
			_, _ = call(t.Context(), c, &read)
		}
	}
	return after
}

func TestPauses(t *testing.T) {
	const n = 10_000
	for _, tt := range []struct {
		status    int
		base, low time.Duration // limit of the first pause, and the shortest pause in halves of the limit
	}{{503, 200 * time.Millisecond, 0}, {429, time.Second, 1}} {
		var after [10][]time.Duration
		synctest.Test(t, func(t *testing.T) { after = pauses(t, tt.status, n) })
		for number := 1; number < len(after); number++ {
			top := min(tt.base<<(number-1), 10*time.Second)
			low := top / 2 * tt.low
			tenths, sum := [10]int{}, 0.0
			for _, d := range after[number] {
				if d < low || d > top {
					t.Fatalf("%d: %v after attempt %d, want between %v and %v", tt.status, d, number, low, top)
				}
				sum += float64(d)
				tenths[min(int(10*(d-low)/(top-low)), 9)]++
			}
			got, want := sum/float64(len(after[number])), float64(low+top)/2
			if max(got/want-1, 1-got/want) > 0.02 {
				t.Errorf("%d: a mean of %v after attempt %d, want %v", tt.status, time.Duration(got), number, time.Duration(want))
			}
			for i, have := range tenths { // five standard deviations
				if share := len(after[number]) / 10; have < share-150 || have > share+150 {
					t.Errorf("%d: %d of %d pauses in tenth %d after attempt %d; not uniform", tt.status, have, len(after[number]), i, number)
				}
			}
		}
	}
}

// TestCancelDuringPause cancels the context during each kind of pause.
func TestCancelDuringPause(t *testing.T) {
	for name, tt := range map[string]struct {
		status  int
		headers []string
		cancel  time.Duration
	}{
		"Retry-After":   {503, []string{"Retry-After", "20"}, 7 * time.Second},
		"a pause":       {503, nil, time.Millisecond},
		"a throttled":   {429, nil, 100 * time.Millisecond},
		"the last wait": {429, []string{"Retry-After", "10"}, 15 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{script: []http.HandlerFunc{respond(tt.status, `{"error":"BUSY"}`, tt.headers...)}}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(tt.cancel, cancel)
			start := time.Now()
			_, err := call(ctx, client(t, s, pay.WithRandom(ones{})), &read)
			var e *apierr.Error
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got error %v, want one that is %v", name, err, context.Canceled)
			}
			if took := time.Since(start); took != tt.cancel {
				t.Errorf("%s: duration: got %v, want %v", name, took, tt.cancel)
			}
			if !errors.As(err, &e) {
				t.Fatalf("%s: got error %v, want an *apierr.Error", name, err)
			}
			if e.StatusCode != tt.status {
				t.Errorf("%s: StatusCode: got %d, want that of the last response, %d", name, e.StatusCode, tt.status)
			}
			if e.RawCode != "BUSY" {
				t.Errorf("%s: RawCode: got %q, want that of the last response, %q", name, e.RawCode, "BUSY")
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := transport.Wait(ctx, "inquire", time.Minute, func(context.Context) (*resource, bool, error) { return &resource{}, false, nil })
		if !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("between two polls: %v after %v", err, time.Since(start))
		}
	})
}

// ones is a source of randomness that makes every pause as long as possible.
type ones struct{}

func (ones) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xff
	}
	return len(p), nil
}

// TestNoPauseBeyondDeadline: a call does not begin a pause that would end after its
// deadline.
func TestNoPauseBeyondDeadline(t *testing.T) {
	for name, tt := range map[string]struct {
		headers []string
		limit   func(context.Context) (context.Context, context.CancelFunc, []pay.CallOption)
	}{
		"Retry-After, the call's limit": {[]string{"Retry-After", "1.2"}, func(ctx context.Context) (context.Context, context.CancelFunc, []pay.CallOption) {
			return ctx, func() {}, []pay.CallOption{pay.WithCallTimeout(time.Second)}
		}},
		"a pause, the caller's deadline": {nil, func(ctx context.Context) (context.Context, context.CancelFunc, []pay.CallOption) {
			ctx, cancel := context.WithTimeout(ctx, 900*time.Millisecond)
			return ctx, cancel, nil
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{script: []http.HandlerFunc{respond(429, `{"error":"BUSY"}`, tt.headers...)}}
			ctx, cancel, opts := tt.limit(t.Context())
			defer cancel()
			start := time.Now()
			_, err := call(ctx, client(t, s, pay.WithRandom(ones{})), &read, opts...)
			var e *apierr.Error
			if took := time.Since(start); took != 0 {
				t.Errorf("%s: duration: got %v, want no pause", name, took)
			}
			if n := s.requests(); n != 1 {
				t.Errorf("%s: requests: got %d, want 1", name, n)
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got error %v, want one that is not %v", name, err, context.DeadlineExceeded)
			}
			if !errors.As(err, &e) {
				t.Fatalf("%s: got error %v, want an *apierr.Error", name, err)
			}
			if e.RawCode != "BUSY" {
				t.Errorf("%s: RawCode: got %q, want %q", name, e.RawCode, "BUSY")
			}
		})
	}
}

// TestTimeouts: an attempt that hangs ends by its own timeout, not by that of the
// call.
func TestTimeouts(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, tt := range map[string]struct {
		op       *transport.Operation
		script   []http.HandlerFunc
		opts     []pay.CallOption
		ok       bool
		from, to time.Duration
		requests int
	}{
		"one hangs, the next succeeds":      {&read, []http.HandlerFunc{hang, ok}, nil, true, 30 * time.Second, 31 * time.Second, 2},
		"a keyless write hangs":             {&keyless, []http.HandlerFunc{hang}, nil, false, 30 * time.Second, 30 * time.Second, 1},
		"all hang":                          {&read, []http.HandlerFunc{hang}, nil, false, 59 * time.Second, 60 * time.Second, 2},
		"an attempt's limit of the call":    {&read, []http.HandlerFunc{hang, ok}, []pay.CallOption{pay.WithCallAttemptTimeout(2 * time.Second)}, true, 2 * time.Second, 3 * time.Second, 2},
		"a total of the call":               {&read, []http.HandlerFunc{hang}, []pay.CallOption{pay.WithCallTimeout(5 * time.Second)}, false, 5 * time.Second, 5 * time.Second, 1},
		"both, and the total ends the call": {&read, []http.HandlerFunc{hang}, []pay.CallOption{pay.WithCallTimeout(5 * time.Second), pay.WithCallAttemptTimeout(4 * time.Second)}, false, 4 * time.Second, 5 * time.Second, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{script: tt.script}
			start := time.Now()
			_, err := call(t.Context(), client(t, s), tt.op, tt.opts...)
			took := time.Since(start)
			if (err == nil) != tt.ok {
				t.Errorf("%s: got error %v, want success: %t", name, err, tt.ok)
			}
			if took < tt.from || took > tt.to {
				t.Errorf("%s: duration: got %v, want %v to %v", name, took, tt.from, tt.to)
			}
			if n := s.requests(); n != tt.requests {
				t.Errorf("%s: requests: got %d, want %d", name, n, tt.requests)
			}
			if unknown := errors.Is(err, apierr.ErrOutcomeUnknown); err != nil && (!errors.Is(err, context.DeadlineExceeded) || unknown != (tt.op == &keyless)) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}
