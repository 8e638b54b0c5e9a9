package qpay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// tokens is a QPay server that hands out tokens and serves one read.
type tokens struct {
	mu       sync.Mutex
	logins   int
	refreshs int
	live     string        // the access token that is accepted
	life     time.Duration // of a token
	expires  string        // the literal expires_in; "" = epoch of now+life
	skew     time.Duration // of the server's clock
	delay    time.Duration // of the token calls
	refuse   time.Duration // until a refusal leaves
	ends     time.Time     // when the live token ends, by the server's clock
	late     int           // reads with a token that had ended
	fail     atomic.Int32  // status of the token calls, when not 0
	reads    atomic.Int32
}

func (s *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now().Add(s.skew)
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasPrefix(r.URL.Path, "/v2/auth/") {
		s.reads.Add(1)
		s.mu.Lock()
		ok := r.Header.Get("Authorization") == "Bearer "+s.live
		if !s.ends.IsZero() && !now.Before(s.ends) {
			s.late++
		}
		s.mu.Unlock()
		if !ok {
			time.Sleep(s.refuse)
			if strings.HasSuffix(r.URL.Path, "slow") {
				time.Sleep(5 * time.Second)
			}
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"NO_CREDENTIALS","message":"NO_CREDENTIALS"}`)
			return
		}
		fmt.Fprint(w, `{"invoice_id":"i","invoice_status":"OPEN"}`)
		return
	}
	time.Sleep(s.delay) // fake time: the tests run in a bubble
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "refresh") {
		s.refreshs++
	} else {
		s.logins++
	}
	if code := int(s.fail.Load()); code != 0 {
		w.WriteHeader(code)
		fmt.Fprint(w, `busy`)
		return
	}
	s.live = fmt.Sprintf("access-%d", s.logins+s.refreshs)
	s.ends = now.Add(s.life)
	exp := `"expires_in":` + s.expires + ","
	switch s.expires {
	case "":
		exp = fmt.Sprintf(`"expires_in":%d,`, s.ends.Unix())
	case "missing":
		exp = ""
	}
	fmt.Fprintf(w, `{"token_type":"bearer","access_token":%q,"refresh_token":"r-%s",%s"refresh_expires_in":%d}`,
		s.live, s.live, exp, now.Add(28*time.Hour).Unix())
}

func (s *tokens) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins + s.refreshs
}

func (s *tokens) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = "revoked"
}

// tokenClient brings the bubble to our days first: it starts in the year 2000,
// whose Unix seconds are too small to be told from durations.
func tokenClient(t *testing.T, s *tokens, opts ...pay.Option) *qpay.Client {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)))
	c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"},
		append([]pay.Option{pay.WithBaseURL("http://localhost"), pay.WithTransport(contract.Pipe(t, s))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// together runs n calls at once and returns their errors.
func together(n int, call func() error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = call() })
	}
	wg.Wait()
	return errs
}

func TestT1_OneTokenRequestForManyCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slowest time.Duration
		s := &tokens{life: 24 * time.Hour, delay: 50 * time.Millisecond}
		c := tokenClient(t, s)
		call := func() error { _, err := c.GetInvoice(t.Context(), "i"); return err }
		for _, when := range []string{"none yet", "expired"} {
			before, start := s.requests(), time.Now()
			if err := errors.Join(together(200, call)...); err != nil {
				t.Fatal(err)
			}
			if got := s.requests() - before; got != 1 {
				t.Errorf("%s: %d token requests for 200 callers, want 1", when, got)
			}
			if slowest = max(slowest, time.Since(start)); slowest > 250*time.Millisecond {
				t.Errorf("%s: took %v, want one flight", when, slowest)
			}
			time.Sleep(25 * time.Hour)
		}
		contract.Figure(t, "1 token request and 200 successes in %v of fake time, for none yet and for an expired one", slowest)
	})
}

func TestT2_FailedTokenRequestIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The pauses are the same for both clients: their randomness is all zero bytes.
		s := &tokens{life: time.Hour, delay: 50 * time.Millisecond}
		s.fail.Store(503)
		fails := func(c *qpay.Client, callers int) (errs []error, took time.Duration) {
			start := time.Now()
			errs = together(callers, func() error { _, err := c.GetInvoice(t.Context(), "i"); return err })
			return errs, time.Since(start)
		}
		_, one := fails(tokenClient(t, s, pay.WithRandom(zeros{})), 1)
		before := s.requests()
		c := tokenClient(t, s, pay.WithRandom(zeros{}))
		errs, all := fails(c, 200)
		for _, err := range errs {
			if !errors.Is(err, apierr.ErrUnavailable) || errors.Is(err, apierr.ErrOutcomeUnknown) || !errors.Is(err, errs[0]) {
				t.Fatalf("got %v, want the one refused, not applied call that all share", err)
			}
		}
		flight := s.requests() - before
		if flight > 3 || all > one+50*time.Millisecond {
			t.Errorf("%d token requests in %v, want at most one flight's 3 and its %v", flight, all, one)
		}
		again, _ := fails(c, 1)
		if again[0] == nil || s.requests() != before+flight {
			t.Errorf("within a second: %v and %d more requests, want the shared error and none", again[0], s.requests()-before-flight)
		}
		s.fail.Store(0)
		time.Sleep(1100 * time.Millisecond)
		if later, _ := fails(c, 1); later[0] != nil {
			t.Errorf("after the pause: %v", later[0])
		}
		contract.Figure(t, "%d token requests, 200 callers share one error after %v (one caller alone: %v), 0 requests within the next second", flight, all, one)
	})
}

// zeros is randomness that makes every pause the shortest.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestT3_WaiterKeepsItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokens{life: time.Hour, delay: 10 * time.Second}
		c := tokenClient(t, s)
		first, cancel := context.WithCancel(t.Context())
		var patient error
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = c.GetInvoice(first, "i") })
		synctest.Wait()
		wg.Go(func() { _, patient = c.GetInvoice(t.Context(), "i") })
		hasty, done := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer done()
		start := time.Now()
		_, err := c.GetInvoice(hasty, "i")
		took := time.Since(start)
		if !errors.Is(err, context.DeadlineExceeded) || took > 120*time.Millisecond {
			t.Errorf("hasty waiter: %v after %v", err, took)
		}
		cancel() // the caller who started the flight gives up; the flight goes on
		wg.Wait()
		if patient != nil || s.requests() != 1 {
			t.Errorf("patient waiter: %v, %d token requests", patient, s.requests())
		}
		contract.Figure(t, "the waiter with 100ms is back after %v of fake time; the first caller cancels, the other gets the token of 1 request", took)
	})
}

// TestT4_RevokedTokenIsReplacedOnce holds the refusals back until all 50 calls
// have left with the old token.
func TestT4_RevokedTokenIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokens{life: 24 * time.Hour, delay: 20 * time.Millisecond, refuse: 10 * time.Millisecond}
		c := tokenClient(t, s)
		call := func() error { _, err := c.GetInvoice(t.Context(), "i"); return err }
		if err := call(); err != nil {
			t.Fatal(err)
		}
		s.revoke()
		reads := s.reads.Load()
		if err := errors.Join(together(50, call)...); err != nil {
			t.Fatal(err)
		}
		if s.logins != 2 || s.refreshs != 0 {
			t.Errorf("%d logins and %d refreshs, want the revoked pair replaced by one login", s.logins, s.refreshs)
		}
		if got := s.reads.Load() - reads; got != 100 {
			t.Errorf("%d requests for 50 calls, want each refused once and replayed once", got)
		}
		contract.Figure(t, "50 refusals, %d login, 50 replays", s.logins-1)
	})
}

// TestLateRefusalKeepsTheNewToken: a call that was refused with the old token,
// but hears of it only after another call brought a new one, takes that one.
func TestLateRefusalKeepsTheNewToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokens{life: 24 * time.Hour}
		c := tokenClient(t, s)
		_, err := c.GetInvoice(t.Context(), "first")
		fatal(t, err)
		s.revoke()
		var slow error
		var wg sync.WaitGroup
		wg.Go(func() { _, slow = c.GetInvoice(t.Context(), "slow") })
		synctest.Wait() // its refusal is on the way
		_, err = c.GetInvoice(t.Context(), "quick")
		fatal(t, err)
		wg.Wait()
		if slow != nil || s.logins != 2 {
			t.Errorf("%v, %d logins, want one for the first token and one for its successor", slow, s.logins)
		}
	})
}

func TestTokenStoreIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, shared := &tokens{life: 24 * time.Hour}, &tokenStore{}
		a, b := tokenClient(t, s, pay.WithTokenStore(shared)), tokenClient(t, s, pay.WithTokenStore(shared))
		for _, c := range []*qpay.Client{a, b, a} {
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
		}
		if s.logins != 1 || !strings.HasPrefix(shared.key, "qpay ") || strings.Contains(shared.key, "p@ss") {
			t.Errorf("%d logins, key %q", s.logins, shared.key)
		}
		s.revoke() // the store still holds the dead token
		for _, c := range []*qpay.Client{a, b} {
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
		}
		if s.logins != 2 {
			t.Errorf("%d logins, want one for both after the token died", s.logins)
		}
		shared.err = errors.New("store is away")
		s.revoke()
		for _, c := range []*qpay.Client{a, b} {
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
		}
	})
}

type tokenStore struct {
	token pay.Token
	key   string
	err   error
}

func (s *tokenStore) Load(_ context.Context, key string) (pay.Token, error) {
	s.key = key
	return s.token, s.err
}

func (s *tokenStore) Save(_ context.Context, _ string, t pay.Token) error {
	if s.err == nil {
		s.token = t
	}
	return s.err
}

// revoker is an observer that revokes each token as soon as it was fetched.
type revoker struct{ server *tokens }

func (revoker) StartCall(ctx context.Context, _ pay.Call) context.Context { return ctx }

func (revoker) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }

func (revoker) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult) {}

func (r revoker) EndCall(_ context.Context, c pay.Call, _ pay.CallResult) {
	if c.Operation == "createToken" {
		r.server.revoke()
	}
}

func TestT4_Second401IsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokens{life: 24 * time.Hour}
		c := tokenClient(t, s, pay.WithObserver(revoker{s}))
		_, err := c.GetInvoice(t.Context(), "i")
		var e *apierr.Error
		if !errors.As(err, &e) || !errors.Is(err, qpay.ErrNoCredentials) || e.Attempts != 2 || s.logins != 2 {
			t.Errorf("%v, %d logins; want the second 401 after one replay", err, s.logins)
		}
		contract.Figure(t, "the second 401 is returned after %d attempts", e.Attempts)
	})
}

func TestPermissionDeniedKeepsTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logins atomic.Int32
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/auth/token" {
				logins.Add(1)
				fmt.Fprintf(w, `{"access_token":"a","expires_in":%d}`, time.Now().Add(time.Hour).Unix())
				return
			}
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"PERMISSION_DENIED","message":"PERMISSION_DENIED"}`)
		})
		c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"), pay.WithTransport(contract.Pipe(t, h)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.GetInvoice(t.Context(), "i")
		if !errors.Is(err, qpay.ErrPermissionDenied) || logins.Load() != 1 {
			t.Errorf("%v after %d logins, want PERMISSION_DENIED and no second login", err, logins.Load())
		}
	})
}

func TestT7_RenewalAheadOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokens{life: 24 * time.Hour, delay: 5 * time.Second}
		c := tokenClient(t, s)
		calls := func(n int) time.Duration {
			start := time.Now()
			if err := errors.Join(together(n, func() error { _, err := c.GetInvoice(t.Context(), "i"); return err })...); err != nil {
				t.Error(err)
			}
			return time.Since(start)
		}
		calls(1)
		time.Sleep(20*time.Hour + 20*time.Minute) // just before 85 %
		if calls(1); s.requests() != 1 {
			t.Errorf("%d token requests before 85 %% of the life", s.requests())
		}
		time.Sleep(10 * time.Minute)
		s.fail.Store(401) // the refresh token and the password are refused, once each
		waited := calls(50)
		time.Sleep(15 * time.Second)
		waited = max(waited, calls(50)) // the renewal has failed, and is not tried again so soon
		time.Sleep(45 * time.Second)
		if s.refreshs != 1 || s.logins != 2 {
			t.Errorf("%d refreshs and %d logins, want one early renewal that failed", s.refreshs, s.logins)
		}
		s.fail.Store(0)
		waited = max(waited, calls(50))
		time.Sleep(time.Minute)
		before := s.requests()
		if waited > 0 || s.refreshs != 2 || s.logins != 2 {
			t.Errorf("calls waited up to %v, %d refreshs, %d logins; want the old token at once and one renewal", waited, s.refreshs, s.logins)
		}
		time.Sleep(10 * time.Hour)
		if calls(1); s.requests() != before {
			t.Errorf("%d more token requests, want the renewed token used", s.requests()-before)
		}
		contract.Figure(t, "at 85.4 %% of the life 50 callers wait %v for a 5s endpoint, 1 background refresh; one that failed showed in 0 of 100 calls", waited)
	})
}

func TestT5_ExpiresIn(t *testing.T) {
	day := 24 * time.Hour
	rows := []struct {
		name, literal string
		life          time.Duration // the token must serve until shortly before
	}{
		{"a point in time", "", day}, // the server's own: a day from now
		{"600 seconds", "600", 10 * time.Minute},
		{"3600 seconds", "3600", time.Hour},
		{"seconds as text", `"3600"`, time.Hour},
		{"a fraction", "3600.7", time.Hour},
		{"an exponent", "3.6e3", time.Hour},
		{"more than a day", "999999999", day},
		{"far future", "99999999999", day},
		{"huge", "1e300", 0},
		{"beyond int64", "99999999999999999999", day},
		{"zero", "0", 0},
		{"negative", "-5", 0},
		{"null", "null", 0},
		{"no number", `"soon"`, 0},
		{"empty text", `""`, 0},
		{"a past moment", "1000000000", 0},
		{"missing", "missing", 0},
	}
	contract.Figure(t, "%d rows", len(rows))
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &tokens{expires: tt.literal, life: day}
				c := tokenClient(t, s)
				call := func() { _, err := c.GetInvoice(t.Context(), "i"); fatal(t, err) }
				call()
				if tt.life == 0 {
					call()
					if got := s.requests(); got != 2 {
						t.Errorf("%d token requests for two calls, want one for each", got)
					}
					return
				}
				time.Sleep(tt.life * 8 / 10)
				call()
				if got := s.requests(); got != 1 {
					t.Errorf("%d token requests within the token's life, want 1", got)
				}
				time.Sleep(tt.life/5 - 20*time.Second)
				call()
				time.Sleep(time.Second)
				if got := s.requests(); got != 2 {
					t.Errorf("%d token requests at the end of its life, want 2", got)
				}
			})
		})
	}
}

// TestT6_WrongClock lives through three lives of a token with a clock that is
// wrong, for both forms in which QPay says how long a token lives.
func TestT6_WrongClock(t *testing.T) {
	const life = 6 * time.Hour
	var clocks, calls, requests, late int
	for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute, 24 * time.Hour, -24 * time.Hour} {
		for form, expires := range map[string]string{"moment": "", "seconds": fmt.Sprint(life.Seconds())} {
			t.Run(ahead.String()+" "+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &tokens{life: life, expires: expires}
					c := tokenClient(t, s, pay.WithClock(func() time.Time { return time.Now().Add(ahead) }))
					for range 3 * life / (5 * time.Minute) {
						_, err := c.GetInvoice(t.Context(), "i")
						fatal(t, err)
						calls++
						time.Sleep(5 * time.Minute)
					}
					// Each of them serves for 85 % of its life, so three lives take four.
					if got := s.requests(); got != 4 || s.late != 0 {
						t.Errorf("%d token requests in three lives, want 4; %d calls with a token that had ended", got, s.late)
					}
					clocks, requests, late = clocks+1, requests+s.requests(), late+s.late
				})
			})
		}
	}
	contract.Figure(t, "%d wrong clocks, %d calls in 3 lives each: %d with a dead token; %d token requests, one per 85 %% of a life", clocks, calls, late, requests)
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
