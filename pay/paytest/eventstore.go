// Package paytest holds the tests that every implementation of an interface of
// package pay must pass.
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
	short = time.Minute    // how long a claim lasts in these tests
	long  = 24 * time.Hour // how long a handled event is known
)

// EventStore tests a store of webhook events. open returns an empty one, and a
// function that lets time pass for it: by moving its clock, or by a real wait,
// which takes some minutes in all.
func EventStore(t *testing.T, open func(t *testing.T) (s pay.EventStore, pass func(time.Duration))) {
	for _, tt := range []struct {
		name string
		run  func(e events)
	}{
		{"an event is claimed once", claimedOnce},
		{"its owner may ask again", askedAgain},
		{"of many at once one gets it", manyAtOnce},
		{"a handled event is known, and forgotten", handled},
		{"a released event is free", released},
		{"a lost claim ends by itself", lost},
		{"a late commit, nobody else came", lateAlone},
		{"a late commit, somebody else is at it", lateCommit},
		{"a late release, somebody else is at it", lateRelease},
		{"a late release of a handled event", lateReleaseOfHandled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, pass := open(t)
			tt.run(events{t, s, pass})
		})
	}
}

type events struct {
	*testing.T
	store pay.EventStore
	pass  func(time.Duration)
}

// claims asks for event e as owner and says what the answer must be.
func (e events) claims(owner string, want pay.Claim) {
	e.Helper()
	got, err := e.store.Claim(e.Context(), "e", owner, short)
	if err != nil || got != want {
		e.Errorf("%s claims: got %s, %v; want %s", owner, word(got), err, word(want))
	}
}

func (e events) commits(owner string) {
	e.Helper()
	if err := e.store.Commit(e.Context(), "e", owner, long); err != nil {
		e.Errorf("%s commits: %v", owner, err)
	}
}

func (e events) releases(owner string) {
	e.Helper()
	if err := e.store.Release(e.Context(), "e", owner); err != nil {
		e.Errorf("%s releases: %v", owner, err)
	}
}

func word(c pay.Claim) string {
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

func claimedOnce(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.claims("bob", pay.ClaimBusy)
	if got, err := e.store.Claim(e.Context(), "another event", "bob", short); err != nil || got != pay.ClaimGranted {
		e.Errorf("another event: %s, %v", word(got), err)
	}
}

func askedAgain(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(short * 3 / 4)
	e.claims("ann", pay.ClaimGranted)
	e.pass(short * 3 / 4)
	e.claims("bob", pay.ClaimBusy)
}

func manyAtOnce(e events) {
	var granted atomic.Int32
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			got, err := e.store.Claim(context.WithoutCancel(e.Context()), "e", fmt.Sprint("owner ", i), short)
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
		e.Errorf("granted %d times, want once", n)
	}
}

func handled(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.commits("ann")
	e.claims("ann", pay.ClaimDone)
	e.claims("bob", pay.ClaimDone)
	e.pass(long - short)
	e.claims("bob", pay.ClaimDone)
	e.pass(2 * short)
	e.claims("bob", pay.ClaimGranted)
}

func released(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.releases("ann")
	e.claims("bob", pay.ClaimGranted)
	e.claims("ann", pay.ClaimBusy)
}

func lost(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(short - time.Second)
	e.claims("bob", pay.ClaimBusy)
	e.pass(2 * time.Second)
	e.claims("bob", pay.ClaimGranted)
}

func lateAlone(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(2 * short)
	e.commits("ann")
	e.claims("bob", pay.ClaimDone)
}

func lateCommit(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(2 * short)
	e.claims("bob", pay.ClaimGranted)
	if e.store.Commit(e.Context(), "e", "ann", long) == nil {
		e.Error("ann commits while bob has the claim, and gets no error")
	}
	e.claims("ann", pay.ClaimBusy)
	e.releases("bob")
	e.claims("ann", pay.ClaimGranted)
}

func lateRelease(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(2 * short)
	e.claims("bob", pay.ClaimGranted)
	e.releases("ann")
	e.claims("ann", pay.ClaimBusy)
	e.commits("bob")
	e.claims("ann", pay.ClaimDone)
}

func lateReleaseOfHandled(e events) {
	e.claims("ann", pay.ClaimGranted)
	e.pass(2 * short)
	e.claims("bob", pay.ClaimGranted)
	e.commits("bob")
	e.releases("ann")
	e.releases("bob")
	e.claims("ann", pay.ClaimDone)
}
