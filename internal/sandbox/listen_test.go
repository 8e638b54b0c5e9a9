package sandbox_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// waitForGoroutines waits until no more goroutines run than before. After 5 s it
// fails the test.
func waitForGoroutines(t *testing.T, before int) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-deadline:
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, want at most %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestCloseStopsGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	a := open(t, sandbox.Settings{SlowDelay: time.Hour})
	c := client(t)
	for _, kind := range []string{sandbox.FaultResetBeforeRead, sandbox.FaultResetInBody, sandbox.FaultRefuse} {
		if err := a.Fault(kind); err != nil {
			t.Fatal(err)
		}
		a.call(t, c, "POST", "/widgets", "{}")
		a.call(t, c, "POST", "/widgets", "{}")
	}
	a.Close()
	a.Close()
	c.CloseIdleConnections()
	waitForGoroutines(t, before)
}

func TestManySandboxes(t *testing.T) {
	before := runtime.NumGoroutine()
	var all sync.WaitGroup
	bodies := make([]string, 200)
	for i := range bodies {
		a := open(t, sandbox.Settings{Seed: uint64(i % 2), Start: time.Unix(1, 0)})
		all.Go(func() {
			c := client(t)
			bodies[i] = a.call(t, c, "POST", "/widgets", `{"name":"x"}`).raw
			c.CloseIdleConnections()
			a.Close()
		})
	}
	all.Wait()
	for i, got := range bodies {
		if got == "" || got != bodies[i%2] {
			t.Fatalf("sandbox %d responded %q, another with the same seed %q", i, got, bodies[i%2])
		}
	}
	if bodies[0] == bodies[1] {
		t.Error("two seeds produced the same IDs")
	}
	waitForGoroutines(t, before)
}

func TestConcurrentRequests(t *testing.T) {
	a := open(t, sandbox.Settings{})
	c := client(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { a.call(t, c, "POST", "/widgets", `{}`) })
		all.Go(func() { a.Requests(); a.Ledger(); a.Now() })
	}
	all.Wait()
	if len(a.Ledger()) != 50 || len(a.Requests()) != 50 {
		t.Errorf("%d entries, %d requests; want 50 each", len(a.Ledger()), len(a.Requests()))
	}
	for i, q := range a.Requests() {
		if q.Seq != i+1 || q.Status != 200 {
			t.Errorf("request %d: %+v", i, q)
		}
	}
}
