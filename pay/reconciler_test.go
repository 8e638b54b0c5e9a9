package pay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
)

func TestMemoryPendingStore(t *testing.T) {
	paytest.PendingStore(t, func(*testing.T) (s, other pay.PendingStore, pass func(time.Duration)) {
		now := time.Unix(1_800_000_000, 0)
		store := paytest.NewPendingStore(func() time.Time { return now })
		return store, store, func(d time.Duration) { now = now.Add(d) }
	})
}

// inquirer is a client of one account.
type inquirer struct {
	account string
	respond func(call pay.PendingCall) (apierr.Outcome, error)
}

func (q *inquirer) Inquire(_ context.Context, call pay.PendingCall) (apierr.Outcome, error) {
	if call.Account != q.account {
		return apierr.OutcomeUnknown, pay.ErrOtherAccount
	}
	return q.respond(call)
}

// shop is a reconciler that writes its callbacks down.
type shop struct {
	pay.Reconciler
	store   *paytest.MemoryPendingStore
	outcome apierr.Outcome
	err     error // of the inquiry
	asked   []time.Time
	events  []string
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{store: paytest.NewPendingStore(nil), outcome: apierr.OutcomePending}
	ask := &inquirer{account: "a", respond: func(pay.PendingCall) (apierr.Outcome, error) {
		s.asked = append(s.asked, time.Now())
		return s.outcome, s.err
	}}
	s.Reconciler = pay.Reconciler{
		Store: s.store, Clients: []pay.Inquirer{&inquirer{account: "other"}, ask},
		Settled: func(_ context.Context, call pay.PendingCall, outcome apierr.Outcome) error {
			s.events = append(s.events, fmt.Sprintf("%s settled %s", call.ID, outcome))
			return nil
		},
		Unsettled: func(_ context.Context, call pay.PendingCall, reason error) error {
			s.events = append(s.events, fmt.Sprintf("%s unsettled: %v", call.ID, reason))
			return nil
		},
	}
	return s
}

func (s *shop) begin(t *testing.T, id string) {
	t.Helper()
	if err := s.store.Begin(t.Context(), pay.PendingCall{ID: id, Provider: "p", Account: "a", Operation: "refund", Began: time.Now()}, 0); err != nil {
		t.Fatal(err)
	}
}

func (s *shop) check(t *testing.T, left int, events ...string) {
	t.Helper()
	if !slices.Equal(s.events, events) || len(s.store.Calls()) != left {
		t.Errorf("callbacks %q and %d records, want %q and %d", s.events, len(s.store.Calls()), events, left)
	}
}

func TestReconcilerAsksUntilItKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, began := newShop(t), time.Now()
		s.Clients = []pay.Inquirer{&inquirer{account: "a", respond: func(pay.PendingCall) (apierr.Outcome, error) {
			s.asked = append(s.asked, time.Now())
			if time.Since(began) < 3*time.Hour {
				return apierr.OutcomePending, nil
			}
			return apierr.OutcomeApplied, nil
		}}}
		s.begin(t, "1")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		time.Sleep(3*time.Hour - time.Second)
		synctest.Wait()
		s.check(t, 1)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		s.check(t, 0, "1 settled ok")
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v, want the error of its context", err)
		}
		if len(s.asked) > 20 {
			t.Errorf("the provider was asked %d times in 5 hours, want pauses that grow", len(s.asked))
		}
		for i := 2; i < len(s.asked); i++ {
			if pause := s.asked[i].Sub(s.asked[i-1]); pause > time.Hour+5*time.Second || i < 9 && pause < 5*time.Second<<(i-2)/2 {
				t.Errorf("pause %d is %v", i, pause)
			}
		}
	})
}

func TestReconcilerLeavesACallToAHuman(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		change func(*shop)
		after  time.Duration
		reason string
	}{
		"nothing to ask":        {err: fmt.Errorf("%w: no operation", pay.ErrNotInquirable), reason: "the outcome cannot be read from the provider: no operation"},
		"still pending":         {after: 24 * time.Hour, reason: "the provider has not reported a final state"},
		"the inquiry fails":     {err: errors.New("not found"), after: 24 * time.Hour, reason: "not found"},
		"no client of the call": {change: func(s *shop) { s.Clients = s.Clients[:1] }, after: 24 * time.Hour, reason: `the reconciler has no client of provider p and account "a"`},
		"another limit":         {change: func(s *shop) { s.MaxAge = time.Minute }, after: time.Minute, reason: "the provider has not reported a final state"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				if s.err = tt.err; tt.change != nil {
					tt.change(s)
				}
				s.begin(t, "1")
				began := time.Now()
				for len(s.store.Calls()) > 0 {
					if err := s.RunOnce(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Minute)
				}
				s.check(t, 0, "1 unsettled: "+tt.reason)
				if took := time.Since(began); took < tt.after || took > tt.after+time.Hour+time.Minute {
					t.Errorf("it took %v, want %v", took, tt.after)
				}
			})
		})
	}
}

// TestFailedCallbackRunsAgain lets the callback fail, then panic, then succeed.
func TestFailedCallbackRunsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, runs := newShop(t), 0
		s.outcome = apierr.OutcomeNotApplied
		ok := s.Settled
		s.Settled = func(ctx context.Context, call pay.PendingCall, outcome apierr.Outcome) error {
			switch runs++; runs {
			case 1:
				return errors.New("the database is down")
			case 2:
				panic("canary-secret")
			}
			return ok(ctx, call, outcome)
		}
		s.begin(t, "1")
		for _, want := range []string{"the database is down", "panicked with a string", ""} {
			err := s.RunOnce(t.Context())
			if got := fmt.Sprint(err); (err != nil) != (want != "") || !strings.Contains(got, want) && err != nil || strings.Contains(got, "canary") {
				t.Errorf("got error %v, want one with %q", err, want)
			}
			time.Sleep(time.Minute)
		}
		s.check(t, 0, "1 settled failed")
	})
}

func TestInterruptedInquiryKeepsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.MaxAge = time.Nanosecond
		s.begin(t, "1")
		time.Sleep(time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		s.Clients = []pay.Inquirer{&inquirer{account: "a", respond: func(pay.PendingCall) (apierr.Outcome, error) {
			cancel()
			return apierr.OutcomeUnknown, ctx.Err()
		}}}
		if err := s.RunOnce(ctx); err != nil {
			t.Error(err)
		}
		s.check(t, 1)
	})
}

// TestFailedInquiriesAreLogged: an operator sees why calls stay pending.
func TestFailedInquiriesAreLogged(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*shop)
		log    string
	}{
		"inquiry refused": {func(s *shop) { s.err = errors.New("the key has expired") }, "the key has expired"},
		"no client":       {func(s *shop) { s.Clients = s.Clients[:1] }, "no client of provider p"},
		"not final":       {func(*shop) {}, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			s := newShop(t)
			tt.change(s)
			s.Logger = slog.New(slog.NewTextHandler(&log, nil))
			s.begin(t, "1")
			if err := s.RunOnce(t.Context()); err != nil {
				t.Error(err)
			}
			s.check(t, 1)
			if text := log.String(); !strings.Contains(text, tt.log) || (tt.log == "") != (text == "") || tt.log != "" && !strings.Contains(text, "operation=refund pending=1") {
				t.Errorf("%s: the log is %q, want it to contain %q", name, text, tt.log)
			}
		})
	}
}

func TestReconcilerNeedsItsFields(t *testing.T) {
	for name, change := range map[string]func(*shop){
		"Store": func(s *shop) { s.Store = nil }, "Clients": func(s *shop) { s.Clients = nil },
		"Settled": func(s *shop) { s.Settled = nil }, "Unsettled": func(s *shop) { s.Unsettled = nil },
	} {
		s := newShop(t)
		change(s)
		if err := s.RunOnce(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: RunOnce returned %v", name, err)
		}
		if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: Run returned %v", name, err)
		}
	}
}

func TestReconcilersSettleEachCallOnce(t *testing.T) {
	const calls, reconcilers = 50, 4
	s := newShop(t)
	for i := range calls {
		s.begin(t, fmt.Sprint(i))
	}
	var runs [calls]atomic.Int32
	var wg sync.WaitGroup
	for range reconcilers {
		r := s.Reconciler
		r.Clients = []pay.Inquirer{&inquirer{account: "a", respond: func(pay.PendingCall) (apierr.Outcome, error) { return apierr.OutcomeApplied, nil }}}
		r.Settled = func(_ context.Context, call pay.PendingCall, _ apierr.Outcome) error {
			var i int
			_, err := fmt.Sscan(call.ID, &i)
			runs[i].Add(1)
			return err
		}
		wg.Go(func() {
			if err := r.RunOnce(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range runs {
		if n := runs[i].Load(); n != 1 {
			t.Errorf("call %d was settled %d times, want once", i, n)
		}
	}
}

// TestRunOnceAsksOnce uses a store in which a day passes between two steps.
func TestRunOnceAsksOnce(t *testing.T) {
	s, passed := newShop(t), time.Duration(0)
	s.store = paytest.NewPendingStore(func() time.Time { passed += 24 * time.Hour; return time.Now().Add(passed) })
	s.Store = s.store
	s.begin(t, "1")
	if err := s.RunOnce(t.Context()); err != nil {
		t.Error(err)
	}
	if len(s.asked) != 1 {
		t.Errorf("the provider was asked %d times, want once", len(s.asked))
	}
	s.check(t, 1)
}
