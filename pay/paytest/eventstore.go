// Package paytest tests implementations of the interfaces of package pay.
package paytest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

const (
	claimTTL   = time.Minute    // of a claim
	handledTTL = 24 * time.Hour // of a handled event
)

// EventStore tests a pay.EventStore. open returns an empty store, and a function
// that lets time pass for it, more than a day in some tests: it advances the
// store's clock, or shortens the time to live of what is stored.
func EventStore(t *testing.T, open func(t *testing.T) (s pay.EventStore, pass func(time.Duration))) {
	for _, tt := range []struct {
		name string
		run  func(storeTest)
	}{
		{"claim once", claimedOnce},
		{"claim again by the owner", claimedAgain},
		{"concurrent claims", concurrentClaims},
		{"commit", committed},
		{"release", released},
		{"claim expires", expired},
		{"late commit without another claim", lateCommitAlone},
		{"late commit with another claim", lateCommit},
		{"late release with another claim", lateRelease},
		{"late release of a handled event", lateReleaseOfHandled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, pass := open(t)
			tt.run(storeTest{t, s, pass})
		})
	}
}

// storeTest is one test of a store.
type storeTest struct {
	*testing.T
	store pay.EventStore
	pass  func(time.Duration)
}

// claims claims an event as owner and checks the result.
func (e storeTest) claims(owner string, want pay.Claim) {
	e.Helper()
	got, err := e.store.Claim(e.Context(), "e", owner, claimTTL)
	if err != nil || got != want {
		e.Errorf("claim by %s: got %s, %v; want %s", owner, name(got), err, name(want))
	}
}

func (e storeTest) commits(owner string) {
	e.Helper()
	if err := e.store.Commit(e.Context(), "e", owner, handledTTL); err != nil {
		e.Errorf("commit by %s: %v", owner, err)
	}
}

func (e storeTest) releases(owner string) {
	e.Helper()
	if err := e.store.Release(e.Context(), "e", owner); err != nil {
		e.Errorf("release by %s: %v", owner, err)
	}
}

func name(c pay.Claim) string {
	switch c {
	case pay.ClaimGranted:
		return "granted"
	case pay.ClaimBusy:
		return "busy"
	case pay.ClaimDone:
		return "done"
	}
	return fmt.Sprintf("Claim(%d)", c)
}

func claimedOnce(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.claims("bob", pay.ClaimBusy)
	if got, err := e.store.Claim(e.Context(), "another event", "bob", claimTTL); err != nil || got != pay.ClaimGranted {
		e.Errorf("another event: %s, %v", name(got), err)
	}
}

func claimedAgain(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(claimTTL * 3 / 4)
	e.claims("ann", pay.ClaimGranted)
	e.pass(claimTTL * 3 / 4)
	e.claims("bob", pay.ClaimBusy)
}

func concurrentClaims(e storeTest) {
	var granted atomic.Int32
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			got, err := e.store.Claim(context.WithoutCancel(e.Context()), "e", fmt.Sprint("owner ", i), claimTTL)
			if err != nil {
				e.Error(err)
			}
			if got == pay.ClaimGranted {
				granted.Add(1)
			}
		})
	}
	wg.Wait()
	if n := granted.Load(); n != 1 {
		e.Errorf("%d claims granted, want 1", n)
	}
}

func committed(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.commits("ann")
	e.claims("ann", pay.ClaimDone)
	e.claims("bob", pay.ClaimDone)
	e.pass(handledTTL - claimTTL)
	e.claims("bob", pay.ClaimDone)
	e.pass(2 * claimTTL)
	e.claims("bob", pay.ClaimGranted)
}

func released(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.releases("ann")
	e.claims("bob", pay.ClaimGranted)
	e.claims("ann", pay.ClaimBusy)
}

func expired(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(claimTTL - time.Second)
	e.claims("bob", pay.ClaimBusy)
	e.pass(2 * time.Second)
	e.claims("bob", pay.ClaimGranted)
}

func lateCommitAlone(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(2 * claimTTL)
	e.commits("ann")
	e.claims("bob", pay.ClaimDone)
}

func lateCommit(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(2 * claimTTL)
	e.claims("bob", pay.ClaimGranted)
	if e.store.Commit(e.Context(), "e", "ann", handledTTL) == nil {
		e.Error("commit by ann while bob has the claim: no error")
	}
	e.claims("ann", pay.ClaimBusy)
	e.releases("bob")
	e.claims("ann", pay.ClaimGranted)
}

func lateRelease(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(2 * claimTTL)
	e.claims("bob", pay.ClaimGranted)
	e.releases("ann")
	e.claims("ann", pay.ClaimBusy)
	e.commits("bob")
	e.claims("ann", pay.ClaimDone)
}

func lateReleaseOfHandled(e storeTest) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(2 * claimTTL)
	e.claims("bob", pay.ClaimGranted)
	e.commits("bob")
	e.releases("ann")
	e.releases("bob")
	e.claims("ann", pay.ClaimDone)
}
