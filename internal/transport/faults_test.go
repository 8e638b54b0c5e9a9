package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestCallWithDoneContextIsNotApplied: nothing is sent, so a write has certainly not
// taken effect. The context may be done before the call, or an observer ends it.
func TestCallWithDoneContextIsNotApplied(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, start := range map[string]struct {
		ctx context.Context
		o   pay.Observer
	}{
		"before the call":           {ctx: canceled},
		"by the call's observer":    {ctx: t.Context(), o: canceling{call: true}},
		"by the attempt's observer": {ctx: t.Context(), o: canceling{}},
	} {
		for _, op := range operations {
			s := &server{script: []http.HandlerFunc{ok}}
			_, err := call(start.ctx, client(t, s, pay.WithObserver(start.o)), op)
			var e *apierr.Error
			if !errors.As(err, &e) || e.Outcome() != apierr.OutcomeNotApplied || !errors.Is(err, apierr.ErrUnavailable) || !errors.Is(err, context.Canceled) || e.Attempts != 0 || e.Advice() != apierr.AdviceBackoff {
				t.Errorf("%s, %s: %v; want not applied, unavailable and no attempt", op.ID, name, err)
			}
			if s.requests() != 0 {
				t.Errorf("%s, %s: %d requests; want none", op.ID, name, s.requests())
			}
		}
	}
}

// canceling is an observer that returns a canceled context.
type canceling struct{ call bool }

func (o canceling) StartCall(ctx context.Context, _ pay.Call) context.Context {
	return canceledIf(ctx, o.call)
}

func (o canceling) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context {
	return canceledIf(ctx, !o.call)
}

func (canceling) EndCall(context.Context, pay.Call, pay.CallResult)          {}
func (canceling) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult) {}

func canceledIf(ctx context.Context, yes bool) context.Context {
	if !yes {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

// TestIncompleteResponseOfTransport: a transport that returns no response, or one
// without a body, is a failed attempt and not a panic.
func TestIncompleteResponseOfTransport(t *testing.T) {
	for name, response := range map[string]*http.Response{"no response": nil, "200 without a body": {StatusCode: 200}, "503 without a body": {StatusCode: 503}} {
		for _, op := range operations {
			requests := 0
			c, err := newClient(profile(), pay.WithMaxAttempts(1), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
				requests++
				return response, nil
			})))
			if err != nil {
				t.Fatal(err)
			}
			_, err = call(t.Context(), c, op)
			if err == nil || requests != 1 || errors.Is(err, apierr.ErrOutcomeUnknown) == (op == &read) {
				t.Errorf("%s, %s: %v after %d requests; want an error, and an unknown outcome for a write", op.ID, name, err, requests)
			}
		}
	}
}

// TestSwitchedProtocolEnds: after a 101 with Upgrade, net/http no longer applies the
// context to the connection, so a read of it would never end.
func TestSwitchedProtocolEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body)
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n")
			}
		}
	}()
	c, err := newClient(profile(), pay.WithBaseURL("http://"+l.Addr().String()), pay.WithAttemptTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := call(t.Context(), c, &keyed)
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, apierr.ErrOutcomeUnknown) {
			t.Errorf("%v; want an unknown outcome", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the call did not end within 10 s, although one attempt may take 1 s")
	}
}

// TestStalledErrorBodyDoesNotDelayItsCode: what exceeds the limit of an error body is
// not waited for.
func TestStalledErrorBodyDoesNotDelayItsCode(t *testing.T) {
	stalled := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"error":"TAKEN","message":"`+strings.Repeat("x", 20<<10))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-stalled:
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	defer close(stalled)
	c, err := newClient(profile(), pay.WithBaseURL(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := call(t.Context(), c, &keyed)
		done <- err
	}()
	select {
	case err := <-done:
		if e, ok := errors.AsType[*apierr.Error](err); !ok || e.RawCode != "TAKEN" || !e.Truncated {
			t.Errorf("got %v, want the code TAKEN and a truncated body", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the call did not end within 10 s, although its code was there")
	}
}
