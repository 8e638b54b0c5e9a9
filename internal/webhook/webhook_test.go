package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
)

func TestMemoryStore(t *testing.T) {
	paytest.EventStore(t, func(*testing.T) (pay.EventStore, func(time.Duration)) {
		now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
		return &webhook.Memory{Now: func() time.Time { return now }}, func(d time.Duration) { now = now.Add(d) }
	})
}

// remote is a store that observes its context, like one behind a network.
type remote struct{ webhook.Memory }

func (s *remote) Commit(ctx context.Context, key, owner string, ttl time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Memory.Commit(ctx, key, owner, ttl)
}

func (s *remote) Release(ctx context.Context, key, owner string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Memory.Release(ctx, key, owner)
}

// TestHandleTimeout: the claim is committed or released even if user code used up the
// time, so that the next delivery does not wait and a handled event is not handled
// again.
func TestHandleTimeout(t *testing.T) {
	for _, tt := range []struct {
		name   string
		result func(context.Context) error
		runs   int // after two deliveries
	}{
		{"failed", context.Context.Err, 2},
		{"succeeded", func(context.Context) error { return nil }, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, runs := &remote{webhook.Memory{Now: time.Now}}, 0
				h := handler(store, func(ctx context.Context, _ string) error {
					if runs++; runs > 1 {
						return nil
					}
					<-ctx.Done()
					return tt.result(ctx)
				})
				deliver(h)
				if status := deliver(h); status != http.StatusOK || runs != tt.runs {
					t.Errorf("the second delivery: %d, %d runs in all; want 200 and %d", status, runs, tt.runs)
				}
			})
		})
	}
}

// TestSenderThatHangsUp: user code that began is finished, and its result is stored,
// although the sender no longer waits for the response.
func TestSenderThatHangsUp(t *testing.T) {
	sender, hangUp := context.WithCancel(t.Context())
	store, runs := &remote{webhook.Memory{Now: time.Now}}, 0
	h := handler(store, func(ctx context.Context, _ string) error {
		runs++
		hangUp()
		return ctx.Err()
	})
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(sender))
	if status := deliver(h); status != http.StatusOK || runs != 1 {
		t.Errorf("the next delivery: %d, %d runs in all; want 200 and 1", status, runs)
	}
}

// TestHandledEventIsRememberedFor72Hours delivers an event again shortly before and
// shortly after that time.
func TestHandledEventIsRememberedFor72Hours(t *testing.T) {
	now, runs := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), 0
	h := handler(&webhook.Memory{Now: func() time.Time { return now }}, func(context.Context, string) error { runs++; return nil })
	for _, tt := range []struct {
		wait time.Duration
		runs int
	}{{0, 1}, {72*time.Hour - time.Minute, 1}, {2 * time.Minute, 2}} {
		now = now.Add(tt.wait)
		if status := deliver(h); status != http.StatusOK {
			t.Errorf("at %v: status %d, want 200", now, status)
		}
		if runs != tt.runs {
			t.Errorf("at %v: the handler ran %d times, want %d", now, runs, tt.runs)
		}
	}
}

// panicking is a store with a method that panics.
type panicking struct {
	webhook.Memory
	method string
}

func (s *panicking) Claim(ctx context.Context, key, owner string, ttl time.Duration) (pay.Claim, error) {
	s.panicIn("Claim")
	return s.Memory.Claim(ctx, key, owner, ttl)
}

func (s *panicking) Commit(ctx context.Context, key, owner string, ttl time.Duration) error {
	s.panicIn("Commit")
	return s.Memory.Commit(ctx, key, owner, ttl)
}

func (s *panicking) Release(ctx context.Context, key, owner string) error {
	s.panicIn("Release")
	return s.Memory.Release(ctx, key, owner)
}

func (s *panicking) panicIn(method string) {
	if s.method == method {
		panic("secret")
	}
}

// TestStorePanicIsLikeItsError: the provider gets the same response as for an error of
// the store, and the value of the panic is not logged.
func TestStorePanicIsLikeItsError(t *testing.T) {
	for _, tt := range []struct {
		method string
		result error // of user code
		status int
	}{{"Claim", nil, 503}, {"Commit", nil, 200}, {"Release", errors.New("failed"), 503}} {
		var log bytes.Buffer
		h := handler(&panicking{webhook.Memory{Now: time.Now}, tt.method}, func(context.Context, string) error { return tt.result })
		h.Logger = slog.New(slog.NewTextHandler(&log, nil))
		if status := deliver(h); status != tt.status || !strings.Contains(log.String(), "the event store panicked") || strings.Contains(log.String(), "secret") {
			t.Errorf("%s: %d and the log %q; want %d, and a warning without the value of the panic", tt.method, status, log.String(), tt.status)
		}
	}
}

func handler(store pay.EventStore, handle func(context.Context, string) error) *webhook.Handler[string] {
	event := []webhook.Event[string]{{ID: []string{"event 1"}, Value: "paid"}}
	return webhook.New(webhook.NewClient("p", "account", store, time.Now, nil), webhook.Protocol[string]{
		Methods: []string{http.MethodGet},
		Replies: webhook.Replies{Accepted: webhook.Reply{Status: 200}, Invalid: webhook.Reply{Status: 400}, Failed: webhook.Reply{Status: 503}},
		Read: func(*http.Request, []byte) (webhook.Notification[string], error) {
			return webhook.Notification[string]{ID: []string{"notification 1"}, Confirm: func(context.Context) ([]webhook.Event[string], error) { return event, nil }}, nil
		},
	}, handle, nil)
}

func deliver(h http.Handler) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	return w.Code
}
