package pay

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/specpay/specpay/apierr"
)

// Reconciler settles the calls of a PendingStore: it asks the provider for the outcome
// of each, again and again with growing pauses, until the outcome is known. Any
// number of reconcilers, in any number of processes, can share a store. Each needs
// the clients of all accounts whose calls are in it.
//
// The pause after an inquiry is 5 seconds at first and doubles up to an hour. A random
// part of up to half is subtracted.
//
// Each call leads to one successful Settled or Unsettled. They run at least once: if a
// process ends before the record is deleted, the next one runs the callback again. A
// store with transactions, such as store/sql, deletes the record in the transaction
// that the callback can write to. If a callback returns an error or panics, the record
// stays, and the provider is asked again later.
type Reconciler struct {
	Store   PendingStore
	Clients []Inquirer

	// Settled receives a call whose outcome is known: apierr.OutcomeApplied or
	// apierr.OutcomeNotApplied.
	Settled func(ctx context.Context, call PendingCall, outcome apierr.Outcome) error
	// Unsettled receives a call whose outcome a human has to find out, with the
	// reason: the provider offers nothing to ask (ErrNotInquirable), or the outcome
	// was not known after MaxAge. The record is deleted afterwards.
	Unsettled func(ctx context.Context, call PendingCall, reason error) error

	MaxAge   time.Duration    // after which a call is left to a human; 0 = 24 h
	Interval time.Duration    // between looks into the store in Run; 0 = 5 s
	Logger   *slog.Logger     // for the errors of Run and of inquiries; nil = no log
	Now      func() time.Time // nil = time.Now
	Random   io.Reader        // of the pauses; nil = crypto/rand
}

const (
	inquiryLease   = 2 * time.Minute  // after which another process may take a call
	inquiryTimeout = 90 * time.Second // of one inquiry and its callback; well below the lease
	storeTimeout   = 10 * time.Second // of a write after ctx ended
	firstPause     = 5 * time.Second
	longestPause   = time.Hour
)

// Run calls RunOnce at the interval until ctx ends, and returns the error of ctx. It
// logs the errors of RunOnce and continues.
func (r *Reconciler) Run(ctx context.Context) error {
	if err := r.check(); err != nil {
		return err
	}
	for {
		if err := r.RunOnce(ctx); err != nil && ctx.Err() == nil && r.Logger != nil {
			r.Logger.LogAttrs(ctx, slog.LevelWarn, "reconciling pending calls failed", slog.Any("error", err))
		}
		t := time.NewTimer(cmp.Or(r.Interval, 5*time.Second))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}

// RunOnce asks once about each call that is due, one after the other. It returns the
// errors of the store and of callbacks, joined; that of an inquiry postpones the
// call and is not returned.
func (r *Reconciler) RunOnce(ctx context.Context) error {
	if err := r.check(); err != nil {
		return err
	}
	var failed []error
	for asked := map[string]bool{}; ctx.Err() == nil; {
		call, ok, err := r.Store.Take(ctx, inquiryLease)
		if err != nil {
			return errors.Join(append(failed, fmt.Errorf("taking a pending call failed: %w", err))...)
		}
		if !ok {
			break
		}
		if asked[call.ID] { // the others took longer than its pause
			failed = append(failed, r.postpone(ctx, call, 0))
			break
		}
		asked[call.ID] = true
		if err := r.reconcile(ctx, call); err != nil {
			failed = append(failed, fmt.Errorf("pending call %s (%s %s): %w", call.ID, call.Provider, call.Operation, err))
		}
	}
	return errors.Join(failed...)
}

func (r *Reconciler) check() error {
	switch {
	case r.Store == nil:
		return errors.New("pay.Reconciler: Store is nil; want the store of the clients")
	case len(r.Clients) == 0:
		return errors.New("pay.Reconciler: Clients is empty; want the clients of all accounts whose calls are in the store")
	case r.Settled == nil || r.Unsettled == nil:
		return errors.New("pay.Reconciler: Settled or Unsettled is nil; want both functions")
	}
	return nil
}

// reconcile asks about one call that was taken.
func (r *Reconciler) reconcile(ctx context.Context, call PendingCall) error {
	limited, cancel := context.WithTimeout(ctx, inquiryTimeout)
	defer cancel()
	outcome, reason := r.inquire(limited, call)
	switch {
	case ctx.Err() != nil:
		return r.postpone(ctx, call, 0) // the inquiry was interrupted
	case outcome == apierr.OutcomeApplied || outcome == apierr.OutcomeNotApplied:
		return r.settle(limited, call, func(ctx context.Context) error { return r.Settled(ctx, call, outcome) })
	case errors.Is(reason, ErrNotInquirable) || r.now().Sub(call.Began) >= cmp.Or(r.MaxAge, 24*time.Hour):
		return r.settle(limited, call, func(ctx context.Context) error { return r.Unsettled(ctx, call, reason) })
	}
	r.warn(ctx, call, reason)
	return r.postpone(ctx, call, r.pause(call.Inquiries))
}

// inquire asks with the client that the call was made with. The error says why the
// outcome is not known.
func (r *Reconciler) inquire(ctx context.Context, call PendingCall) (apierr.Outcome, error) {
	for _, c := range r.Clients {
		outcome, err := c.Inquire(ctx, call)
		if errors.Is(err, ErrOtherAccount) {
			continue
		}
		if err == nil {
			err = errNotFinal
		}
		return outcome, err
	}
	return apierr.OutcomeUnknown, fmt.Errorf("the reconciler has no client of provider %s and account %q", call.Provider, call.Account)
}

var errNotFinal = errors.New("the provider has not reported a final state")

// warn logs why a call is still pending, unless the provider has not finished.
func (r *Reconciler) warn(ctx context.Context, call PendingCall, reason error) {
	if r.Logger != nil && !errors.Is(reason, errNotFinal) {
		r.Logger.LogAttrs(ctx, slog.LevelWarn, "asking about a pending call failed", slog.String("provider", call.Provider),
			slog.String("operation", call.Operation), slog.String("pending", call.ID), slog.Int("inquiries", call.Inquiries), slog.Any("error", reason))
	}
}

// settle runs a callback and deletes the record.
func (r *Reconciler) settle(ctx context.Context, call PendingCall, callback func(context.Context) error) error {
	err := r.Store.Settle(ctx, call, func(ctx context.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("the callback panicked with a %T", p)
			}
		}()
		return callback(ctx)
	})
	if err != nil {
		return errors.Join(err, r.postpone(ctx, call, r.pause(call.Inquiries)))
	}
	return nil
}

// postpone also works if ctx has ended.
func (r *Reconciler) postpone(ctx context.Context, call PendingCall, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return r.Store.Postpone(ctx, call, wait)
}

func (r *Reconciler) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

// pause returns the pause after inquiry n, from 1.
func (r *Reconciler) pause(n int) time.Duration {
	limit := longestPause
	if n = max(n, 1); n < 12 {
		limit = min(firstPause<<(n-1), longestPause)
	}
	source := r.Random
	if source == nil {
		source = rand.Reader
	}
	var raw [8]byte
	if _, err := io.ReadFull(source, raw[:]); err != nil {
		return limit
	}
	return limit - time.Duration(binary.LittleEndian.Uint64(raw[:])%uint64(limit/2+1))
}
