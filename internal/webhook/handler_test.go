package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

const maxBody = 1 << 20

// store returns an event store in memory.
func store() *webhook.Memory { return &webhook.Memory{Now: time.Now} }

// TestResponses: the provider gets the response that says whether to deliver again.
func TestResponses(t *testing.T) {
	const plain = "text/plain; charset=utf-8"
	failed := errors.New("failed")
	for _, tt := range []struct {
		name, method               string
		body                       io.Reader
		read, confirm, handle      error
		status                     int
		media, text, logged, allow string
		runs                       int
	}{
		{name: "accepted", status: 200, media: "application/json", text: "{}", runs: 1},
		{name: "as large as allowed", body: strings.NewReader(strings.Repeat("x", maxBody)), status: 200, media: "application/json", text: "{}", runs: 1},
		{name: "another method", method: http.MethodPost, status: 405, media: plain, text: "method not allowed", allow: "GET, PUT"},
		{name: "too large", body: strings.NewReader(strings.Repeat("x", maxBody+1)), status: 503, media: plain, text: "again", logged: "its body is larger than 1048576 bytes"},
		{name: "cut", body: iotest.ErrReader(io.ErrUnexpectedEOF), status: 503, media: plain, text: "again"},
		{name: "not genuine", read: failed, status: 400, media: plain, text: "bad", logged: "notification refused"},
		{name: "not verifiable", read: fmt.Errorf("no secret: %w", webhook.ErrNotVerifiable), status: 503, media: plain, text: "again", logged: "notification cannot be verified"},
		{name: "denied by the provider", confirm: fmt.Errorf("404: %w", webhook.ErrForged), status: 400, media: plain, text: "bad", logged: "notification not confirmed"},
		{name: "not confirmed", confirm: failed, status: 503, media: plain, text: "again", logged: "confirming a notification failed"},
		{name: "not handled", handle: failed, status: 503, media: plain, text: "again", logged: "handling an event failed", runs: 1},
	} {
		var log bytes.Buffer
		runs := 0
		h := handler(store(), func(context.Context, string) error { runs++; return tt.handle })
		h.Methods = append(h.Methods, http.MethodPut)
		h.Logger = slog.New(slog.NewTextHandler(&log, nil))
		h.Replies = webhook.Replies{Accepted: webhook.Reply{Status: 200, Type: "application/json", Body: "{}"}, Invalid: webhook.Reply{Status: 400, Body: "bad"}, Failed: webhook.Reply{Status: 503, Body: "again"}}
		read := h.Read
		h.Read = func(r *http.Request, body []byte) (webhook.Notification[string], error) {
			n, _ := read(r, body)
			if confirm := n.Confirm; tt.confirm != nil {
				n.Confirm = func(ctx context.Context) ([]webhook.Event[string], error) {
					events, _ := confirm(ctx)
					return events, tt.confirm
				}
			}
			return n, tt.read
		}
		method := http.MethodGet
		if tt.method != "" {
			method = tt.method
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/", tt.body))
		if w.Code != tt.status || w.Body.String() != tt.text || w.Header().Get("Content-Type") != tt.media || w.Header().Get("Allow") != tt.allow {
			t.Errorf("%s: got %d %q %v, want %d %q, %s, Allow %q", tt.name, w.Code, w.Body, w.Header(), tt.status, tt.text, tt.media, tt.allow)
		}
		if runs != tt.runs {
			t.Errorf("%s: user code ran %d times, want %d", tt.name, runs, tt.runs)
		}
		if got := log.String(); !strings.Contains(got, tt.logged) || tt.logged == "" && got != "" {
			t.Errorf("%s: got the log %q, want %q", tt.name, got, tt.logged)
		}
	}
}

// deadlines is a response writer that records the deadline for reading.
type deadlines struct {
	http.ResponseWriter
	read time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error { d.read = at; return nil }

// TestTimeLimits: the body has 10 s, confirmation and user code 50 s together, and the
// store 5 s. An abandoned claim ends after 2 minutes.
func TestTimeLimits(t *testing.T) {
	for _, tt := range []struct {
		timeout, want time.Duration
		result        error
	}{{0, 50 * time.Second, nil}, {25 * time.Second, 25 * time.Second, nil}, {0, 50 * time.Second, errors.New("failed")}} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			limits := &limits{Memory: store()}
			var seen context.Context
			h := handler(limits, func(ctx context.Context, _ string) error {
				seen = ctx
				if at, _ := ctx.Deadline(); at.Sub(start) != tt.want {
					t.Errorf("user code: got %v, want %v", at.Sub(start), tt.want)
				}
				return tt.result
			})
			h.Timeout = tt.timeout
			w := &deadlines{ResponseWriter: httptest.NewRecorder()}
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			if got := w.read.Sub(start); got != 10*time.Second {
				t.Errorf("the body: got %v, want 10s", got)
			}
			if got := limits.deadline.Sub(start); got != 5*time.Second {
				t.Errorf("the store: got %v, want 5s", got)
			}
			if limits.claim != 2*time.Minute {
				t.Errorf("the claim: got %v, want 2m", limits.claim)
			}
			for name, ctx := range map[string]context.Context{"user code": seen, "the store": limits.ctx} {
				if !errors.Is(ctx.Err(), context.Canceled) {
					t.Errorf("the context of %s is not released: %v", name, ctx.Err())
				}
			}
		})
	}
}

// limits is a store that records what it is called with.
type limits struct {
	*webhook.Memory
	claim    time.Duration
	deadline time.Time
	ctx      context.Context
}

func (s *limits) Claim(ctx context.Context, key, owner string, ttl time.Duration) (pay.Claim, error) {
	s.claim = ttl
	return s.Memory.Claim(ctx, key, owner, ttl)
}

func (s *limits) Commit(ctx context.Context, key, owner string, ttl time.Duration) error {
	s.ctx = ctx
	s.deadline, _ = ctx.Deadline()
	return s.Memory.Commit(ctx, key, owner, ttl)
}

func (s *limits) Release(ctx context.Context, key, owner string) error {
	s.ctx = ctx
	s.deadline, _ = ctx.Deadline()
	return s.Memory.Release(ctx, key, owner)
}

// refusing is a store that does not grant claims.
type refusing struct {
	*webhook.Memory
	claim pay.Claim
	err   error
}

func (s refusing) Claim(context.Context, string, string, time.Duration) (pay.Claim, error) {
	return s.claim, s.err
}

// TestUserCodeNeedsAClaim: without one, it would run twice.
func TestUserCodeNeedsAClaim(t *testing.T) {
	for name, tt := range map[string]struct {
		refusing
		status int
	}{
		"busy":    {refusing{claim: pay.ClaimBusy}, 503},
		"done":    {refusing{claim: pay.ClaimDone}, 200},
		"unknown": {refusing{claim: 99}, 503},
		"failed":  {refusing{claim: pay.ClaimGranted, err: errors.New("no connection")}, 503},
	} {
		h := handler(tt.refusing, func(context.Context, string) error { t.Errorf("%s: user code ran", name); return nil })
		if got := deliver(h); got != tt.status {
			t.Errorf("%s: got %d, want %d", name, got, tt.status)
		}
	}
}

// TestConcurrentDeliveries: deliveries of one notification that arrive while it is
// handled get the same response, and user code runs once. A sender that hangs up does
// not wait.
func TestConcurrentDeliveries(t *testing.T) {
	for name, result := range map[string]error{"handled": nil, "failed": errors.New("failed")} {
		synctest.Test(t, func(t *testing.T) {
			release, runs := make(chan struct{}), 0
			h := handler(store(), func(context.Context, string) error {
				runs++
				<-release
				return result
			})
			sender, hangUp := context.WithCancel(t.Context())
			var done sync.WaitGroup
			var codes [4]int
			for i := range codes {
				done.Go(func() {
					ctx := t.Context()
					if i == 3 {
						ctx = sender
					}
					w := httptest.NewRecorder()
					h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
					codes[i] = w.Code
				})
				synctest.Wait()
			}
			hangUp()
			synctest.Wait()
			if codes != [4]int{0, 0, 0, 503} {
				t.Errorf("%s, while it is handled: got %v, want 503 for the sender that hung up, and no other response", name, codes)
			}
			close(release)
			done.Wait()
			want := 200
			if result != nil {
				want = 503
			}
			if codes != [4]int{want, want, want, 503} || runs != 1 {
				t.Errorf("%s: got %v, %d runs; want %d for all that waited, 1 run", name, codes, runs, want)
			}
			if got := deliver(h); got != want || result == nil && runs != 1 || result != nil && runs != 2 {
				t.Errorf("%s, the next delivery: got %d, %d runs in all", name, got, runs)
			}
		})
	}
}

// TestPanicInConfirm: it asks for another delivery, also of those that wait.
func TestPanicInConfirm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		h := handler(store(), func(context.Context, string) error { t.Error("user code ran"); return nil })
		h.Read = func(*http.Request, []byte) (webhook.Notification[string], error) {
			return webhook.Notification[string]{ID: []string{"1"}, Confirm: func(context.Context) ([]webhook.Event[string], error) {
				<-release
				panic("broken")
			}}, nil
		}
		var done sync.WaitGroup
		var codes [2]int
		for i := range codes {
			done.Go(func() { codes[i] = deliver(h) })
			synctest.Wait()
		}
		close(release)
		done.Wait()
		if codes != [2]int{503, 503} {
			t.Errorf("got %v, want 503 for both", codes)
		}
	})
}

// TestInvalidOptions: the handler passes nothing on, whatever options follow.
func TestInvalidOptions(t *testing.T) {
	for name, opts := range map[string][]pay.WebhookOption{
		"nil": {nil}, "empty name": {pay.WithHandlerName("")}, "empty name, then another": {pay.WithHandlerName(""), pay.WithHandlerName("b")}, "valid": {pay.WithHandlerName("b")}, "none": nil,
	} {
		var log bytes.Buffer
		runs, valid := 0, name == "valid" || name == "none"
		plain := handler(store(), nil)
		h := webhook.New(webhook.NewClient("p", "account", store(), time.Now, slog.New(slog.NewTextHandler(&log, nil))), plain.Protocol, func(context.Context, string) error { runs++; return nil }, opts)
		for range 2 {
			if got := log.String(); strings.Contains(got, "all notifications are refused") == valid || valid && got != "" {
				t.Errorf("%s: got the log %q", name, got)
			}
			log.Reset()
			if got := deliver(h); got != 200 && valid || got != 503 && !valid {
				t.Errorf("%s: got %d, want a success %v", name, got, valid)
			}
		}
		if want := map[bool]int{true: 1}[valid]; runs != want {
			t.Errorf("%s: user code ran %d times, want %d", name, runs, want)
		}
	}
}

// panics is a log that panics.
type panics struct{ slog.Handler }

func (panics) Enabled(context.Context, slog.Level) bool  { return true }
func (panics) Handle(context.Context, slog.Record) error { panic("no space left") }

// TestPanicOfTheLogger: those that wait for the same notification get a response.
func TestPanicOfTheLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		h := handler(store(), func(context.Context, string) error { <-release; return errors.New("failed") })
		h.Logger = slog.New(panics{slog.DiscardHandler})
		var done sync.WaitGroup
		var second int
		done.Go(func() {
			defer func() { _ = recover() }()
			deliver(h)
		})
		synctest.Wait()
		done.Go(func() { second = deliver(h) })
		synctest.Wait()
		close(release)
		done.Wait()
		if second != 503 {
			t.Errorf("got %d, want 503", second)
		}
	})
}

// TestEventsInHandling: user code handles the events of 64 notifications at the same
// time. One more is to be delivered again, and another delivery of one of the 64 waits
// for it.
func TestEventsInHandling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var runs atomic.Int32
		h := handler(store(), func(context.Context, string) error {
			runs.Add(1)
			<-release
			return nil
		})
		h.Read = func(r *http.Request, _ []byte) (webhook.Notification[string], error) {
			id := []string{r.URL.Path}
			return webhook.Notification[string]{ID: id, Confirm: func(context.Context) ([]webhook.Event[string], error) {
				return []webhook.Event[string]{{ID: id}}, nil
			}}, nil
		}
		get := func(path string) int {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			return w.Code
		}
		var done sync.WaitGroup
		codes := make([]int, 65)
		for i := range 64 {
			done.Go(func() { codes[i] = get(fmt.Sprint("/", i)) })
		}
		synctest.Wait()
		if got := get("/64"); got != 503 || runs.Load() != 64 {
			t.Errorf("the 65th: got %d, %d runs; want 503, 64", got, runs.Load())
		}
		done.Go(func() { codes[64] = get("/0") })
		synctest.Wait()
		close(release)
		done.Wait()
		for i, code := range codes {
			if code != 200 {
				t.Errorf("delivery %d: got %d, want 200", i, code)
			}
		}
		if runs.Load() != 64 {
			t.Errorf("got %d runs, want 64", runs.Load())
		}
		for i := range 65 { // none of them counts any more
			if got := get(fmt.Sprint("/", i+64)); got != 200 {
				t.Errorf("delivery %d, again: got %d, want 200", i+64, got)
			}
		}
	})
}
