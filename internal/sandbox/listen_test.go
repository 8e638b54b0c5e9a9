package sandbox_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// leftover waits until no more goroutines run than before, or gives up.
func leftover(t *testing.T, before int) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-deadline:
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	a := open(t, sandbox.Settings{Hold: time.Hour})
	c := client(t)
	for _, kind := range []string{sandbox.FaultResetBeforeRead, sandbox.FaultResetInBody, sandbox.FaultRefuse} {
		if err := a.Fault(kind); err != nil {
			t.Fatal(err)
		}
		a.call(t, c, "POST", "/things", "{}")
		a.call(t, c, "POST", "/things", "{}")
	}
	a.Close()
	a.Close()
	c.CloseIdleConnections()
	leftover(t, before)
}

func TestManyAtOnce(t *testing.T) {
	before := runtime.NumGoroutine()
	var all sync.WaitGroup
	answers := make([]string, 200)
	for i := range answers {
		a := open(t, sandbox.Settings{Seed: uint64(i % 2), Start: time.Unix(1, 0)})
		all.Go(func() {
			c := client(t)
			answers[i] = a.call(t, c, "POST", "/things", `{"name":"x"}`).raw
			c.CloseIdleConnections()
			a.Close()
		})
	}
	all.Wait()
	for i, got := range answers {
		if got == "" || got != answers[i%2] {
			t.Fatalf("sandbox %d answered %q, another of its seed %q", i, got, answers[i%2])
		}
	}
	if answers[0] == answers[1] {
		t.Error("two seeds gave the same ids")
	}
	leftover(t, before)
}

func TestManyCallers(t *testing.T) {
	a := open(t, sandbox.Settings{})
	c := client(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { a.call(t, c, "POST", "/things", `{}`) })
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
