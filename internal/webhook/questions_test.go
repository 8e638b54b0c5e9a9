package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/webhook"
)

// asking is a handler that asks its provider about each notification. The query of a
// notification has its id and its lane.
type asking struct {
	http.Handler
	now     time.Time
	confirm func(ctx context.Context, id string) error
	handle  func(ctx context.Context) error

	mu    sync.Mutex
	asked int
}

func newAsking() *asking {
	a := &asking{now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), handle: func(context.Context) error { return nil }}
	clock := func() time.Time { return a.now }
	a.Handler = webhook.New(webhook.NewClient("p", "account", nil, clock, nil), webhook.Protocol[string]{
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
