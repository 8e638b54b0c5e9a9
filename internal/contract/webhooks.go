package contract

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/pay"
)

// counted is user code that counts its runs.
func counted(runs *atomic.Int32) func(context.Context) error {
	return func(context.Context) error { runs.Add(1); return nil }
}

// W5 sends bodies of all sizes and encodings.
func W5(t *testing.T, s Suite) {
	n, runs := s.Notices, new(atomic.Int32)
	h := n.webhook(t, counted(runs))
	is := func(name string, r *http.Request, wantRuns int32, statuses ...int) {
		t.Helper()
		if got := answered(h, r); !slices.Contains(statuses, got.Status) || runs.Load() != wantRuns {
			t.Errorf("%s: answered %d %q, want %v; user code ran %d times, want %d", name, got.Status, got.Body, statuses, runs.Load(), wantRuns)
		}
	}
	body := n.Body("1")
	padded := append(bytes.Clone(body), bytes.Repeat([]byte(" "), 1<<20-len(body))...)
	empty := n.request(t, nil)
	empty.Header = http.Header{}
	is("no body", empty, 0, 400, 401)
	is("1 MiB and a byte", n.request(t, append(bytes.Clone(padded), ' ')), 0, 413)
	is("1 MiB", n.request(t, padded), 1, 200)
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodHead, "TRACE", ""} {
		r := n.request(t, body)
		r.Method = method
		is("method "+method, r, 1, 405)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(n.Body("2"))
	_ = w.Close()
	zipped := n.request(t, packed.Bytes())
	zipped.Header.Set("Content-Encoding", "gzip")
	if n.Seal == nil {
		is("a packed body", zipped, 1, 400)
	} else {
		is("a packed body, signed as it is", zipped, 1, n.Failed.Status) // genuine, and not to be read: never unpacked
		plain := n.request(t, n.Body("2"))
		plain.Body = io.NopCloser(&packed)
		is("a packed body, signed before", plain, 1, n.Forged.Status)
	}
	took := slowBody(t, s)
	Figure(t, "no body: 4xx; 1 MiB: 200; 1 MiB + 1: 413; other methods: 405; packed: judged by its raw bytes, never run; a byte a second: given up after %v of fake time", took)
}

// slowBody sends a byte a second.
func slowBody(t *testing.T, s Suite) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		runs, over := new(atomic.Int32), make(chan struct{})
		tr := Pipe(t, s.Notices.webhook(t, counted(runs)))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://shop.localhost"+HookPath, drip{over})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		resp, err := tr.RoundTrip(r)
		if took = time.Since(start); err != nil || resp.StatusCode < 400 || took > 15*time.Second || runs.Load() != 0 {
			t.Errorf("a slow body: %v, %v after %v", resp, err, took)
		}
		if err == nil {
			_ = resp.Body.Close()
		}
		close(over)
		time.Sleep(time.Minute) // the sender is done too, and the server has closed what it gave up
		synctest.Wait()
	})
	return took
}

// drip is a body that takes its time until it is over.
type drip struct{ over chan struct{} }

// Read implements io.Reader.
func (d drip) Read(b []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		b[0] = ' '
		return 1, nil
	case <-d.over:
		return 0, io.ErrClosedPipe
	}
}

// W6 delivers one event 100 times at once; user code takes a second.
func W6(t *testing.T, s Suite) {
	synctest.Test(t, func(t *testing.T) {
		n, runs := s.Notices, new(atomic.Int32)
		var done atomic.Bool
		h := n.webhook(t, func(context.Context) error {
			runs.Add(1)
			time.Sleep(time.Second) // fake time
			done.Store(true)
			return nil
		})
		errs := together(100, func() error {
			if got := answered(h, n.request(t, n.Body("1"))); got != n.Accepted || !done.Load() {
				return fmt.Errorf("answered %d %q, done %v", got.Status, got.Body, done.Load())
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil || runs.Load() != 1 {
			t.Errorf("user code ran %d times; %v", runs.Load(), err)
		}
		if got := answered(h, n.request(t, n.Body("1"))); got != n.Accepted || runs.Load() != 1 {
			t.Errorf("later: answered %d, user code ran %d times", got.Status, runs.Load())
		}
		Figure(t, "100 deliveries at once: user code ran %d time, 100 were accepted, none before it was done", runs.Load())
	})
}

// W7 lets user code fail, and delivers again.
func W7(t *testing.T, s Suite) {
	n, runs := s.Notices, 0
	h := n.webhook(t, func(context.Context) error {
		if runs++; runs <= 2 {
			return errors.New("the shop's database is away")
		}
		return nil
	})
	for i, want := range []Reply{n.Failed, n.Failed, n.Accepted, n.Accepted} {
		if got := answered(h, n.request(t, n.Body("1"))); got != want {
			t.Errorf("delivery %d: answered %+v, want %+v", i+1, got, want)
		}
	}
	if runs != 3 {
		t.Errorf("user code ran %d times, want twice in vain and once for good", runs)
	}
	Figure(t, "failures are answered %d, and each redelivery runs user code again: %d runs, then none", n.Failed.Status, runs)
}

// W8 delivers the history of one thing in every order of two.
func W8(t *testing.T, s Suite) {
	n := s.Notices
	backwards := slices.Clone(n.History)
	slices.Reverse(backwards)
	for name, order := range map[string][][]byte{"in order": n.History, "backwards": backwards} {
		runs := new(atomic.Int32)
		h := n.webhook(t, counted(runs))
		for range 2 { // the second time all is known
			for i, body := range order {
				if got := answered(h, n.request(t, body)); got != n.Accepted {
					t.Errorf("%s, event %d: answered %+v", name, i+1, got)
				}
			}
		}
		if int(runs.Load()) != len(order) || len(order) < 2 {
			t.Errorf("%s: user code ran %d times for %d events", name, runs.Load(), len(order))
		}
	}
	Figure(t, "%d events of one thing, in order and backwards: each delivered once; what it is worth is the state that the event holds, not when it came", len(n.History))
}

// W9 asks for each kind of answer.
func W9(t *testing.T, s Suite) {
	n := s.Notices
	if got := answered(n.webhook(t, counted(new(atomic.Int32))), n.request(t, n.Body("1"))); got != n.Accepted {
		t.Errorf("genuine: answered %+v, want %+v", got, n.Accepted)
	}
	forged := n.request(t, n.Body("forged"))
	if n.Seal != nil {
		forged.Header = n.Seal.Header(n.Seal.Secrets[0], n.Seal.Stamp(time.Now()), n.Seal.Sign(t, n.Seal.Secrets[1], n.Seal.Stamp(time.Now()), n.Body("forged")))
	}
	if got := answered(n.webhook(t, counted(new(atomic.Int32))), forged); got != n.Forged {
		t.Errorf("forged: answered %+v, want %+v", got, n.Forged)
	}
	var slow, hung time.Duration
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		h := n.webhook(t, func(context.Context) error { time.Sleep(n.Within * 4 / 5); return nil }) // fake time
		if got := answered(h, n.request(t, n.Body("1"))); got != n.Accepted || time.Since(start) > n.Within {
			t.Errorf("slow user code: answered %+v after %v", got, time.Since(start))
		}
		slow, start = time.Since(start), time.Now()
		h = n.webhook(t, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if got := answered(h, n.request(t, n.Body("1"))); got != n.Failed || time.Since(start) > n.Within {
			t.Errorf("user code that hangs until its context ends: answered %+v after %v, want %+v within %v", got, time.Since(start), n.Failed, n.Within)
		}
		hung = time.Since(start)
	})
	Figure(t, "genuine %d %.20q; forged %d; user code of %v: %d; user code that hangs: %d after %v", n.Accepted.Status, n.Accepted.Body, n.Forged.Status, slow, n.Accepted.Status, n.Failed.Status, hung)
}

// W11 lets user code panic with the body in its hands.
func W11(t *testing.T, s Suite) {
	var log strings.Builder
	n, runs := s.Notices, 0
	h := n.webhook(t, func(context.Context) error {
		if runs++; runs == 1 {
			panic("canary " + string(n.Body("1")))
		}
		return nil
	}, pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if got := answered(h, n.request(t, n.Body("1"))); got != n.Failed {
		t.Errorf("answered %+v, want %+v", got, n.Failed)
	}
	text := log.String()
	if !strings.Contains(text, "panicked") || strings.Contains(text, "canary") || strings.Contains(strings.ReplaceAll(text, `\"`, `"`), string(n.Body("1"))) {
		t.Errorf("the log: %s", text)
	}
	if got := answered(h, n.request(t, n.Body("1"))); got != n.Accepted || runs != 2 {
		t.Errorf("redelivery: answered %+v, user code ran %d times", got, runs)
	}
	Figure(t, "a panic is answered %d and logged without its value; the redelivery runs user code and is answered %d", n.Failed.Status, n.Accepted.Status)
}

// W12 delivers an event of a kind that did not exist when the client was made.
func W12(t *testing.T, s Suite) {
	n, runs := s.Notices, new(atomic.Int32)
	if n.Unknown == nil {
		NotApplicable(t, n.NoKinds)
		return
	}
	h := n.webhook(t, counted(runs))
	for range 2 {
		if got := answered(h, n.request(t, n.Unknown)); got != n.Accepted || runs.Load() != 1 {
			t.Errorf("answered %+v, user code ran %d times", got, runs.Load())
		}
	}
	Figure(t, "an event of an unknown kind reached user code once and was answered %d", n.Accepted.Status)
}
