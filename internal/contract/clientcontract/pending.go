package clientcontract

import (
	"context"
	"errors"
	"fmt"
	rand "math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
)

// pendingCallsAreSettledSoundly loses the connection of every write that may move
// money. The process that made the call then does nothing more, and a reconciler
// with a client of its own asks about the records that are left.
func pendingCallsAreSettledSoundly(t *testing.T, s harness.Suite) {
	specs := specmodel.Operations(t, s.Spec)
	var sum pendingTally
	for i, name := range s.Operations(t) {
		if specs[name].Inquiry == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := newPendingTrials(t, &s, i, specs[name])
			for _, point := range faultPoints {
				for _, seed := range seeds(t, sample.Count(20, 1)) {
					x := &trials{suite: p.suite, name: name, point: point}
					if wrong := p.trial(t, x, seed, &sum); wrong != "" {
						t.Errorf("operation %s, input %s, seed %d: %s", name, point, seed, wrong)
					}
				}
			}
		})
	}
	t.Logf("%d calls, %d left pending: %d settled, %d left to a human", sum.calls.Load(), sum.pending.Load(), sum.settled.Load(), sum.human.Load())
	if sum.pending.Load() == 0 {
		t.Error("no call was left pending; the test proves nothing")
	}
}

type pendingTally struct{ calls, pending, settled, human atomic.Int64 }

// pendingTrials are the calls of one operation.
type pendingTrials struct {
	suite  *harness.Suite
	op     specmodel.Operation
	index  int // of the operation in Shop.Calls
	shop   harness.Shop
	base   *http.Transport
	net    *faulthttp.Lossy
	store  *paytest.MemoryPendingStore
	asks   pay.Inquirer
	passed time.Duration // added to the clocks of the store and the reconciler
	effect []string      // the ledger entries of one call
}

func newPendingTrials(t *testing.T, s *harness.Suite, index int, op specmodel.Operation) *pendingTrials {
	p := &pendingTrials{suite: s, op: op, index: index, shop: s.Shop(t), base: &http.Transport{}}
	t.Cleanup(p.shop.Close)
	t.Cleanup(p.base.CloseIdleConnections)
	p.net, p.store = faulthttp.NewLossy(p.base), paytest.NewPendingStore(p.now)
	p.asks = p.shop.Client(t, pay.WithBaseURL(p.shop.URL), pay.WithTransport(p.base))
	do, err := p.call(t, 1).Prepare(t.Context(), 1_000_000)
	if err != nil {
		t.Fatalf("the call cannot be prepared: %v", err)
	}
	before := len(p.shop.Ledger())
	if err := do(t.Context()); err != nil {
		t.Fatalf("without a fault: got %s, want success", harness.ShortError(err))
	}
	p.effect = kinds(p.shop.Ledger()[before:])
	if left := p.store.Calls(); len(left) > 0 {
		t.Fatalf("a successful call leaves the record %+v", left[0])
	}
	return p
}

func (p *pendingTrials) now() time.Time { return time.Now().Add(p.passed) }

// call returns the operation of a client that makes at most so many attempts.
func (p *pendingTrials) call(t *testing.T, attempts int) harness.Call {
	return p.shop.Calls(t, pay.WithTransport(p.net), pay.WithBaseURL(p.shop.URL), pay.WithMaxAttempts(attempts),
		pay.WithPendingStore(p.store), pay.WithRandom(&seededRandom{chance: rand.New(rand.NewPCG(1, uint64(len(p.shop.Ledger()))))}))[p.index]
}

// trial makes one call with faults, and settles it. It returns what was unsound.
func (p *pendingTrials) trial(t *testing.T, x *trials, seed int, sum *pendingTally) string {
	p.passed = 0
	chance := x.chance(seed)
	attempts, plan := 1+chance.IntN(3), x.plan(chance)
	do, err := p.call(t, attempts).Prepare(t.Context(), seed)
	if err != nil {
		return fmt.Sprintf("cannot be prepared: %v", err)
	}
	before := len(p.shop.Ledger())
	p.net.Plan(plan)
	err = do(t.Context())
	met := strings.Join(p.net.Plan(nil), ", ")
	p.base.CloseIdleConnections()
	applied := len(p.shop.Ledger()) > before
	sum.calls.Add(1)
	left := p.store.Calls()
	if unknown := err != nil && outcomeOf(err) != apierr.OutcomeNotApplied; unknown != (len(left) == 1) {
		return fmt.Sprintf("%s, then %v: %d records are left", met, err, len(left))
	}
	if len(left) == 0 {
		return ""
	}
	sum.pending.Add(1)
	end, err := p.reconcile(t.Context())
	if err != nil {
		return fmt.Sprintf("%s, then the reconciler: %v", met, err)
	}
	if end.outcome != "" {
		sum.settled.Add(1)
	} else {
		sum.human.Add(1)
	}
	if wrong := p.judge(end, applied); wrong != "" {
		return fmt.Sprintf("%s: %s", met, wrong)
	}
	return ""
}

func outcomeOf(err error) apierr.Outcome {
	var e *apierr.Error
	if errors.As(err, &e) {
		return e.Outcome()
	}
	return apierr.OutcomeUnknown
}

// settlement is how a reconciler ended a call.
type settlement struct {
	outcome   apierr.Outcome // "" if it was left to a human
	reason    error
	inquiries int
	callbacks int
}

// reconcile lets time pass until the store is empty.
func (p *pendingTrials) reconcile(ctx context.Context) (end settlement, err error) {
	r := &pay.Reconciler{
		Store: p.store, Clients: []pay.Inquirer{p.asks}, Now: p.now,
		Settled: func(_ context.Context, call pay.PendingCall, outcome apierr.Outcome) error {
			end.outcome, end.inquiries, end.callbacks = outcome, call.Inquiries, end.callbacks+1
			return nil
		},
		Unsettled: func(_ context.Context, call pay.PendingCall, reason error) error {
			end.reason, end.inquiries, end.callbacks = reason, call.Inquiries, end.callbacks+1
			return nil
		},
	}
	for range 4 {
		if err := r.RunOnce(ctx); err != nil {
			return end, err
		}
		if len(p.store.Calls()) == 0 {
			return end, nil
		}
		p.passed += 12 * time.Hour
	}
	return end, errors.New("the call is pending after two days")
}

// judge compares how a call ended with the ledger.
func (p *pendingTrials) judge(end settlement, applied bool) string {
	switch {
	case end.callbacks != 1:
		return fmt.Sprintf("%d callbacks, want 1", end.callbacks)
	case end.outcome == apierr.OutcomeApplied && !applied, end.outcome == apierr.OutcomeNotApplied && applied:
		return fmt.Sprintf("settled as %q, applied is %t in the ledger", end.outcome, applied)
	case p.op.Inquiry == specmodel.NoInquiry && (end.outcome != "" || !errors.Is(end.reason, pay.ErrNotInquirable) || end.inquiries != 1):
		return fmt.Sprintf("settled as %q with reason %v after %d inquiries, want a human at once", end.outcome, end.reason, end.inquiries)
	case p.op.Inquiry != specmodel.NoInquiry && applied && end.outcome != apierr.OutcomeApplied:
		return fmt.Sprintf("settled as %q with reason %v, but the ledger has %v", end.outcome, end.reason, p.effect)
	case p.op.Inquiry != specmodel.NoInquiry && end.outcome == "" && end.inquiries < 2:
		return fmt.Sprintf("left to a human after %d inquiries: %v", end.inquiries, end.reason)
	}
	return ""
}

// pendingRecordsAreSafe checks what a record holds: what the inquiry needs, and
// nothing secret.
func pendingRecordsAreSafe(t *testing.T, s harness.Suite) {
	specs := specmodel.Operations(t, s.Spec)
	shop := s.Shop(t)
	t.Cleanup(shop.Close)
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	net, store := faulthttp.NewLossy(base), paytest.NewPendingStore(nil)
	for i, call := range shop.Calls(t, pay.WithTransport(net), pay.WithBaseURL(shop.URL), pay.WithMaxAttempts(1), pay.WithPendingStore(store)) {
		op := specs[call.Operation]
		if call.Ages {
			continue
		}
		do, err := call.Prepare(t.Context(), 1+i)
		if err != nil {
			t.Fatal(err)
		}
		net.Plan([]string{sandbox.FaultResetAfterCommit})
		_ = do(t.Context())
		net.Plan(nil)
		left := store.Calls()
		if len(left) != min(len(op.Inquiry), 1) {
			t.Errorf("operation %s leaves %d records, want one exactly if it has x-inquiry", op.ID, len(left))
		}
		for _, c := range left {
			if c.Provider != s.Provider || c.Operation != op.ID || (c.IdempotencyKey != "") != (op.Class == "keyed") || c.Began.IsZero() {
				t.Errorf("operation %s: record %+v", op.ID, c)
			}
			if len(c.Request) == 0 {
				t.Errorf("operation %s: the record says nothing about the request, so no human can find its effect", op.ID)
			}
			for name := range c.Request {
				if !slices.Contains(op.Recorded, name) {
					t.Errorf("operation %s: the record has %s, want only %v", op.ID, name, op.Recorded)
				}
			}
			if err := store.Clear(t.Context(), c.ID); err != nil {
				t.Error(err)
			}
		}
	}
}

// brokenPendingStoreSendsNothing makes every call with a store that fails.
func brokenPendingStoreSendsNothing(t *testing.T, s harness.Suite) {
	specs := specmodel.Operations(t, s.Spec)
	shop := s.Shop(t)
	t.Cleanup(shop.Close)
	store := &brokenStore{}
	for _, call := range shop.Calls(t, pay.WithBaseURL(shop.URL), pay.WithPendingStore(store)) {
		if specs[call.Operation].Inquiry == "" {
			continue
		}
		store.broken = nil
		do, err := call.Prepare(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		store.broken = errors.New("the database is unavailable")
		ledger, requests := len(shop.Ledger()), len(shop.Requests())
		err = do(t.Context())
		e := harness.AsError(t, "operation "+call.Operation, err)
		if e.Outcome() != apierr.OutcomeNotApplied || e.Attempts != 0 || !errors.Is(e, apierr.ErrUnavailable) || !errors.Is(e, store.broken) {
			t.Errorf("operation %s: got %v, outcome %q, %d attempts; want unavailable, not applied, none", call.Operation, err, e.Outcome(), e.Attempts)
		}
		if len(shop.Ledger()) != ledger || len(shop.Requests()) != requests {
			t.Errorf("operation %s: a request was sent", call.Operation)
		}
	}
}

// brokenStore is a pay.PendingStore that fails when it should record a call.
type brokenStore struct {
	paytest.MemoryPendingStore
	broken error
}

func (s *brokenStore) Begin(context.Context, pay.PendingCall, time.Duration) error { return s.broken }
