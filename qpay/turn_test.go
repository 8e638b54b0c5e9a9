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

// turns is a token store that lets one process at a time fetch a token.
type turns struct {
	mu    sync.Mutex
	token pay.Token
	err   error // of LockToken
	turn  chan struct{}
}

func (s *turns) Load(context.Context, string) (pay.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, nil
}

func (s *turns) Save(_ context.Context, _ string, t pay.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = t
	return nil
}

func (s *turns) LockToken(ctx context.Context, _ string, _ time.Duration) (func(), error) {
	if s.err != nil {
		return nil, s.err
	}
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// processes are three clients of one account, 25 calls each.
func processes(t *testing.T, s *tokens, store pay.TokenStore) (calls func() error) {
	var clients []*qpay.Client
	for range 3 {
		clients = append(clients, tokenClient(t, s, pay.WithTokenStore(store)))
	}
	return func() error {
		var wg sync.WaitGroup
		errs := make([]error, len(clients))
		for i, c := range clients {
			wg.Go(func() {
				errs[i] = errors.Join(together(25, func() error { _, err := c.GetInvoice(t.Context(), "i"); return err })...)
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	}
}

// TestOneProcessFetchesAtATime: each login ends the token before it, so
// processes that log in at the same moment would end each other's.
func TestOneProcessFetchesAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokens{life: 24 * time.Hour, delay: 50 * time.Millisecond}
		calls := processes(t, s, &turns{turn: make(chan struct{}, 1)})
		for i, when := range []string{"at the start", "after the token was revoked", "after its end"} {
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

// TestTurnIsNotWaitedForLong: neither a process that died during its turn nor a
// broken store keeps payments waiting.
func TestTurnIsNotWaitedForLong(t *testing.T) {
	for name, prepare := range map[string]func(*turns){
		"the turn never ends": func(st *turns) { st.turn <- struct{}{} },
		"the store is broken": func(st *turns) { st.err = errors.New("away") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, st := &tokens{life: 24 * time.Hour, delay: 50 * time.Millisecond}, &turns{turn: make(chan struct{}, 1)}
				prepare(st)
				c := tokenClient(t, s, pay.WithTokenStore(st))
				start := time.Now()
				_, err := c.GetInvoice(t.Context(), "i")
				if took := time.Since(start); err != nil || s.logins != 1 || took > 7*time.Second {
					t.Errorf("%v, %d logins after %v; want one within 7 s", err, s.logins, took)
				}
			})
		})
	}
}
