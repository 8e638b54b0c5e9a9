package webhookcontract

import (
	"bufio"
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
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// counted is user code that counts its runs.
func countRuns(runs *atomic.Int32) func(context.Context) error {
	return func(context.Context) error { runs.Add(1); return nil }
}

// W5 sends bodies of all sizes and encodings.
func bodySizesAndEncodings(t *testing.T, s harness.Suite) {
	n, runs := s.Notifications, new(atomic.Int32)
	h := n.NewHandler(t, countRuns(runs))
	is := func(name string, r *http.Request, wantRuns int32, statuses ...int) {
		t.Helper()
		if got := harness.ReplyOf(h, r); !slices.Contains(statuses, got.Status) || runs.Load() != wantRuns {
			t.Errorf("%s: answered %d %q, want %v; user code ran %d times, want %d", name, got.Status, got.Body, statuses, runs.Load(), wantRuns)
		}
	}
	body := n.Body("1")
	padded := append(bytes.Clone(body), bytes.Repeat([]byte(" "), 1<<20-len(body))...)
	empty := n.NewRequest(t, nil)
	empty.Header = http.Header{}
	is("no body", empty, 0, 400, 401)
	is("1 MiB and a byte", n.NewRequest(t, append(bytes.Clone(padded), ' ')), 0, 413)
	is("1 MiB", n.NewRequest(t, padded), 1, 200)
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodHead, "TRACE", ""} {
		r := n.NewRequest(t, body)
		r.Method = method
		is("method "+method, r, 1, 405)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(n.Body("2"))
	_ = w.Close()
	zipped := n.NewRequest(t, packed.Bytes())
	zipped.Header.Set("Content-Encoding", "gzip")
	if n.Signing == nil {
		is("a packed body", zipped, 1, 400)
	} else {
		is("a packed body, signed as it is", zipped, 1, n.Failed.Status) // genuine, and not to be read: never unpacked
		plain := n.NewRequest(t, n.Body("2"))
		plain.Body = io.NopCloser(&packed)
		is("a packed body, signed before", plain, 1, n.Forged.Status)
	}
	t.Logf("no body: 4xx; 1 MiB: 200; 1 MiB + 1: 413; other methods: 405; packed: judged by its raw bytes, never run")
}

// slowBody sends a byte a second, and reads the response meanwhile. It works on the
// connection itself: net/http closes the connection as soon as it has sent a
// response to a request whose body timed out, and an http.Transport that is still
// writing then reports either the response or its own failed write.
func slowBodyIsAbandoned(t *testing.T, s harness.Suite) {
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		runs := new(atomic.Int32)
		conn, err := faulthttp.Pipe(t, s.Notifications.NewHandler(t, countRuns(runs))).DialContext(t.Context(), "tcp", "shop.localhost:80")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var sender sync.WaitGroup
		sender.Go(func() {
			_, err := io.WriteString(conn, "POST "+harness.NotificationPath+" HTTP/1.1\r\nHost: shop.localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
			for err == nil { // until the server closes the connection
				time.Sleep(time.Second) // fake time
				_, err = io.WriteString(conn, "1\r\n \r\n")
			}
		})
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if took = time.Since(start); err != nil {
			t.Errorf("a body of a byte a second: got %v after %v, want a response", err, took)
		} else if resp.StatusCode != s.Notifications.Failed.Status {
			t.Errorf("a body of a byte a second: got status %d, want %d", resp.StatusCode, s.Notifications.Failed.Status)
		}
		if took > 15*time.Second {
			t.Errorf("a body of a byte a second: response after %v, want it within 15 s", took)
		}
		if n := runs.Load(); n != 0 {
			t.Errorf("a body of a byte a second: user code ran %d times, want 0", n)
		}
		_ = conn.Close()
		sender.Wait()
	})
	t.Logf("a byte a second: abandoned after %v of fake time", took)
}

// W6 delivers one event 100 times at once; user code takes a second.
func concurrentDeliveriesRunHandlerOnce(t *testing.T, s harness.Suite) {
	synctest.Test(t, func(t *testing.T) {
		n, runs := s.Notifications, new(atomic.Int32)
		var done atomic.Bool
		h := n.NewHandler(t, func(context.Context) error {
			runs.Add(1)
			time.Sleep(time.Second) // fake time
			done.Store(true)
			return nil
		})
		errs := harness.Concurrently(100, func() error {
			if got := harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))); got != n.Accepted || !done.Load() {
				return fmt.Errorf("answered %d %q, done %v", got.Status, got.Body, done.Load())
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil || runs.Load() != 1 {
			t.Errorf("user code ran %d times; %v", runs.Load(), err)
		}
		if got := harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))); got != n.Accepted || runs.Load() != 1 {
			t.Errorf("later: answered %d, user code ran %d times", got.Status, runs.Load())
		}
		t.Logf("100 deliveries at once: user code ran %d time, 100 were accepted, none before it was done", runs.Load())
	})
}

// W7 lets user code fail, and delivers again.
func failureIsAnsweredAndRedelivered(t *testing.T, s harness.Suite) {
	n, runs := s.Notifications, 0
	h := n.NewHandler(t, func(context.Context) error {
		if runs++; runs <= 2 {
			return errors.New("the shop's database is away")
		}
		return nil
	})
	for i, want := range []harness.Reply{n.Failed, n.Failed, n.Accepted, n.Accepted} {
		if got := harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))); got != want {
			t.Errorf("delivery %d: answered %+v, want %+v", i+1, got, want)
		}
	}
	if runs != 3 {
		t.Errorf("user code ran %d times, want twice in vain and once for good", runs)
	}
	t.Logf("failures are answered %d, and each redelivery runs user code again: %d runs, then none", n.Failed.Status, runs)
}

// W8 delivers the history of one thing in every order of two.
func eventsInAnyOrderAreDelivered(t *testing.T, s harness.Suite) {
	n := s.Notifications
	backwards := slices.Clone(n.History)
	slices.Reverse(backwards)
	for name, order := range map[string][][]byte{"in order": n.History, "backwards": backwards} {
		runs := new(atomic.Int32)
		h := n.NewHandler(t, countRuns(runs))
		for range 2 { // the second time all is known
			for i, body := range order {
				if got := harness.ReplyOf(h, n.NewRequest(t, body)); got != n.Accepted {
					t.Errorf("%s, event %d: answered %+v", name, i+1, got)
				}
			}
		}
		if int(runs.Load()) != len(order) || len(order) < 2 {
			t.Errorf("%s: user code ran %d times for %d events", name, runs.Load(), len(order))
		}
	}
	t.Logf("%d events of one thing, in order and backwards: each delivered once; what it is worth is the state that the event holds, not when it came", len(n.History))
}

// W9 asks for each kind of answer.
func repliesAreTheProviders(t *testing.T, s harness.Suite) {
	n := s.Notifications
	if got := harness.ReplyOf(n.NewHandler(t, countRuns(new(atomic.Int32))), n.NewRequest(t, n.Body("1"))); got != n.Accepted {
		t.Errorf("genuine: answered %+v, want %+v", got, n.Accepted)
	}
	forged := n.NewRequest(t, n.Body("forged"))
	if n.Signing != nil {
		forged.Header = n.Signing.Header(n.Signing.Secrets[0], n.Signing.Stamp(time.Now()), n.Signing.Sign(t, n.Signing.Secrets[1], n.Signing.Stamp(time.Now()), n.Body("forged")))
	}
	if got := harness.ReplyOf(n.NewHandler(t, countRuns(new(atomic.Int32))), forged); got != n.Forged {
		t.Errorf("forged: answered %+v, want %+v", got, n.Forged)
	}
	var slow, hung time.Duration
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		h := n.NewHandler(t, func(context.Context) error { time.Sleep(n.Within * 4 / 5); return nil }) // fake time
		if got := harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))); got != n.Accepted || time.Since(start) > n.Within {
			t.Errorf("slow user code: answered %+v after %v", got, time.Since(start))
		}
		slow, start = time.Since(start), time.Now()
		h = n.NewHandler(t, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if got := harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))); got != n.Failed || time.Since(start) > n.Within {
			t.Errorf("user code that hangs until its context ends: answered %+v after %v, want %+v within %v", got, time.Since(start), n.Failed, n.Within)
		}
		hung = time.Since(start)
	})
	t.Logf("genuine %d %.20q; forged %d; user code of %v: %d; user code that hangs: %d after %v", n.Accepted.Status, n.Accepted.Body, n.Forged.Status, slow, n.Accepted.Status, n.Failed.Status, hung)
}

// W11 lets user code panic with the body in its hands.
func panicIsRedelivered(t *testing.T, s harness.Suite) {
	var log strings.Builder
	n, runs := s.Notifications, 0
	h := n.NewHandler(t, func(context.Context) error {
		if runs++; runs == 1 {
			panic("canary " + string(n.Body("1")))
		}
		return nil
	}, pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if got := harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))); got != n.Failed {
		t.Errorf("answered %+v, want %+v", got, n.Failed)
	}
	text := log.String()
	if !strings.Contains(text, "panicked") || strings.Contains(text, "canary") || strings.Contains(strings.ReplaceAll(text, `\"`, `"`), string(n.Body("1"))) {
		t.Errorf("the log: %s", text)
	}
	if got := harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))); got != n.Accepted || runs != 2 {
		t.Errorf("redelivery: answered %+v, user code ran %d times", got, runs)
	}
	t.Logf("a panic is answered %d and logged without its value; the redelivery runs user code and is answered %d", n.Failed.Status, n.Accepted.Status)
}

// W12 delivers an event of a kind that did not exist when the client was made.
func unknownEventTypeIsDelivered(t *testing.T, s harness.Suite) {
	n, runs := s.Notifications, new(atomic.Int32)
	h := n.NewHandler(t, countRuns(runs))
	for range 2 {
		if got := harness.ReplyOf(h, n.NewRequest(t, n.Unknown)); got != n.Accepted || runs.Load() != 1 {
			t.Errorf("answered %+v, user code ran %d times", got, runs.Load())
		}
	}
	t.Logf("an event of an unknown kind reached user code once and was answered %d", n.Accepted.Status)
}
