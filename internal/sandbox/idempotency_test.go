package sandbox

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// newCore returns the sandbox of a provider that does nothing.
func newCore(t *testing.T, settings Settings) *Sandbox {
	t.Helper()
	core, err := New(Provider{
		Name: "acme", Operations: []Operation{{Name: "x", Pattern: "GET /x"}}, ErrorResponse: func(*http.Request, error) Response { return Response{} },
	}, settings)
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// counting returns a function that counts its calls in n and returns the count.
func counting(n *int) func() Response {
	return func() Response {
		*n++
		return Response{Status: http.StatusCreated, Header: http.Header{}, Body: []byte(strconv.Itoa(*n))}
	}
}

func TestIdempotencyStore(t *testing.T) {
	core, runs := newCore(t, Settings{Start: time.Unix(1000, 0)}), 0
	k := &IdempotencyStore{Core: core, TTL: time.Hour, Keep: func(a Response) bool { return a.Status < 300 }}
	do := func(key, request string, run func() Response, want string, wantReplayed bool, wantErr error) {
		t.Helper()
		a, replayed, err := k.Do(t.Context(), key, request, run)
		if string(a.Body) != want || replayed != wantReplayed || !errors.Is(err, wantErr) {
			t.Errorf("%s %s: %q, replayed %v, %v; want %q, %v, %v", key, request, a.Body, replayed, err, want, wantReplayed, wantErr)
		}
	}
	run := counting(&runs)
	do("a", "one", run, "1", false, nil)
	do("a", "one", run, "1", true, nil)
	do("a", "two", run, "", false, ErrIdempotencyKeyReused)
	do("b", "two", run, "2", false, nil)
	do("", "two", run, "3", false, nil)
	do("", "two", run, "4", false, nil)
	if err := core.Clock().Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	do("a", "two", run, "5", false, nil)
	do("c", "one", func() Response { return Response{Status: 500, Body: []byte("busy")} }, "busy", false, nil)
	do("c", "two", run, "6", false, nil)
	k.Reset()
	do("c", "one", run, "7", false, nil)
	func() {
		defer func() { _ = recover() }()
		_, _, _ = k.Do(t.Context(), "d", "one", func() Response { panic("a bug") })
	}()
	do("d", "two", run, "8", false, nil)
}

func TestIdempotencyKeyInUse(t *testing.T) {
	for _, wait := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			runs := 0
			k := &IdempotencyStore{Core: newCore(t, Settings{}), TTL: time.Hour, Wait: wait}
			slow := func() Response {
				time.Sleep(time.Second) // fake time
				return counting(&runs)()
			}
			var group sync.WaitGroup
			group.Go(func() { _, _, _ = k.Do(t.Context(), "a", "one", slow) })
			synctest.Wait()
			if _, _, err := k.Do(t.Context(), "a", "two", slow); !errors.Is(err, ErrIdempotencyKeyReused) {
				t.Errorf("a different request in the meantime: %v", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			_, _, err := k.Do(ctx, "a", "one", slow)
			if wait && !errors.Is(err, context.DeadlineExceeded) || !wait && !errors.Is(err, ErrIdempotencyKeyInUse) {
				t.Errorf("wait %v: %v", wait, err)
			}
			if wait {
				if a, replayed, err := k.Do(t.Context(), "a", "one", slow); err != nil || !replayed || string(a.Body) != "1" {
					t.Errorf("the waiting request: %q, %v, %v", a.Body, replayed, err)
				}
			}
			group.Wait()
			if runs != 1 {
				t.Errorf("ran %d times", runs)
			}
		})
	}
}
