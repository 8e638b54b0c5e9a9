package qpay_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// scripted is a token store that records its calls. A missing function succeeds with
// nothing.
type scripted struct {
	load  func() (pay.Token, error)
	save  func() error
	lock  func() (func(), error)
	token pay.Token // saved last
	calls []string
}

func (s *scripted) Load(context.Context, string) (pay.Token, error) {
	s.calls = append(s.calls, "load")
	if s.load == nil {
		return pay.Token{}, nil
	}
	return s.load()
}

func (s *scripted) Save(_ context.Context, _ string, t pay.Token) error {
	s.calls, s.token = append(s.calls, "save"), t
	if s.save == nil {
		return nil
	}
	return s.save()
}

func (s *scripted) LockToken(_ context.Context, _ string, ttl time.Duration) (func(), error) {
	s.calls = append(s.calls, "lock "+ttl.String())
	if s.lock == nil {
		return s.unlock, nil
	}
	return s.lock()
}

func (s *scripted) unlock() { s.calls = append(s.calls, "unlock") }

// TestTokenStoreFaults: a token store that fails or panics costs a login and a warning, but
// no payment. Only a token that can be used is taken from it.
func TestTokenStoreFaults(t *testing.T) {
	down := errors.New("down")
	saved := func(access string, lifetime time.Duration, err error) func() (pay.Token, error) {
		return func() (pay.Token, error) { return pay.Token{Access: access, Expires: time.Now().Add(lifetime)}, err }
	}
	const (
		all     = "load, lock 5s, load, save, unlock"
		unknown = "loading the token from the token store failed"
		unsaved = "saving the token in the token store failed"
		unheld  = "the token is fetched without the token lock"
		held    = "releasing the token lock failed"
	)
	for name, tt := range map[string]struct {
		store  *scripted
		calls  string
		logins int
		log    string // "" = no warning
	}{
		"no fault":                       {&scripted{}, all, 1, ""},
		"a token":                        {&scripted{load: saved("saved", time.Hour, nil)}, "load", 0, ""},
		"a token that expires":           {&scripted{load: saved("saved", 20*time.Second, nil)}, all, 1, ""},
		"a token and an error":           {&scripted{load: saved("saved", time.Hour, down)}, "load, save", 1, unknown},
		"loading panics":                 {&scripted{load: func() (pay.Token, error) { panic("x") }}, "load, save", 1, unknown},
		"saving fails":                   {&scripted{save: func() error { return down }}, all, 1, unsaved},
		"saving panics":                  {&scripted{save: func() error { panic("x") }}, all, 1, unsaved},
		"locking fails":                  {&scripted{lock: func() (func(), error) { return nil, down }}, "load, lock 5s, load, save", 1, unheld},
		"locking panics":                 {&scripted{lock: func() (func(), error) { panic("x") }}, "load, lock 5s, load, save", 1, unheld},
		"locking fails, with a function": {&scripted{lock: func() (func(), error) { return func() { t.Error("released") }, down }}, "load, lock 5s, load, save", 1, unheld},
		"a lock that is not released":    {&scripted{lock: func() (func(), error) { return nil, nil }}, "load, lock 5s, load, save", 1, ""},
		"releasing the lock panics":      {&scripted{lock: func() (func(), error) { return func() { panic("x") }, nil }}, "load, lock 5s, load, save", 1, held},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				s := &tokenServer{lifetime: 24 * time.Hour, valid: "saved"}
				c := tokenClient(t, s, pay.WithTokenStore(tt.store), pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))))
				_, err := c.GetInvoice(t.Context(), "i")
				fatal(t, err)
				if got := strings.Join(tt.store.calls, ", "); got != tt.calls || s.logins != tt.logins || s.reads.Load() != 1 {
					t.Errorf("got the calls %s, %d logins and %d reads; want %s, %d and 1", got, s.logins, s.reads.Load(), tt.calls, tt.logins)
				}
				if tt.log == "" && log.Len() > 0 || !strings.Contains(log.String(), tt.log) {
					t.Errorf("the log is %q, want %q", log.String(), tt.log)
				}
			})
		})
	}
}

// TestTokenStoreWithoutLock: the lock is optional.
func TestTokenStoreWithoutLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		store := &scripted{}
		c := tokenClient(t, &tokenServer{lifetime: 24 * time.Hour}, pay.WithTokenStore(struct{ pay.TokenStore }{store}), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		_, err := c.GetInvoice(t.Context(), "i")
		fatal(t, err)
		if got := strings.Join(store.calls, ", "); got != "load, save" || strings.Contains(log.String(), "token") {
			t.Errorf("got the calls %s and the log %q, want load, save and no warning", got, log.String())
		}
	})
}

// TestFailedLoginIsNotSaved: without a token, neither the store nor the API gets one.
func TestFailedLoginIsNotSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := &tokenServer{lifetime: 24 * time.Hour}, &scripted{}
		c := tokenClient(t, s, pay.WithTokenStore(store), pay.WithMaxAttempts(1))
		s.fail.Store(503)
		_, err := c.GetInvoice(t.Context(), "i")
		if !errors.Is(err, apierr.ErrUnavailable) || s.reads.Load() != 0 {
			t.Errorf("got error %v and %d reads, want %v and none", err, s.reads.Load(), apierr.ErrUnavailable)
		}
		if got := strings.Join(store.calls, ", "); got != "load, lock 5s, load, unlock" {
			t.Errorf("got the calls %s, want none to save", got)
		}
	})
}

// TestTokenStoreEndsGoroutine: a token store that ends its goroutine leaves no call waiting,
// and none is sent without a token.
func TestTokenStoreEndsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 24 * time.Hour}
		c := tokenClient(t, s, pay.WithTokenStore(&scripted{load: func() (pay.Token, error) { runtime.Goexit(); return pay.Token{}, nil }}))
		_, err := c.GetInvoice(t.Context(), "i")
		if err == nil || !strings.Contains(err.Error(), "was ended by the observer, the logger or the token store") || s.reads.Load() != 0 {
			t.Errorf("got error %v and %d reads, want an error that says who ended the token request, and none", err, s.reads.Load())
		}
	})
}

// TestSlowRenewalIsAlone: there is one renewal in the background at a time, however long it
// takes. It does not take the token that it renews from the store.
func TestSlowRenewalIsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := &tokenServer{lifetime: 24 * time.Hour}, &scripted{}
		store.load = func() (pay.Token, error) {
			if store.token.Access != "" {
				time.Sleep(time.Minute)
			}
			return store.token, nil
		}
		c := tokenClient(t, s, pay.WithTokenStore(struct{ pay.TokenStore }{store}))
		for _, pause := range []time.Duration{0, 22 * time.Hour, 40 * time.Second, time.Hour} {
			time.Sleep(pause)
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
		}
		if got := strings.Join(store.calls, ", "); got != "load, save, load, save" || s.logins != 1 || s.renewals != 1 {
			t.Errorf("got the calls %s, %d logins and %d renewals; want two loads, 1 and 1", got, s.logins, s.renewals)
		}
	})
}

// TestEmptyTokenInStore: what the store has is not a token without an access token.
func TestEmptyTokenInStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := &tokenServer{lifetime: 24 * time.Hour}, &scripted{}
		store.load = func() (pay.Token, error) { return pay.Token{Expires: time.Now().Add(time.Hour)}, nil }
		c := tokenClient(t, s, pay.WithTokenStore(store))
		for _, then := range []func(){s.revoke, func() { time.Sleep(25 * time.Hour) }, func() {}} {
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
			then()
		}
		if got := s.reads.Load(); got != 4 || s.logins != 3 {
			t.Errorf("%d reads and %d logins for three calls, one of which was refused; want 4 and 3", got, s.logins)
		}
	})
}

// TestCloseForgetsTheRenewal: the error of a renewal that Close ended is no other call's.
func TestCloseForgetsTheRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 24 * time.Hour}
		c := tokenClient(t, s)
		read := func() error { _, err := c.GetInvoice(t.Context(), "i"); return err }
		fatal(t, read())
		time.Sleep(22 * time.Hour)
		s.delay = 20 * time.Second
		fatal(t, read()) // starts the renewal
		synctest.Wait()
		fatal(t, c.Close())
		synctest.Wait()
		s.delay = 0
		s.revoke()
		if err := read(); err != nil {
			t.Errorf("after the token was revoked: %v", err)
		}
		time.Sleep(time.Minute) // until the server has finished
	})
}

// TestTokenMargins: a token is used until 30 seconds before it expires, and so is a refresh
// token, which lasts a day. Close ends the renewal in the background, which would hide that.
func TestTokenMargins(t *testing.T) {
	for name, tt := range map[string]struct {
		after            time.Duration
		bare             bool
		logins, renewals int
	}{
		"40 s before the token expires":         {time.Hour - 40*time.Second, false, 1, 0},
		"20 s before the token expires":         {time.Hour - 20*time.Second, false, 1, 1},
		"40 s before the refresh token expires": {24*time.Hour - 40*time.Second, false, 1, 1},
		"20 s before the refresh token expires": {24*time.Hour - 20*time.Second, false, 2, 0},
		"without a refresh token":               {2 * time.Hour, true, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &tokenServer{lifetime: time.Hour, bare: tt.bare}
				c := tokenClient(t, s)
				for _, pause := range []time.Duration{0, tt.after} {
					time.Sleep(pause)
					_, err := c.GetInvoice(t.Context(), "i")
					fatal(t, err)
					fatal(t, c.Close())
				}
				if s.logins != tt.logins || s.renewals != tt.renewals {
					t.Errorf("%d logins and %d renewals, want %d and %d", s.logins, s.renewals, tt.logins, tt.renewals)
				}
			})
		})
	}
}

// TestUnavailableRefreshIsNotALogin: a refresh token that could not be tried is kept.
func TestUnavailableRefreshIsNotALogin(t *testing.T) {
	for _, status := range []int32{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			s := &tokenServer{lifetime: time.Hour}
			c := tokenClient(t, s, pay.WithMaxAttempts(1))
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
			time.Sleep(2 * time.Hour)
			s.fail.Store(status)
			if _, err := c.GetInvoice(t.Context(), "i"); err == nil || s.logins != 1 || s.renewals != 1 {
				t.Errorf("%d: got error %v, %d logins and %d renewals; want an error, 1 and 1", status, err, s.logins, s.renewals)
			}
		})
	}
}

// TestTokenWithoutServerTime: without a Date header, a point in time is read by the local
// clock.
func TestTokenWithoutServerTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 10 * time.Minute, undated: true}
		c := tokenClient(t, s)
		for range 2 {
			_, err := c.GetInvoice(t.Context(), "i")
			fatal(t, err)
			time.Sleep(11 * time.Minute)
		}
		if s.requests() != 2 || s.late != 0 {
			t.Errorf("%d token requests and %d calls with an expired token, want 2 and none", s.requests(), s.late)
		}
	})
}
