package paytest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

// Database is an empty store of events, and a table of the application in the same
// database, which is also empty.
type Database struct {
	Store pay.EventTransactor // if it is a pay.EventStore too, both are tested together
	Pass  func(time.Duration) // lets time pass, as for EventStore

	// Write writes a text into the table, in the transaction of the handler's context.
	Write func(ctx context.Context, text string) error
	// Written returns the texts of the table that are committed, and does not wait for
	// a transaction that is open.
	Written func(ctx context.Context) ([]string, error)
}

// EventTransactor tests a pay.EventTransactor: an event and what its handler writes
// are committed together, or not at all.
func EventTransactor(t *testing.T, open func(t *testing.T) Database) {
	for _, tt := range []struct {
		name string
		run  func(databaseTest)
	}{
		{"event and effect are committed together", committedTogether},
		{"error rolls back", errorRollsBack},
		{"panic rolls back", panicRollsBack},
		{"end of the context rolls back", contextRollsBack},
		{"busy while another transaction is open", busyWhileOpen},
		{"concurrent deliveries take effect once", concurrentDeliveries},
		{"another event", anotherEvent},
		{"record expires", recordExpires},
		{"expired record is busy while it is renewed", busyWhileRenewed},
		{"claims and transactions exclude each other", claimsAndTransactions},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(databaseTest{t, open(t)}) })
	}
}

type databaseTest struct {
	*testing.T
	Database
}

// handles handles the event e and checks the result; handle may be nil if it must not
// be called.
func (e databaseTest) handles(want pay.Claim, handle func(context.Context) error) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), 10*time.Second)
	defer cancel()
	if handle == nil {
		handle = func(context.Context) error {
			e.Error("the handler runs, although the event was handled before or is being handled")
			return nil
		}
	}
	got, err := e.Store.HandleEvent(ctx, "e", handledTTL, handle)
	if err != nil || got != want {
		e.Errorf("got %s, %v; want %s", name(got), err, name(want))
	}
}

// delivered handles the event until it is not busy, like a provider that delivers it
// again. A database may take a moment to notice that a transaction was abandoned.
func (e databaseTest) delivered(handle func(context.Context) error) {
	ctx, cancel := context.WithTimeout(e.Context(), 10*time.Second)
	defer cancel()
	for {
		got, err := e.Store.HandleEvent(ctx, "e", handledTTL, handle)
		if err != nil {
			e.Errorf("%s, %v", name(got), err)
		}
		if err != nil || got != pay.ClaimBusy {
			return
		}
	}
}

// wants checks what is committed.
func (e databaseTest) wants(want ...string) {
	e.Helper()
	got, err := e.Written(context.WithoutCancel(e.Context()))
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		e.Errorf("committed are %q, %v; want %q", got, err, want)
	}
}

func (e databaseTest) writes(text string) func(context.Context) error {
	return func(ctx context.Context) error { return e.Write(ctx, text) }
}

func committedTogether(e databaseTest) {
	e.handles(pay.ClaimGranted, func(ctx context.Context) error {
		if err := e.Write(ctx, "first"); err != nil {
			return err
		}
		e.wants()
		return e.Write(ctx, "second")
	})
	e.wants("first", "second")
	e.handles(pay.ClaimDone, nil)
	e.wants("first", "second")
}

func errorRollsBack(e databaseTest) {
	failed := errors.New("failed")
	for range 2 {
		_, err := e.Store.HandleEvent(e.Context(), "e", handledTTL, func(ctx context.Context) error {
			return errors.Join(e.Write(ctx, "lost"), failed)
		})
		if !errors.Is(err, failed) {
			e.Errorf("got %v, want the error of the handler", err)
		}
		e.wants()
	}
	e.handles(pay.ClaimGranted, e.writes("kept"))
	e.wants("kept")
}

func panicRollsBack(e databaseTest) {
	func() {
		defer func() {
			if p := recover(); p != "panic of the handler" {
				e.Errorf("recovered %v, want the panic of the handler", p)
			}
		}()
		_, _ = e.Store.HandleEvent(e.Context(), "e", handledTTL, func(ctx context.Context) error {
			if err := e.Write(ctx, "lost"); err != nil {
				e.Error(err)
			}
			panic("panic of the handler") //nolint:forbidigo // the panic is what is tested
		})
	}()
	e.wants()
	e.handles(pay.ClaimGranted, e.writes("kept"))
	e.wants("kept")
}

func contextRollsBack(e databaseTest) {
	ctx, cancel := context.WithCancel(e.Context())
	defer cancel()
	_, err := e.Store.HandleEvent(ctx, "e", handledTTL, func(ctx context.Context) error {
		defer cancel()
		return e.Write(ctx, "lost")
	})
	if err == nil {
		e.Error("a handler whose context ended: no error")
	}
	e.wants()
	if got, err := e.Store.HandleEvent(ctx, "e", handledTTL, e.writes("lost")); err == nil {
		e.Errorf("a context that is over: %s, no error", name(got))
	}
	e.delivered(e.writes("kept"))
	e.wants("kept")
}

func busyWhileOpen(e databaseTest) {
	e.handles(pay.ClaimGranted, func(ctx context.Context) error {
		if err := e.Write(ctx, "once"); err != nil {
			return err
		}
		e.handles(pay.ClaimBusy, nil) // an implementation that waits for the first transaction would wait until its context ends
		return nil
	})
	e.handles(pay.ClaimDone, nil)
	e.wants("once")
}

func concurrentDeliveries(e databaseTest) {
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() { e.delivered(e.writes("once")) })
	}
	wg.Wait()
	e.wants("once")
}

func anotherEvent(e databaseTest) {
	e.handles(pay.ClaimGranted, e.writes("one"))
	got, err := e.Store.HandleEvent(e.Context(), "another event", handledTTL, e.writes("two"))
	if err != nil || got != pay.ClaimGranted {
		e.Errorf("another event: %s, %v", name(got), err)
	}
	e.wants("one", "two")
}

func recordExpires(e databaseTest) {
	e.handles(pay.ClaimGranted, e.writes("first"))
	e.Pass(handledTTL - time.Minute)
	e.handles(pay.ClaimDone, nil)
	e.Pass(2 * time.Minute)
	e.handles(pay.ClaimGranted, e.writes("second"))
	e.wants("first", "second")
}

// busyWhileRenewed: an expired record is not that of a handled event, also if the
// transaction that replaces it is open and may be rolled back.
func busyWhileRenewed(e databaseTest) {
	e.handles(pay.ClaimGranted, e.writes("first"))
	e.Pass(2 * handledTTL)
	failed := errors.New("failed")
	_, err := e.Store.HandleEvent(e.Context(), "e", handledTTL, func(context.Context) error {
		e.handles(pay.ClaimBusy, nil)
		return failed
	})
	if !errors.Is(err, failed) {
		e.Errorf("got %v, want the error of the handler", err)
	}
	e.handles(pay.ClaimGranted, e.writes("second"))
	e.wants("first", "second")
}

func claimsAndTransactions(e databaseTest) {
	store, ok := e.Store.(pay.EventStore)
	if !ok {
		e.Skip("the store is no pay.EventStore")
	}
	claims := storeTest{e.T, store, e.Pass}
	claims.claims("ann", pay.ClaimGranted)
	e.handles(pay.ClaimBusy, nil)
	claims.releases("ann")
	e.handles(pay.ClaimGranted, e.writes("once"))
	claims.claims("ann", pay.ClaimDone)
	claims.releases("ann")
	claims.commits("ann")
	e.handles(pay.ClaimDone, nil)
	e.Pass(2 * handledTTL)
	claims.claims("ann", pay.ClaimGranted)
	e.Pass(2 * claimTTL)
	e.handles(pay.ClaimGranted, e.writes("twice"))
	if store.Commit(e.Context(), "e", "ann", handledTTL) != nil {
		e.Error("a late commit of a handled event: an error")
	}
	e.handles(pay.ClaimDone, nil)
	e.wants("once", "twice")
}
