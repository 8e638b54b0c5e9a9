package qpay_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// lockingStore is a token store with a token lock.
type lockingStore struct {
	mu    sync.Mutex
	token pay.Token
	err   error // of LockToken
	lock  chan struct{}
}

func (s *lockingStore) Load(context.Context, string) (pay.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, nil
}

func (s *lockingStore) Save(_ context.Context, _ string, t pay.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = t
	return nil
}

func (s *lockingStore) LockToken(ctx context.Context, _ string, _ time.Duration) (func(), error) {
	if s.err != nil {
		return nil, s.err
	}
	select {
	case s.lock <- struct{}{}:
		return func() { <-s.lock }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// processes are three clients of one account, 25 calls each.
func processes(t *testing.T, s *tokenServer, store pay.TokenStore) (calls func() error) {
	var clients []*qpay.Client
	for range 3 {
		clients = append(clients, tokenClient(t, s, pay.WithTokenStore(store)))
	}
	return func() error {
		var wg sync.WaitGroup
		errs := make([]error, len(clients))
		for i, c := range clients {
			wg.Go(func() {
				errs[i] = errors.Join(concurrently(25, func() error { _, err := c.GetInvoice(t.Context(), "i"); return err })...)
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	}
}

// TestTokenLock: each login invalidates the token before it, so processes that log
// in at the same time would invalidate each other's tokens.
func TestTokenLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 24 * time.Hour, delay: 50 * time.Millisecond}
		calls := processes(t, s, &lockingStore{lock: make(chan struct{}, 1)})
		for i, when := range []string{"at the start", "after the token was revoked", "after it expired"} {
			fatal(t, calls())
			if got := s.requests(); got != i+1 {
				t.Fatalf("%s: %d token requests in all, want %d", when, got, i+1)
			}
			if s.revoke(); i == 1 {
				time.Sleep(30 * time.Hour)
			}
		}
	})
}

// TestTokenLockTimeout: neither a lock that is never released nor a failing store
// blocks payments.
func TestTokenLockTimeout(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*lockingStore)
		want    time.Duration
	}{
		"the lock is never released": {func(st *lockingStore) { st.lock <- struct{}{} }, 6 * time.Second},
		"the store fails":            {func(st *lockingStore) { st.err = errors.New("down") }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, st := &tokenServer{lifetime: 24 * time.Hour, delay: 50 * time.Millisecond}, &lockingStore{lock: make(chan struct{}, 1)}
				tt.prepare(st)
				c := tokenClient(t, s, pay.WithTokenStore(st))
				start := time.Now()
				_, err := c.GetInvoice(t.Context(), "i")
				if took := time.Since(start); err != nil || s.logins != 1 || took.Truncate(time.Second) != tt.want {
					t.Errorf("%v, %d logins after %v; want one after %v", err, s.logins, took, tt.want)
				}
			})
		})
	}
}
