package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// asking is a handler that asks its provider about each notification. The query of a
// notification has its id and its lane.
type asking struct {
	http.Handler
	client  *webhook.Client
	now     time.Time
	confirm func(ctx context.Context, id string) error
	handle  func(ctx context.Context) error

	mu    sync.Mutex
	asked int
}

func newAsking() *asking {
	a := &asking{now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), handle: func(context.Context) error { return nil }}
	clock := func() time.Time { return a.now }
	a.client = webhook.NewClient("p", "account", nil, clock, nil)
	a.Handler = webhook.New(a.client, webhook.Protocol[string]{
		Methods: []string{http.MethodGet},
		Replies: webhook.Replies{Accepted: webhook.Reply{Status: 200}, Invalid: webhook.Reply{Status: 400}, Failed: webhook.Reply{Status: 503}},
		Read: func(r *http.Request, _ []byte) (webhook.Notification[string], error) {
			id := r.FormValue("id")
			return webhook.Notification[string]{ID: []string{id}, Asks: true, Lane: r.FormValue("lane"), Confirm: func(ctx context.Context) ([]webhook.Event[string], error) {
				a.mu.Lock()
				a.asked++
				a.mu.Unlock()
				if err := a.confirm(ctx, id); err != nil {
					return nil, err
				}
				return []webhook.Event[string]{{ID: []string{id}}}, nil
			}}, nil
		},
	}, func(ctx context.Context, _ string) error { return a.handle(ctx) }, nil)
	return a
}

func (a *asking) deliver(ctx context.Context, id, lane string) int {
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?"+url.Values{"id": {id}, "lane": {lane}}.Encode(), nil).WithContext(ctx))
	return w.Code
}

// flood delivers notifications in one lane that the provider denies and returns how
// often it was asked.
func (a *asking) flood(ctx context.Context, lane string) int {
	before := a.asked
	for i := range 200 {
		a.deliver(ctx, fmt.Sprint(before, i), lane)
	}
	return a.asked - before
}

func isForged(context.Context, string) error { return webhook.ErrForged }

// TestLanesHaveTheirOwnLimits: a flood in one lane does not limit others, however many
// lanes there are, and the end of other lanes does not end its own limit.
func TestLanesHaveTheirOwnLimits(t *testing.T) {
	a := newAsking()
	a.confirm = isForged
	if got := a.flood(t.Context(), "attacker"); got != 64 {
		t.Errorf("flood: asked %d times, want 64", got)
	}
	a.now = a.now.Add(6 * time.Second)
	a.confirm = func(context.Context, string) error { return nil }
	for i := range 1500 {
		if status := a.deliver(t.Context(), fmt.Sprint("genuine ", i), fmt.Sprint(i)); status != http.StatusOK {
			t.Fatalf("lane %d: status %d, want 200", i, status)
		}
	}
	a.confirm = isForged
	if got := a.flood(t.Context(), "attacker"); got != 12 {
		t.Errorf("flood in the same lane, six seconds later: asked %d times, want 12", got)
	}
	for i := range 1500 { // none of them is as good as new
		if status := a.deliver(t.Context(), "forged", fmt.Sprint(i)); status != http.StatusBadRequest {
			t.Fatalf("lane %d: status %d, want 400", i, status)
		}
	}
}

// TestClockSetBack: a clock that is set back neither opens nor closes a lane for long.
func TestClockSetBack(t *testing.T) {
	a := newAsking()
	a.confirm = isForged
	a.flood(t.Context(), "")
	a.now = a.now.Add(-time.Hour)
	if got := a.flood(t.Context(), ""); got != 0 {
		t.Errorf("an hour earlier: asked %d times, want 0", got)
	}
	a.now = a.now.Add(500 * time.Millisecond)
	if status := a.deliver(t.Context(), "0 0", ""); status != http.StatusBadRequest {
		t.Errorf("half a second later: status %d, want 400", status)
	}
}

// TestUnconfirmedIsNotAskedAgainForFiveSeconds: whether the provider denies a
// notification, or does not confirm it yet.
func TestUnconfirmedIsNotAskedAgainForFiveSeconds(t *testing.T) {
	for _, tt := range []struct {
		err         error
		status      int
		askedAgain  bool
		description string
	}{
		{webhook.ErrForged, 400, false, "denied"}, {fmt.Errorf("%w: unpaid", webhook.ErrNotYet), 503, false, "not yet"},
		{errors.New("down"), 503, true, "not reachable"},
	} {
		a := newAsking()
		a.confirm = func(context.Context, string) error { return tt.err }
		if status := a.deliver(t.Context(), "1", ""); status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.description, status, tt.status)
		}
		a.confirm = func(context.Context, string) error { return nil }
		a.now = a.now.Add(5*time.Second - 1)
		want := map[bool]int{false: 503, true: 200}[tt.askedAgain]
		if status := a.deliver(t.Context(), "1", ""); status != want {
			t.Errorf("%s, a moment before five seconds: status %d, want %d", tt.description, status, want)
		}
		a.now = a.now.Add(1)
		if status := a.deliver(t.Context(), "1", ""); status != http.StatusOK {
			t.Errorf("%s, after five seconds: status %d, want 200", tt.description, status)
		}
	}
}

// TestQuestionOutlivesItsSender: the provider is asked although the sender hangs up,
// and a panic meanwhile is like an error.
func TestQuestionOutlivesItsSender(t *testing.T) {
	a := newAsking()
	sender, hangUp := context.WithCancel(t.Context())
	a.confirm = func(ctx context.Context, _ string) error { hangUp(); return ctx.Err() }
	if status := a.deliver(sender, "1", ""); status != http.StatusOK {
		t.Errorf("sender that hangs up: status %d, want 200", status)
	}
	a.confirm = func(context.Context, string) error { panic("secret") }
	if status := a.deliver(t.Context(), "2", ""); status != http.StatusServiceUnavailable {
		t.Errorf("panic: status %d, want 503", status)
	}
	a.confirm = func(context.Context, string) error { return nil }
	if status := a.deliver(t.Context(), "2", ""); status != http.StatusOK {
		t.Errorf("after a panic: status %d, want 200", status)
	}
}

// TestHandledAtTheSameTime: user code handles at most 64 notifications at a time, and
// notifications that wait for the provider are not among them.
func TestHandledAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsking()
		release := make(chan struct{})
		a.confirm = func(context.Context, string) error { return nil }
		a.handle = func(context.Context) error { <-release; return nil }
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() { a.deliver(t.Context(), fmt.Sprint(i), fmt.Sprint(i)) })
		}
		synctest.Wait()
		if status := a.deliver(t.Context(), "64", "64"); status != http.StatusServiceUnavailable {
			t.Errorf("the 65th: status %d, want 503", status)
		}
		close(release)
		wg.Wait()
		if status := a.deliver(t.Context(), "64", "64"); status != http.StatusOK {
			t.Errorf("the 65th, later: status %d, want 200", status)
		}
	})
}

// TestForgedFirstDoesNotFailGenuine: while user code refuses an event that came in
// another lane, such as with the URL of another order, the genuine notification
// arrives. It does not get the reply to the forged one.
func TestForgedFirstDoesNotFailGenuine(t *testing.T) {
	for name, at := range map[string]bool{"confirmed": false, "handled": true} {
		synctest.Test(t, func(t *testing.T) {
			a, forged, handled := newAsking(), true, 0
			first := func(at bool) bool { // waits in the confirmation, or in user code
				if at && forged {
					time.Sleep(time.Second)
					forged = false
					return true
				}
				return false
			}
			a.confirm = func(context.Context, string) error {
				if first(!at) {
					return webhook.ErrForged
				}
				return nil
			}
			a.handle = func(context.Context) error {
				if first(at) {
					return errors.New("the URL is for another order")
				}
				handled++
				return nil
			}
			var replies [3]int
			var all sync.WaitGroup
			for i, lane := range []string{"another order", "order", "order"} {
				all.Go(func() { replies[i] = a.deliver(t.Context(), "1", lane) })
				synctest.Wait()
			}
			all.Wait()
			if replies[0] == 200 || replies[1] != 200 || replies[2] != 200 || handled != 1 {
				t.Errorf("the forged one is being %s: got statuses %v and %d runs, want 200 for the genuine ones and 1 run", name, replies, handled)
			}
		})
	}
}

// genuine delivers n notifications that the provider confirms and returns how many were
// accepted.
func (a *asking) genuine(ctx context.Context, n int, lane string) (accepted int) {
	deny := a.confirm
	a.confirm = func(context.Context, string) error { return nil }
	for range n {
		if a.deliver(ctx, fmt.Sprint("genuine ", a.asked), lane) == http.StatusOK {
			accepted++
		}
	}
	a.confirm = deny
	return accepted
}

// TestQuestionsThatLeadToAnEventAreFree: sales do not use up the questions.
func TestQuestionsThatLeadToAnEventAreFree(t *testing.T) {
	a := newAsking()
	a.confirm = isForged
	if got := a.genuine(t.Context(), 200, ""); got != 200 {
		t.Errorf("got %d of 200 accepted", got)
	}
	for i := range 32 {
		a.deliver(t.Context(), fmt.Sprint("forged ", i), "")
	}
	if got := a.genuine(t.Context(), 10, ""); got != 10 {
		t.Errorf("got %d of 10 accepted", got)
	}
	if got := a.flood(t.Context(), ""); got != 32 {
		t.Errorf("flood after 32 forgeries and 10 sales: asked %d times, want 32", got)
	}
	a.now = a.now.Add(time.Hour)
	a.confirm = func(context.Context, string) error { a.now = a.now.Add(time.Minute); return nil }
	a.deliver(t.Context(), "slow", "") // its question comes back to a lane that is full
	a.confirm = isForged
	if got := a.flood(t.Context(), ""); got != 64 {
		t.Errorf("flood of a full lane: asked %d times, want 64", got)
	}
}

// TestRepeatedEventsAreQuestions: who sends a genuine notification again and again is
// limited, with either kind of store.
func TestRepeatedEventsAreQuestions(t *testing.T) {
	for name, store := range map[string]pay.EventStore{
		"memory":       nil,
		"transactions": &transactor{transact: outside(pay.ClaimDone, nil)},
	} {
		a := newAsking()
		if store != nil {
			a.client.Store = forKey{store.(*transactor)}
		}
		a.confirm = func(context.Context, string) error { return nil }
		accepted := 0
		for range 100 {
			if a.deliver(t.Context(), "1", "") == http.StatusOK {
				accepted++
			}
		}
		if want := map[string]int{"memory": 65, "transactions": 64}[name]; accepted != want { // the first one in memory is free
			t.Errorf("%s: got %d of 100 accepted, want %d", name, accepted, want)
		}
	}
}

// forKey is a store with transactions for events with any key.
type forKey struct{ *transactor }

func (s forKey) HandleEvent(ctx context.Context, key string, _ time.Duration, handle func(context.Context) error) (pay.Claim, error) {
	return s.transact(ctx, key, handle)
}

// TestDeniedAtTheSameMoment: also with a clock that does not move, the provider is not
// asked twice about one notification.
func TestDeniedAtTheSameMoment(t *testing.T) {
	a := newAsking()
	a.confirm = isForged
	for range 2 {
		a.deliver(t.Context(), "1", "")
	}
	if a.asked != 1 {
		t.Errorf("asked %d times, want 1", a.asked)
	}
}

// TestLanesAreKept: up to 1024 lanes are remembered. Beyond that, those that are as good
// as new are dropped first.
func TestLanesAreKept(t *testing.T) {
	const attackers = 12
	lane := func(i int) string { return fmt.Sprint("attacker ", i) }
	for name, tt := range map[string]struct {
		others  int
		confirm func(context.Context, string) error
	}{
		"few others that are not as good as new": {900, isForged},
		"many others that are as good as new":    {1100, func(context.Context, string) error { return nil }},
	} {
		a := newAsking()
		a.confirm = isForged
		for i := range attackers {
			a.flood(t.Context(), lane(i))
		}
		a.confirm = tt.confirm
		for i := range tt.others {
			a.deliver(t.Context(), fmt.Sprint("x ", i), fmt.Sprint("other ", i))
		}
		a.confirm = isForged
		for i := range attackers {
			if got := a.flood(t.Context(), lane(i)); got != 0 {
				t.Errorf("%s: lane %d: asked %d times, want 0", name, i, got)
			}
		}
	}
	// A lane with a denial is not as good as new, even if it has all its questions.
	a := newAsking()
	a.confirm = isForged
	for i := range attackers {
		a.deliver(t.Context(), "denied", lane(i))
	}
	a.now = a.now.Add(time.Second)
	a.genuine(t.Context(), 1, "")
	a.confirm = func(context.Context, string) error { return nil }
	for i := range 1100 {
		a.deliver(t.Context(), fmt.Sprint(i), fmt.Sprint("other ", i))
	}
	a.confirm, a.asked = isForged, 0
	for i := range attackers {
		a.deliver(t.Context(), "denied", lane(i))
	}
	if a.asked != 0 {
		t.Errorf("asked again about %d of %d notifications that were denied a second ago", a.asked, attackers)
	}
}

// TestLanesAreBounded: names of lanes do not use up the memory, even if none of them is
// as good as new.
func TestLanesAreBounded(t *testing.T) {
	a := newAsking()
	a.confirm = isForged
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 3 << 10 {
		a.deliver(t.Context(), "1", fmt.Sprint(i, strings.Repeat("x", 4<<10)))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("3072 lanes with names of 4 KiB take %d bytes", grown)
	}
	runtime.KeepAlive(a)
}

// TestOneQuestionForThoseThatWait: a notification that arrives meanwhile shares the
// reply of the first one, if it is of the same origin or the event was accepted.
func TestOneQuestionForThoseThatWait(t *testing.T) {
	for _, tt := range []struct {
		name          string
		first, second string // lanes
		err           error
		status, asked int
	}{
		{"failed, same origin", "order", "order", errors.New("down"), 503, 1},
		{"failed, another origin", "order", "another", errors.New("down"), 503, 2},
		{"accepted, same origin", "order", "order", nil, 200, 1},
		{"accepted, another origin", "order", "another", nil, 200, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newAsking()
			a.confirm = func(context.Context, string) error { time.Sleep(time.Second); return tt.err }
			var replies [2]int
			var all sync.WaitGroup
			for i, lane := range []string{tt.first, tt.second} {
				all.Go(func() { replies[i] = a.deliver(t.Context(), "1", lane) })
				synctest.Wait()
			}
			all.Wait()
			if replies != [2]int{tt.status, tt.status} || a.asked != tt.asked {
				t.Errorf("%s: got %v and %d questions, want %d for both and %d", tt.name, replies, a.asked, tt.status, tt.asked)
			}
		})
	}
}
