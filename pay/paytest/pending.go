package paytest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

// MemoryPendingStore is a pay.PendingStore in memory, for tests: it forgets its
// records when the process ends. Use NewPendingStore to create one.
type MemoryPendingStore struct {
	mu      sync.Mutex
	now     func() time.Time
	records map[string]*pendingRecord
}

type pendingRecord struct {
	call pay.PendingCall
	due  time.Time
}

// NewPendingStore returns an empty store. now nil means time.Now.
func NewPendingStore(now func() time.Time) *MemoryPendingStore {
	if now == nil {
		now = time.Now
	}
	return &MemoryPendingStore{now: now, records: map[string]*pendingRecord{}}
}

// Calls returns all records, in no order.
func (s *MemoryPendingStore) Calls() []pay.PendingCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []pay.PendingCall
	for r := range maps.Values(s.records) {
		all = append(all, r.call)
	}
	return all
}

// Begin implements pay.PendingStore.
func (s *MemoryPendingStore) Begin(_ context.Context, call pay.PendingCall, wait time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records[call.ID] != nil {
		return fmt.Errorf("there is a pending call with the ID %q already", call.ID)
	}
	s.records[call.ID] = &pendingRecord{call: call, due: s.now().Add(wait)}
	return nil
}

// Clear implements pay.PendingStore.
func (s *MemoryPendingStore) Clear(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.records, id)
	return nil
}

// Take implements pay.PendingStore.
func (s *MemoryPendingStore) Take(_ context.Context, lease time.Duration) (pay.PendingCall, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var first *pendingRecord
	for _, r := range s.records {
		if !r.due.After(s.now()) && (first == nil || r.due.Before(first.due)) {
			first = r
		}
	}
	if first == nil {
		return pay.PendingCall{}, false, nil
	}
	first.call.Inquiries++
	first.due = s.now().Add(lease)
	return first.call, true, nil
}

// Postpone implements pay.PendingStore.
func (s *MemoryPendingStore) Postpone(_ context.Context, call pay.PendingCall, wait time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.records[call.ID]; r != nil && r.call.Inquiries == call.Inquiries {
		r.due = s.now().Add(wait)
	}
	return nil
}

// Settle implements pay.PendingStore.
func (s *MemoryPendingStore) Settle(ctx context.Context, call pay.PendingCall, handle func(context.Context) error) error {
	s.mu.Lock()
	r := s.records[call.ID]
	taken := r != nil && r.call.Inquiries == call.Inquiries
	s.mu.Unlock()
	if !taken {
		return nil
	}
	if err := handle(ctx); err != nil {
		return err
	}
	return s.Clear(ctx, call.ID)
}

// PendingStore tests a pay.PendingStore. open returns an empty store, a second one
// that shares its records as another process would, and a function that lets time
// pass for both.
func PendingStore(t *testing.T, open func(t *testing.T) (s, other pay.PendingStore, pass func(time.Duration))) {
	for _, tt := range []struct {
		name string
		run  func(pendingTest)
	}{
		{"record is durable before Begin returns", beganIsDurable},
		{"record keeps all fields", keepsFields},
		{"record is due after the wait", dueAfterWait},
		{"longest due first", longestDueFirst},
		{"lease is exclusive and ends", leaseEnds},
		{"concurrent takers get different records", concurrentTakers},
		{"postpone", postponed},
		{"late postpone changes nothing", latePostpone},
		{"clear twice", clearedTwice},
		{"settle", pendingSettled},
		{"failed settle keeps the record", failedSettle},
		{"late settle does not run", lateSettle},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, other, pass := open(t)
			tt.run(pendingTest{t, s, other, pass})
		})
	}
}

const (
	pendingLease = time.Minute
	pendingWait  = 10 * time.Second
)

// pendingTest is one test of a store.
type pendingTest struct {
	*testing.T
	store, other pay.PendingStore
	pass         func(time.Duration)
}

func (p pendingTest) check(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// begins stores a record that is due at once.
func (p pendingTest) begins(id string) {
	p.Helper()
	p.check(p.store.Begin(p.Context(), pay.PendingCall{ID: id, Provider: "p", Operation: "refund", Began: time.Unix(1_700_000_000, 0)}, 0))
}

// takes takes a record from a store and checks its ID; "" means that none is due.
func (p pendingTest) takes(s pay.PendingStore, want string) pay.PendingCall {
	p.Helper()
	call, ok, err := s.Take(p.Context(), pendingLease)
	p.check(err)
	if call.ID != want || ok != (want != "") {
		p.Fatalf("took %q, %t; want %q", call.ID, ok, want)
	}
	return call
}

func beganIsDurable(p pendingTest) {
	p.begins("a")
	p.takes(p.other, "a")
}

func keepsFields(p pendingTest) {
	want := pay.PendingCall{
		ID: "a", Provider: "p", Account: "TEST_1", Operation: "pay", IdempotencyKey: "key-1",
		Request: map[string]string{"/paymentRequestId": "key-1", "/paymentAmount/value": "2500"}, Began: time.Unix(1_700_000_000, 123_000_000),
	}
	p.check(p.store.Begin(p.Context(), want, 0))
	want.Inquiries = 1
	got := p.takes(p.other, "a")
	if !got.Began.Equal(want.Began) || !maps.Equal(got.Request, want.Request) {
		p.Errorf("got %+v, want %+v", got, want)
	}
	got.Began, got.Request = want.Began, want.Request
	if fmt.Sprint(got) != fmt.Sprint(want) {
		p.Errorf("got %+v, want %+v", got, want)
	}
}

func dueAfterWait(p pendingTest) {
	p.check(p.store.Begin(p.Context(), pay.PendingCall{ID: "a", Began: time.Unix(0, 0)}, pendingWait))
	p.takes(p.store, "")
	p.pass(pendingWait - time.Second)
	p.takes(p.other, "")
	p.pass(2 * time.Second)
	p.takes(p.store, "a")
}

func longestDueFirst(p pendingTest) {
	for i, id := range []string{"b", "c", "a"} {
		p.check(p.store.Begin(p.Context(), pay.PendingCall{ID: id, Began: time.Unix(0, 0)}, [...]time.Duration{2 * pendingWait, 3 * pendingWait, pendingWait}[i]))
	}
	p.pass(4 * pendingWait)
	p.takes(p.store, "a")
	p.takes(p.store, "b")
	p.takes(p.store, "c")
}

func leaseEnds(p pendingTest) {
	p.begins("a")
	p.takes(p.store, "a")
	p.takes(p.other, "")
	p.pass(pendingLease - time.Second)
	p.takes(p.other, "")
	p.pass(2 * time.Second)
	if again := p.takes(p.other, "a"); again.Inquiries != 2 {
		p.Errorf("Inquiries is %d, want 2", again.Inquiries)
	}
}

func concurrentTakers(p pendingTest) {
	const records, takers = 12, 4
	for i := range records {
		p.begins(fmt.Sprint(i))
	}
	var mu sync.Mutex
	taken := map[string]int{}
	var wg sync.WaitGroup
	for i := range takers {
		wg.Go(func() {
			s := p.store
			if i%2 == 1 {
				s = p.other
			}
			for range records + 1 { // a store without leases would never be empty
				call, ok, err := s.Take(context.WithoutCancel(p.Context()), time.Hour)
				if err != nil {
					p.Error(err)
				}
				if !ok {
					return
				}
				mu.Lock()
				taken[call.ID]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(taken) != records {
		p.Errorf("%d records were taken, want %d", len(taken), records)
	}
	for id, n := range taken {
		if n != 1 {
			p.Errorf("record %s was taken %d times, want once", id, n)
		}
	}
}

func postponed(p pendingTest) {
	p.begins("a")
	p.check(p.store.Postpone(p.Context(), p.takes(p.store, "a"), pendingWait))
	p.pass(pendingWait - time.Second)
	p.takes(p.other, "")
	p.pass(2 * time.Second)
	p.takes(p.other, "a")
}

func latePostpone(p pendingTest) {
	p.begins("a")
	first := p.takes(p.store, "a")
	p.pass(pendingLease + time.Second)
	p.takes(p.other, "a")
	p.check(p.store.Postpone(p.Context(), first, 0))
	p.takes(p.store, "")
}

func clearedTwice(p pendingTest) {
	p.begins("a")
	p.begins("b")
	p.check(p.store.Clear(p.Context(), "a"))
	p.check(p.other.Clear(p.Context(), "a"))
	p.takes(p.store, "b")
	p.takes(p.store, "")
}

func pendingSettled(p pendingTest) {
	p.begins("a")
	call, runs := p.takes(p.store, "a"), 0
	handle := func(context.Context) error { runs++; return nil }
	p.check(p.store.Settle(p.Context(), call, handle))
	p.check(p.store.Settle(p.Context(), call, handle))
	p.pass(pendingLease + time.Second)
	p.takes(p.other, "")
	if runs != 1 {
		p.Errorf("the function ran %d times, want once", runs)
	}
}

func failedSettle(p pendingTest) {
	p.begins("a")
	call, broken := p.takes(p.store, "a"), errors.New("broken")
	if err := p.store.Settle(p.Context(), call, func(context.Context) error { return broken }); !errors.Is(err, broken) {
		p.Errorf("got error %v, want that of the function", err)
	}
	p.pass(pendingLease + time.Second)
	p.takes(p.other, "a")
}

func lateSettle(p pendingTest) {
	p.begins("a")
	first := p.takes(p.store, "a")
	p.pass(pendingLease + time.Second)
	second := p.takes(p.other, "a")
	p.check(p.store.Settle(p.Context(), first, func(context.Context) error {
		p.Error("the function ran although another process has taken the record")
		return nil
	}))
	runs := 0
	p.check(p.other.Settle(p.Context(), second, func(context.Context) error { runs++; return nil }))
	if runs != 1 {
		p.Errorf("the function of the second process ran %d times, want once", runs)
	}
}
