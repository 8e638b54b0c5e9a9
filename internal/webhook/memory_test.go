package webhook_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

func TestStoreOrMemory(t *testing.T) {
	own := store()
	if got := webhook.NewClient("p", "account", own, time.Now, nil).Store; got != pay.EventStore(own) {
		t.Errorf("got %v, want the store that was given", got)
	}
	at := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	s := webhook.NewClient("p", "account", nil, func() time.Time { return at }, nil).Store
	for _, want := range []pay.Claim{pay.ClaimGranted, pay.ClaimBusy} {
		if got, err := s.Claim(t.Context(), "key", fmt.Sprint("owner ", want), time.Minute); got != want || err != nil {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
}

// TestMemoryKeepsKeysApart: a claim or a release of one event changes no other.
func TestMemoryKeepsKeysApart(t *testing.T) {
	ctx, s := t.Context(), store()
	for _, key := range []string{"a", "b", "c"} {
		if got, _ := s.Claim(ctx, key, "1", time.Minute); got != pay.ClaimGranted {
			t.Fatalf("%s: got %v, want a claim", key, got)
		}
	}
	if err := errors.Join(s.Commit(ctx, "b", "1", time.Hour), s.Release(ctx, "c", "1")); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]pay.Claim{"a": pay.ClaimBusy, "b": pay.ClaimDone, "c": pay.ClaimGranted} {
		if got, _ := s.Claim(ctx, key, "2", time.Minute); got != want {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
	for _, owner := range []string{"1", "2"} { // handled is handled, whoever says so
		if err := errors.Join(s.Commit(ctx, "b", owner, time.Hour), s.Commit(ctx, "never claimed", owner, time.Hour)); err != nil {
			t.Errorf("owner %s: %v", owner, err)
		}
	}
}

// TestMemoryForgets: it does not grow with the number of expired events, and keeps
// those that are not expired.
func TestMemoryForgets(t *testing.T) {
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	ctx, s := t.Context(), &webhook.Memory{Now: func() time.Time { return now }}
	if err := s.Commit(ctx, "handled", "1", 72*time.Hour); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 4 << 10 {
		if _, err := s.Claim(ctx, fmt.Sprintf("%d%s", i, strings.Repeat("x", 4<<10)), "1", time.Second); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("4096 expired events of 4 KiB take %d bytes", grown)
	}
	if got, _ := s.Claim(ctx, "handled", "2", time.Second); got != pay.ClaimDone {
		t.Errorf("an event that was handled: got %v, want ClaimDone", got)
	}
	runtime.KeepAlive(s)
}
