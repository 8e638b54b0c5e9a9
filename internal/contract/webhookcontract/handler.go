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
	"strconv"
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

// countRuns is a handler that counts its runs.
func countRuns(runs *atomic.Int32) func(context.Context) error {
	return func(context.Context) error { runs.Add(1); return nil }
}

func bodySizesAndEncodings(t *testing.T, s harness.Suite) {
	n, runs := s.Notifications, new(atomic.Int32)
	h := n.NewHandler(t, countRuns(runs))
	expect := func(input string, r *http.Request, wantRuns int32, statuses ...int) {
		t.Helper()
		got := harness.ReplyOf(h, r)
		if !slices.Contains(statuses, got.Status) {
			t.Errorf("notification with %s: got status %d with body %s, want status %v", input, got.Status, harness.Short(got.Body), statuses)
		}
		harness.Expect(t, "notification with "+input, "runs of the handler", runs.Load(), wantRuns)
	}
	const most = 1 << 20
	body := n.Body("1")
	padded := append(bytes.Clone(body), bytes.Repeat([]byte(" "), most-len(body))...)
	empty := n.NewRequest(t, nil)
	empty.Header = http.Header{}
	expect("no body", empty, 0, 400, 401)
	expect("1 MiB and a byte", n.NewRequest(t, append(bytes.Clone(padded), ' ')), 0, n.Failed.Status)
	expect("1 MiB", n.NewRequest(t, padded), 1, 200)
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodHead, "TRACE", ""} {
		r := n.NewRequest(t, body)
		r.Method = method
		expect("method "+method, r, 1, 405)
	}

	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, _ = w.Write(n.Body("2"))
	_ = w.Close()
	r := n.NewRequest(t, compressed.Bytes())
	r.Header.Set("Content-Encoding", "gzip")
	if n.Signing == nil {
		expect("a gzip body", r, 1, 400)
		return
	}
	// The handler never decompresses a body, so a signed one is genuine but unreadable.
	expect("a gzip body, signed after compression", r, 1, n.Failed.Status)
	r = n.NewRequest(t, n.Body("2"))
	r.Body = io.NopCloser(&compressed)
	expect("a gzip body, signed before compression", r, 1, n.Forged.Status)
}

// slowBodyIsAbandoned sends a byte a second, and reads the response meanwhile. It
// works on the connection itself: net/http closes the connection as soon as it has
// sent a response to a request whose body timed out, and an http.Transport that is
// still writing then reports either the response or its own failed write.
func slowBodyIsAbandoned(t *testing.T, s harness.Suite) {
	const subject = "notification with a body of a byte a second"
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
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("%s: got a response after %v, want it within 15s", subject, took)
		}
		if err != nil {
			t.Errorf("%s: got %v, want a response", subject, err)
		} else {
			harness.Expect(t, subject, "status", resp.StatusCode, s.Notifications.Failed.Status)
			_ = resp.Body.Close()
		}
		harness.Expect(t, subject, "runs of the handler", runs.Load(), 0)
		_ = conn.Close()
		sender.Wait()
		time.Sleep(time.Second) // fake time: net/http waits half a second before it gives up a connection
	})
}

// concurrentDeliveriesRunHandlerOnce delivers one event 100 times at once to a
// handler that takes a second.
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
			if got := harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))); got != n.Accepted {
				return fmt.Errorf("got %+v, want %+v", got, n.Accepted)
			}
			if !done.Load() {
				return errors.New("accepted before the handler returned")
			}
			return nil
		})
		harness.ExpectNoErrors(t, "concurrent deliveries of one event", errs)
		harness.Expect(t, "a later delivery", "reply", harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))), n.Accepted)
		harness.Expect(t, "101 deliveries of one event", "runs of the handler", runs.Load(), 1)
	})
}

// differentEventsDoNotWaitForEachOther delivers two events at once to a handler that
// takes a second.
func differentEventsDoNotWaitForEachOther(t *testing.T, s harness.Suite) {
	synctest.Test(t, func(t *testing.T) {
		n, runs, start := s.Notifications, new(atomic.Int32), time.Now()
		h := n.NewHandler(t, func(context.Context) error {
			runs.Add(1)
			time.Sleep(time.Second) // fake time
			return nil
		})
		var replies [2]harness.Reply
		var deliveries sync.WaitGroup
		for i := range replies {
			deliveries.Go(func() { replies[i] = harness.ReplyOf(h, n.NewRequest(t, n.Body(strconv.Itoa(i)))) })
		}
		deliveries.Wait()
		harness.Expect(t, "two events at once", "replies", replies, [2]harness.Reply{n.Accepted, n.Accepted})
		harness.Expect(t, "two events at once", "runs of the handler", runs.Load(), 2)
		harness.Expect(t, "two events at once", "time", time.Since(start), time.Second)
	})
}

func failureIsAnsweredAndRedelivered(t *testing.T, s harness.Suite) {
	n, runs := s.Notifications, 0
	h := n.NewHandler(t, func(context.Context) error {
		if runs++; runs <= 2 {
			return errors.New("the database is down")
		}
		return nil
	})
	for i, want := range []harness.Reply{n.Failed, n.Failed, n.Accepted, n.Accepted} {
		harness.Expect(t, fmt.Sprintf("delivery %d", i+1), "reply", harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))), want)
	}
	harness.Expect(t, "4 deliveries, of which 2 fail", "runs of the handler", runs, 3)
}

// eventsInAnyOrderAreDelivered delivers the history of one resource forward and
// backward.
func eventsInAnyOrderAreDelivered(t *testing.T, s harness.Suite) {
	n := s.Notifications
	if len(n.History) < 2 {
		t.Fatalf("the suite has a history of %d events, want 2 or more", len(n.History))
	}
	backward := slices.Clone(n.History)
	slices.Reverse(backward)
	for order, events := range map[string][][]byte{"forward": n.History, "backward": backward} {
		runs := new(atomic.Int32)
		h := n.NewHandler(t, countRuns(runs))
		for range 2 { // the second time all are known
			for i, body := range events {
				harness.Expect(t, fmt.Sprintf("%s, event %d", order, i+1), "reply", harness.ReplyOf(h, n.NewRequest(t, body)), n.Accepted)
			}
		}
		harness.Expect(t, order, "runs of the handler", int(runs.Load()), len(events))
	}
}

func repliesAreTheProviders(t *testing.T, s harness.Suite) {
	n := s.Notifications
	runs := new(atomic.Int32)
	harness.Expect(t, "genuine notification", "reply", harness.ReplyOf(n.NewHandler(t, countRuns(runs)), n.NewRequest(t, n.Body("1"))), n.Accepted)

	forged := n.NewRequest(t, n.Body("forged"))
	if sign := n.Signing; sign != nil {
		stamp := sign.Stamp(time.Now())
		forged.Header = sign.Header(sign.Secrets[0], stamp, sign.Sign(t, sign.Secrets[1], stamp, n.Body("forged")))
	}
	harness.Expect(t, "forged notification", "reply", harness.ReplyOf(n.NewHandler(t, countRuns(runs)), forged), n.Forged)

	synctest.Test(t, func(t *testing.T) {
		expect := func(subject string, want harness.Reply, handle func(context.Context) error) {
			t.Helper()
			h, start := n.NewHandler(t, handle), time.Now()
			harness.Expect(t, subject, "reply", harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))), want)
			if took := time.Since(start); took > n.Within {
				t.Errorf("%s: got a reply after %v, want it within %v", subject, took, n.Within)
			}
		}
		expect("slow handler", n.Accepted, func(context.Context) error { time.Sleep(n.Within * 4 / 5); return nil }) // fake time
		expect("handler that blocks until its context ends", n.Failed, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	})
}

// panicIsRedelivered lets the handler panic with the body in its message.
func panicIsRedelivered(t *testing.T, s harness.Suite) {
	var log strings.Builder
	n, runs := s.Notifications, 0
	h := n.NewHandler(t, func(context.Context) error {
		if runs++; runs == 1 {
			panic("canary " + string(n.Body("1")))
		}
		return nil
	}, pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	harness.Expect(t, "delivery whose handler panics", "reply", harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))), n.Failed)
	text := log.String()
	if !strings.Contains(text, "panicked") || !strings.Contains(text, "provider="+s.Provider) {
		t.Errorf("delivery whose handler panics: got the log %s, want one that mentions the panic and the provider", harness.Short(text))
	}
	if strings.Contains(text, "canary") || strings.Contains(strings.ReplaceAll(text, `\"`, `"`), string(n.Body("1"))) {
		t.Errorf("delivery whose handler panics: the log %s contains the value of the panic", harness.Short(text))
	}
	harness.Expect(t, "redelivery", "reply", harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))), n.Accepted)
	harness.Expect(t, "redelivery", "runs of the handler", runs, 2)
}

// unknownEventTypeIsDelivered delivers an event whose type the spec does not have.
func unknownEventTypeIsDelivered(t *testing.T, s harness.Suite) {
	n, runs := s.Notifications, new(atomic.Int32)
	h := n.NewHandler(t, countRuns(runs))
	for i := range 2 {
		subject := fmt.Sprintf("delivery %d of an unknown event type", i+1)
		harness.Expect(t, subject, "reply", harness.ReplyOf(h, n.NewRequest(t, n.Unknown)), n.Accepted)
		harness.Expect(t, subject, "runs of the handler", runs.Load(), 1)
	}
}
