package paytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

// TokenStore tests a pay.TokenStore, and its locks if it is a pay.TokenLocker. open
// returns an empty store whose clock shows the present time, and a function that lets
// time pass for it, as for EventStore.
func TokenStore(t *testing.T, open func(t *testing.T) (s pay.TokenStore, pass func(time.Duration))) {
	for _, tt := range []struct {
		name string
		run  func(tokenTest)
	}{
		{"no token", noToken},
		{"save and load", savedToken},
		{"accounts are separate", separateAccounts},
		{"token is kept until it cannot be renewed", keptToken},
		{"expired token", expiredToken},
		{"concurrent saves", concurrentSaves},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, pass := open(t)
			tt.run(tokenTest{t, s, pass})
		})
	}
	for _, tt := range []struct {
		name string
		run  func(lockTest)
	}{
		{"lock excludes", lockExcludes},
		{"lock is released", lockReleased},
		{"lock expires", lockExpires},
		{"concurrent locks", concurrentLocks},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, pass := open(t)
			locker, ok := s.(pay.TokenLocker)
			if !ok {
				t.Skip("the store is no pay.TokenLocker")
			}
			tt.run(lockTest{t, locker, pass})
		})
	}
}

// tokenTest is one test of a store of tokens.
type tokenTest struct {
	*testing.T
	store pay.TokenStore
	pass  func(time.Duration)
}

// newToken returns a token that can be used for an hour and renewed for two.
func newToken(name string) pay.Token {
	now := time.Now().Round(0)
	return pay.Token{
		Access: "access " + name, Refresh: "refresh " + name,
		Issued: now, Expires: now.Add(time.Hour), RefreshExpires: now.Add(2 * time.Hour),
	}
}

func sameToken(a, b pay.Token) bool {
	return a.Access == b.Access && a.Refresh == b.Refresh &&
		a.Issued.Equal(b.Issued) && a.Expires.Equal(b.Expires) && a.RefreshExpires.Equal(b.RefreshExpires)
}

func (e tokenTest) saves(key string, t pay.Token) {
	e.Helper()
	if err := e.store.Save(e.Context(), key, t); err != nil {
		e.Errorf("save: %v", err)
	}
}

func (e tokenTest) loads(key string, want pay.Token) {
	e.Helper()
	got, err := e.store.Load(e.Context(), key)
	if err != nil || !sameToken(got, want) {
		e.Errorf("load: got the token %q, %v; want %q with the same times", got.Access, err, want.Access)
	}
}

func noToken(e tokenTest) { e.loads("account", pay.Token{}) }

func savedToken(e tokenTest) {
	for _, name := range []string{"1", "2", "3"} {
		want := newToken(name)
		e.saves("account", want)
		e.loads("account", want)
		e.loads("account", want)
	}
}

func separateAccounts(e tokenTest) {
	one, two := newToken("1"), newToken("2")
	e.saves("account", one)
	e.loads("another account", pay.Token{})
	e.saves("another account", two)
	e.loads("account", one)
	e.loads("another account", two)
}

func keptToken(e tokenTest) {
	renewable, short := newToken("1"), newToken("2")
	short.Refresh, short.RefreshExpires = "", time.Time{}
	e.saves("renewable", renewable)
	e.saves("short", short)
	e.pass(50 * time.Minute)
	e.loads("short", short)
	e.pass(20 * time.Minute)
	e.loads("short", pay.Token{})
	e.loads("renewable", renewable)
	e.pass(time.Hour)
	e.loads("renewable", pay.Token{})
}

func expiredToken(e tokenTest) {
	old := newToken("old")
	old.Expires, old.RefreshExpires = time.Now().Add(-time.Hour), time.Time{}
	e.saves("account", newToken("1"))
	e.saves("account", old)
	e.loads("account", pay.Token{})
}

func concurrentSaves(e tokenTest) {
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			e.saves("account", newToken(fmt.Sprint(i)))
			got, err := e.store.Load(e.Context(), "account")
			if err != nil || got.Access == "" || got.Access[len("access "):] != got.Refresh[len("refresh "):] {
				e.Errorf("got the token %q with %q, %v; want one of the saved ones", got.Access, got.Refresh, err)
			}
		})
	}
	wg.Wait()
}

// lockTest is one test of the locks of a store.
type lockTest struct {
	*testing.T
	store pay.TokenLocker
	pass  func(time.Duration)
}

// locks returns the function that releases a lock.
func (e lockTest) locks(key string) (release func()) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), 10*time.Second)
	defer cancel()
	release, err := e.store.LockToken(ctx, key, claimTTL)
	if err != nil {
		e.Fatalf("lock %s: %v", key, err)
	}
	return release
}

// locked checks that a lock is taken.
func (e lockTest) locked(key string) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := e.store.LockToken(ctx, key, claimTTL); !errors.Is(err, context.DeadlineExceeded) {
		e.Errorf("a lock that is taken: %v; want the error of the context", err)
	}
}

func lockExcludes(e lockTest) {
	e.locks("account")
	e.locks("another account")()
	e.locked("account")
}

func lockReleased(e lockTest) {
	release := e.locks("account")
	got := make(chan error, 1)
	go func() {
		next, err := e.store.LockToken(e.Context(), "account", claimTTL)
		if err == nil {
			defer next()
		}
		got <- err
	}()
	release()
	if err := <-got; err != nil {
		e.Error(err)
	}
	e.locks("account")()
}

// lockExpires: the lock of a process that died expires, and a late release does not
// end the next lock.
func lockExpires(e lockTest) {
	release := e.locks("account")
	e.pass(claimTTL / 2)
	e.locked("account")
	e.pass(claimTTL)
	e.locks("account")
	release()
	e.locked("account")
}

func concurrentLocks(e lockTest) {
	var inside, runs atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			release, err := e.store.LockToken(e.Context(), "account", claimTTL)
			if err != nil {
				e.Error(err)
				return
			}
			if n := inside.Add(1); n != 1 {
				e.Errorf("%d callers have the lock", n)
			}
			runs.Add(1)
			inside.Add(-1)
			release()
		})
	}
	wg.Wait()
	if n := runs.Load(); n != 8 {
		e.Errorf("%d callers got the lock, want 8", n)
	}
}
