package qpay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// tokenServer is a QPay server that issues tokens and serves one read.
type tokenServer struct {
	mu       sync.Mutex
	logins   int
	renewals int
	valid    string        // the access token that is accepted
	lifetime time.Duration // of a token
	expires  string        // the literal expires_in; "" = Unix seconds of now+lifetime
	skew     time.Duration // of the server's clock
	delay    time.Duration // of the token calls
	refuse   time.Duration // delay of a refusal
	ends     time.Time     // when the valid token expires, by the server's clock
	late     int           // reads with an expired token
	undated  bool          // responses have no Date header
	bare     bool          // there are no refresh tokens
	fail     atomic.Int32  // status of the token calls; 0 = success
	reads    atomic.Int32
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now().Add(s.skew)
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	if s.undated {
		w.Header()["Date"] = nil
	}
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasPrefix(r.URL.Path, "/v2/auth/") {
		s.reads.Add(1)
		s.mu.Lock()
		ok := r.Header.Get("Authorization") == "Bearer "+s.valid
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
		fmt.Fprintf(w, `{"invoice_id":%q,"invoice_status":"OPEN"}`, path.Base(r.URL.Path))
		return
	}
	time.Sleep(s.delay) // fake time: the tests run in a synctest bubble
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "refresh") {
		s.renewals++
	} else {
		s.logins++
	}
	if code := int(s.fail.Load()); code != 0 {
		w.WriteHeader(code)
		fmt.Fprint(w, `busy`)
		return
	}
	s.valid = fmt.Sprintf("access-%d", s.logins+s.renewals)
	s.ends = now.Add(s.lifetime)
	exp := `"expires_in":` + s.expires + ","
	switch s.expires {
	case "":
		exp = fmt.Sprintf(`"expires_in":%d,`, s.ends.Unix())
	case "missing":
		exp = ""
	}
	refresh := fmt.Sprintf(`"refresh_token":"r-%s",`, s.valid)
	if s.bare {
		refresh = ""
	}
	fmt.Fprintf(w, `{"token_type":"bearer","access_token":%q,%s%s"refresh_expires_in":%d}`, s.valid, refresh, exp, now.Add(28*time.Hour).Unix())
}

func (s *tokenServer) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins + s.renewals
}

func (s *tokenServer) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.valid = "revoked"
}

// tokenClient advances the clock of the synctest bubble to 2026 first. It starts in
// the year 2000, whose Unix seconds would be read as a number of seconds.
func tokenClient(t *testing.T, s *tokenServer, opts ...pay.Option) *qpay.Client {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)))
	c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"},
		append([]pay.Option{pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, s))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// concurrently makes n calls at once and returns their errors.
func concurrently(n int, call func() error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = call() })
	}
	wg.Wait()
	return errs
}

func TestOneTokenRequestForManyCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slowest time.Duration
		s := &tokenServer{lifetime: 24 * time.Hour, delay: 50 * time.Millisecond}
		c := tokenClient(t, s)
		call := func() error { _, err := c.GetInvoice(t.Context(), "i"); return err }
		for _, when := range []string{"none yet", "expired"} {
			before, start := s.requests(), time.Now()
			if err := errors.Join(concurrently(200, call)...); err != nil {
				t.Fatal(err)
			}
			if got := s.requests() - before; got != 1 {
				t.Errorf("%s: %d token requests for 200 callers, want 1", when, got)
			}
			if slowest = max(slowest, time.Since(start)); slowest > 250*time.Millisecond {
				t.Errorf("%s: took %v, want one fetch", when, slowest)
			}
			time.Sleep(25 * time.Hour)
		}
	})
}

func TestFailedTokenRequestIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The pauses of both clients are the same: their randomness is all zero bytes.
		s := &tokenServer{lifetime: time.Hour, delay: 50 * time.Millisecond}
		s.fail.Store(503)
		fails := func(c *qpay.Client, callers int) (errs []error, took time.Duration) {
			start := time.Now()
			errs = concurrently(callers, func() error { _, err := c.GetInvoice(t.Context(), "i"); return err })
			return errs, time.Since(start)
		}
		_, one := fails(tokenClient(t, s, pay.WithRandom(zeros{})), 1)
		before := s.requests()
		c := tokenClient(t, s, pay.WithRandom(zeros{}))
		errs, all := fails(c, 200)
		for _, err := range errs {
			if !errors.Is(err, apierr.ErrUnavailable) || errors.Is(err, apierr.ErrOutcomeUnknown) || !errors.Is(err, errs[0]) {
				t.Fatalf("got %v, want the same error for all callers, with the outcome not applied", err)
			}
		}
		fetch := s.requests() - before
		if fetch > 3 || all > one+50*time.Millisecond {
			t.Errorf("%d token requests in %v, want the 3 of one fetch at most, and its %v", fetch, all, one)
		}
		for _, pause := range []time.Duration{0, 900 * time.Millisecond} {
			time.Sleep(pause)
			again, _ := fails(c, 1)
			if !errors.Is(again[0], errs[0]) || s.requests() != before+fetch {
				t.Errorf("within a second: %v and %d more requests, want the shared error and none", again[0], s.requests()-before-fetch)
			}
		}
		if got := s.reads.Load(); got != 0 {
			t.Errorf("%d calls were sent without a token, want none", got)
		}
		s.fail.Store(0)
		time.Sleep(200 * time.Millisecond)
		if later, _ := fails(c, 1); later[0] != nil {
			t.Errorf("after the pause: %v", later[0])
		}
	})
}

// zeros is a source of randomness that makes every pause as short as possible.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestTokenWaitDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: time.Hour, delay: 10 * time.Second}
		c := tokenClient(t, s)
		first, cancel := context.WithCancel(t.Context())
		var patient error
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = c.GetInvoice(first, "i") })
		synctest.Wait()
		wg.Go(func() { _, patient = c.GetInvoice(t.Context(), "i") })
		impatient, done := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer done()
		start := time.Now()
		_, err := c.GetInvoice(impatient, "i")
		took := time.Since(start)
		if !errors.Is(err, context.DeadlineExceeded) || took > 120*time.Millisecond {
			t.Errorf("impatient waiter: %v after %v", err, took)
		}
		cancel() // the caller that started the fetch gives up; the fetch continues
		wg.Wait()
		if patient != nil || s.requests() != 1 {
			t.Errorf("patient waiter: %v, %d token requests", patient, s.requests())
		}
	})
}

// TestRevokedTokenIsReplacedOnce delays the refusals until all 50 calls were sent
// with the old token.
func TestRevokedTokenIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 24 * time.Hour, delay: 20 * time.Millisecond, refuse: 10 * time.Millisecond}
		c := tokenClient(t, s)
		call := func() error { _, err := c.GetInvoice(t.Context(), "i"); return err }
		if err := call(); err != nil {
			t.Fatal(err)
		}
		s.revoke()
		reads := s.reads.Load()
		if err := errors.Join(concurrently(50, call)...); err != nil {
			t.Fatal(err)
		}
		if s.logins != 2 || s.renewals != 0 {
			t.Errorf("%d logins and %d renewals, want one login to replace the revoked tokens", s.logins, s.renewals)
		}
		if got := s.reads.Load() - reads; got != 100 {
			t.Errorf("%d requests for 50 calls, want one refusal and one replay each", got)
		}
	})
}

// TestLateRefusalKeepsNewToken: a call is refused with the old token after another
// call has fetched a new one. It uses the new one.
func TestLateRefusalKeepsNewToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 24 * time.Hour}
		c := tokenClient(t, s)
		_, err := c.GetInvoice(t.Context(), "first")
		fatal(t, err)
		s.revoke()
		var slow error
		var wg sync.WaitGroup
		wg.Go(func() { _, slow = c.GetInvoice(t.Context(), "slow") })
		synctest.Wait() // the refusal is delayed
		_, err = c.GetInvoice(t.Context(), "quick")
		fatal(t, err)
		wg.Wait()
		if slow != nil || s.logins != 2 {
			t.Errorf("%v, %d logins, want one for each token", slow, s.logins)
		}
	})
}

func TestTokenStoreIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, shared := &tokenServer{lifetime: 24 * time.Hour}, &tokenStore{}
		a, b := tokenClient(t, s, pay.WithTokenStore(shared)), tokenClient(t, s, pay.WithTokenStore(shared))
		for _, c := range []*qpay.Client{a, b, a} {
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
		}
		if s.logins != 1 || !strings.HasPrefix(shared.key, "qpay ") || strings.Contains(shared.key, "p@ss") {
			t.Errorf("%d logins, key %q", s.logins, shared.key)
		}
		s.revoke() // the store still has the revoked token
		for _, c := range []*qpay.Client{a, b} {
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
		}
		if s.logins != 2 {
			t.Errorf("%d logins, want one for both clients after the token was revoked", s.logins)
		}
		shared.err = errors.New("store is down")
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
type revoker struct{ server *tokenServer }

func (revoker) StartCall(ctx context.Context, _ pay.Call) context.Context { return ctx }

func (revoker) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }

func (revoker) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult) {}

func (r revoker) EndCall(_ context.Context, c pay.Call, _ pay.CallResult) {
	if c.Operation == "createToken" {
		r.server.revoke()
	}
}

func TestSecondUnauthorizedIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 24 * time.Hour}
		c := tokenClient(t, s, pay.WithObserver(revoker{s}))
		_, err := c.GetInvoice(t.Context(), "i")
		var e *apierr.Error
		if !errors.Is(err, qpay.ErrNoCredentials) {
			t.Errorf("got error %v, want one that is %v", err, qpay.ErrNoCredentials)
		}
		if !errors.As(err, &e) {
			t.Fatalf("got error %v, want an *apierr.Error", err)
		}
		if e.Attempts != 2 {
			t.Errorf("Attempts: got %d, want 2", e.Attempts)
		}
		if s.logins != 2 {
			t.Errorf("logins: got %d, want 2", s.logins)
		}
	})
}

func TestPermissionDeniedKeepsToken(t *testing.T) {
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
		c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, h)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.GetInvoice(t.Context(), "i")
		if !errors.Is(err, qpay.ErrPermissionDenied) || logins.Load() != 1 {
			t.Errorf("%v after %d logins, want PERMISSION_DENIED and one login", err, logins.Load())
		}
	})
}

func TestTokenRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 24 * time.Hour, delay: 5 * time.Second}
		c := tokenClient(t, s)
		calls := func(n int) time.Duration {
			start := time.Now()
			if err := errors.Join(concurrently(n, func() error { _, err := c.GetInvoice(t.Context(), "i"); return err })...); err != nil {
				t.Error(err)
			}
			return time.Since(start)
		}
		calls(1)
		time.Sleep(20*time.Hour + 20*time.Minute) // just before 85 %
		if calls(1); s.requests() != 1 {
			t.Errorf("%d token requests before 85 %% of the lifetime", s.requests())
		}
		time.Sleep(10 * time.Minute)
		s.fail.Store(401) // the refresh token and the password are refused once each
		waited := calls(50)
		time.Sleep(29 * time.Second)
		waited = max(waited, calls(50)) // the renewal has failed and is not tried again yet
		time.Sleep(45 * time.Second)
		if s.renewals != 1 || s.logins != 2 {
			t.Errorf("%d renewals and %d logins, want one failed renewal", s.renewals, s.logins)
		}
		s.fail.Store(0)
		waited = max(waited, calls(50))
		time.Sleep(time.Minute)
		before := s.requests()
		if waited > 0 || s.renewals != 2 || s.logins != 2 {
			t.Errorf("calls waited up to %v, %d renewals, %d logins; want no wait and one renewal", waited, s.renewals, s.logins)
		}
		time.Sleep(10 * time.Hour)
		if calls(1); s.requests() != before {
			t.Errorf("%d more token requests, want the renewed token used", s.requests()-before)
		}
	})
}

func TestTokenExpiry(t *testing.T) {
	day := 24 * time.Hour
	rows := []struct {
		name, literal string
		lifetime      time.Duration // the token must be used until shortly before its end
	}{
		{"a point in time", "", day}, // a day from now
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
		{"not a number", `"soon"`, 0},
		{"empty text", `""`, 0},
		{"a past time", "1000000000", 0},
		{"missing", "missing", 0},
	}
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &tokenServer{expires: tt.literal, lifetime: day}
				c := tokenClient(t, s)
				call := func() { _, err := c.GetInvoice(t.Context(), "i"); fatal(t, err) }
				call()
				if tt.lifetime == 0 {
					call()
					if got := s.requests(); got != 2 {
						t.Errorf("%d token requests for two calls, want one per call", got)
					}
					return
				}
				time.Sleep(tt.lifetime * 8 / 10)
				call()
				if got := s.requests(); got != 1 {
					t.Errorf("%d token requests within the lifetime of the token, want 1", got)
				}
				time.Sleep(tt.lifetime/5 - 20*time.Second)
				call()
				time.Sleep(time.Second)
				if got := s.requests(); got != 2 {
					t.Errorf("%d token requests at the end of its lifetime, want 2", got)
				}
			})
		})
	}
}

// TestTokenWithWrongClock makes calls during three lifetimes of a token with a wrong
// local clock, for both forms of expires_in.
func TestTokenWithWrongClock(t *testing.T) {
	const lifetime = 6 * time.Hour
	for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute, 24 * time.Hour, -24 * time.Hour} {
		for form, expires := range map[string]string{"point in time": "", "seconds": fmt.Sprint(lifetime.Seconds())} {
			t.Run(ahead.String()+" "+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &tokenServer{lifetime: lifetime, expires: expires}
					c := tokenClient(t, s, pay.WithClock(func() time.Time { return time.Now().Add(ahead) }))
					for range 3 * lifetime / (5 * time.Minute) {
						_, err := c.GetInvoice(t.Context(), "i")
						fatal(t, err)
						time.Sleep(5 * time.Minute)
					}
					// Each is used for 85 % of its lifetime, so three lifetimes take four.
					if got := s.requests(); got != 4 || s.late != 0 {
						t.Errorf("%d token requests in three lifetimes, want 4; %d calls with an expired token", got, s.late)
					}
				})
			})
		}
	}
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
