package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// everything is an observer that writes what it sees, without times.
type everything struct {
	strings.Builder
	contexts []context.Context
	took     []time.Duration
}

type derived struct{}

func (o *everything) StartCall(ctx context.Context, c pay.Call) context.Context {
	fmt.Fprintf(o, "call %s %s %v; ", c.Provider, c.Operation, c.IdempotencyKey)
	return context.WithValue(ctx, derived{}, "call")
}

func (o *everything) EndCall(ctx context.Context, c pay.Call, r pay.CallResult) {
	fmt.Fprintf(o, "end %s %s %v %v: %d %d %v", c.Provider, c.Operation, c.IdempotencyKey, ctx.Value(derived{}), r.StatusCode, r.Attempts, r.Err != nil)
	o.took = append(o.took, r.Duration)
}

func (o *everything) StartAttempt(ctx context.Context, a pay.Attempt) context.Context {
	fmt.Fprintf(o, "attempt %d %s %s %v; ", a.Number, a.Provider, a.Operation, ctx.Value(derived{}))
	o.contexts = append(o.contexts, ctx)
	return context.WithValue(ctx, derived{}, "attempt")
}

func (o *everything) EndAttempt(ctx context.Context, a pay.Attempt, r pay.AttemptResult) {
	fmt.Fprintf(o, "end %d %v: %d %v %v; ", a.Number, ctx.Value(derived{}), r.StatusCode, r.Err != nil, r.Wait)
	o.took = append(o.took, r.Duration)
}

// TestObserverSeesEverything: each method gets the context that the one before it
// returned.
func TestObserverSeesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen everything
		requests := 0
		var sent []context.Context
		var log bytes.Buffer
		c, err := newClient(profile(), pay.WithObserver(&seen), pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
			pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
				requests++
				if sent = append(sent, r.Context()); requests == 2 && sent[0].Err() == nil {
					t.Error("the context of the first attempt is not released")
				}
				time.Sleep(3 * time.Second)
				if requests == 1 {
					return &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"2"}}, Body: io.NopCloser(strings.NewReader(`{"error":"BUSY"}`))}, nil
				}
				return &http.Response{StatusCode: 201, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"id":"a"}`))}, nil
			})))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), c, &keyed); err != nil {
			t.Fatal(err)
		}
		want := "call test keyed true; attempt 1 test keyed call; end 1 attempt: 503 true 2s; attempt 2 test keyed call; end 2 attempt: 201 false 0s; end test keyed true call: 201 2 false"
		if got := seen.String(); got != want {
			t.Errorf("got\n%s, want\n%s", got, want)
		}
		if got, want := fmt.Sprint(seen.took), "[3s 3s 8s]"; got != want {
			t.Errorf("durations: got %s, want %s", got, want)
		}
		for _, ctx := range append(seen.contexts, sent...) {
			if !errors.Is(ctx.Err(), context.Canceled) {
				t.Errorf("a context is not released: %v", ctx.Err())
			}
		}
		for _, part := range []string{"attempt=1 status=503 code=BUSY took=3s wait=2s", "attempt=2 status=201 code=\"\" took=3s wait=0s", "provider=test operation=keyed"} {
			if !strings.Contains(log.String(), part) {
				t.Errorf("got the log %s, want one with %s", log.String(), part)
			}
		}
	})
}

// TestInvalidCalls: nothing is sent, and the observer sees the call and no attempt.
func TestInvalidCalls(t *testing.T) {
	inBody := transport.Operation{ID: "body", Method: "POST", Path: "/v1/things", RetryClass: transport.Keyed, KeyBody: "/requestId"}
	key := func(n int) transport.Input {
		return transport.Input{Body: map[string]any{"requestId": strings.Repeat("k", n)}}
	}
	refused := errors.New("refused")
	for _, tt := range []struct {
		name string
		op   *transport.Operation
		in   transport.Input
		opts []pay.CallOption
		want string
	}{
		{"a nil option", &keyless, input(&keyless), []pay.CallOption{nil}, "a call option is nil"},
		{"an invalid option", &keyless, input(&keyless), []pay.CallOption{pay.WithHeader("", "")}, "WithHeader: the name has 0 bytes"},
		{"a header of the client", &keyless, input(&keyless), []pay.CallOption{pay.WithHeader("x-signature", "s")}, "WithHeader: x-Signature is set by the client"},
		{"a key where there is none", &keyless, input(&keyless), []pay.CallOption{pay.WithIdempotencyKey("k")}, "WithIdempotencyKey: keyless takes no idempotency key"},
		{"a key for a read", &read, input(&read), []pay.CallOption{pay.WithIdempotencyKey("k")}, "WithIdempotencyKey: read takes no idempotency key"},
		{"two keys", &inBody, key(3), []pay.CallOption{pay.WithIdempotencyKey("k")}, "the key differs from requestId"},
		{"a key that is too long", &inBody, key(256), nil, "requestId of the request has 256 bytes"},
		{"a key that is not ASCII", &inBody, transport.Input{Body: map[string]any{"requestId": "ключ"}}, nil, "requestId of the request has 8 bytes"},
		{"an empty ID", &read, transport.Input{Path: []string{""}}, nil, "id is not an ID"},
		{"the same folder", &read, transport.Input{Path: []string{"."}}, nil, "id is not an ID"},
		{"the folder above", &read, transport.Input{Path: []string{".."}}, nil, "id is not an ID"},
		{"an ID with a slash", &read, transport.Input{Path: []string{"a/b"}}, nil, "id is not an ID"},
		{"an ID with an escape", &read, transport.Input{Path: []string{"a%2fb"}}, nil, "id is not an ID"},
		{"an ID that is too long", &read, transport.Input{Path: []string{strings.Repeat("i", 513)}}, nil, "id is not an ID"},
		{"an ID that is not ASCII", &read, transport.Input{Path: []string{"é"}}, nil, "id is not an ID"},
		{"an ID with a control character", &read, transport.Input{Path: []string{"a\x1f"}}, nil, "id is not an ID"},
		{"a body that cannot be encoded", &keyless, transport.Input{Body: map[string]any{"f": func() {}}}, nil, "the request cannot be encoded as JSON"},
		{"no random key", &keyed, input(&keyed), nil, "generating an idempotency key failed: refused"},
	} {
		var seen everything
		p, r := profile(), &raw{status: 200, body: body(`{"id":"a"}`)}
		p.Headers = []string{"x-Signature"}
		opts := []pay.Option{pay.WithTransport(r), pay.WithObserver(&seen)}
		if tt.op == &keyed {
			opts = append(opts, pay.WithRandom(iotest.ErrReader(refused)))
		}
		c, err := newClient(p, opts...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = transport.Call[resource](t.Context(), c, tt.op, tt.in, tt.opts)
		e, ok := errors.AsType[*apierr.Error](err)
		if !ok || !strings.Contains(err.Error(), tt.want) || r.requests != 0 {
			t.Errorf("%s: got %v after %d requests, want an error with %q", tt.name, err, r.requests, tt.want)
			continue
		}
		if e.Outcome() != apierr.OutcomeNotApplied || !errors.Is(e, apierr.ErrInvalidRequest) || e.Advice() != apierr.AdviceChange || e.Operation != tt.op.ID {
			t.Errorf("%s: got %s, %s, %s", tt.name, e.Outcome(), string(e.Category()), e.Advice())
		}
		if got := seen.String(); tt.opts == nil && tt.op == &read && !strings.HasPrefix(got, "call test read false; ") || !strings.HasPrefix(got, "call test "+tt.op.ID) || !strings.Contains(got, "; end test "+tt.op.ID) || !strings.HasSuffix(got, ": 0 0 true") {
			t.Errorf("%s: the observer saw %q", tt.name, got)
		}
	}
	// What is just within the limits is sent.
	for name, do := range map[string]func(*transport.Client, ...pay.CallOption) error{
		"a key of 255 bytes": func(c *transport.Client, opts ...pay.CallOption) error {
			_, err := transport.Call[resource](t.Context(), c, &inBody, key(255), opts)
			return err
		},
		"a key with a space": func(c *transport.Client, opts ...pay.CallOption) error {
			_, err := transport.Call[resource](t.Context(), c, &inBody, transport.Input{Body: map[string]any{"requestId": "a b"}}, opts)
			return err
		},
		"an ID of 512 bytes": func(c *transport.Client, opts ...pay.CallOption) error {
			_, err := transport.Call[resource](t.Context(), c, &read, transport.Input{Path: []string{strings.Repeat("~", 512)}}, opts)
			return err
		},
		"another header": func(c *transport.Client, opts ...pay.CallOption) error {
			_, err := transport.Call[resource](t.Context(), c, &read, input(&read), append(opts, pay.WithHeader("X-Note", "n")))
			return err
		},
	} {
		p, r := profile(), &raw{status: 200, body: body(`{"id":"a"}`)}
		p.Headers = []string{"x-Signature"}
		c, err := newClient(p, pay.WithTransport(r))
		if err != nil {
			t.Fatal(err)
		}
		if err := do(c); err != nil || r.requests != 1 {
			t.Errorf("%s: got %v after %d requests, want a success", name, err, r.requests)
		}
	}
}

// TestBodiesWithAKey: the key is the first member, also of a body that is empty or
// absent.
func TestBodiesWithAKey(t *testing.T) {
	op := transport.Operation{ID: "body", Method: "POST", Path: "/pay", RetryClass: transport.Keyed, KeyBody: "/k"}
	type one struct {
		A int `json:"a,omitzero"`
	}
	var none *one
	for want, in := range map[string]any{
		`{"k":"1"}`: nil, `{"k":"1" }`: none, `{"k":"1"  }`: one{}, `{"k":"1","a":7}`: one{7}, `{"k":"1","a":8}`: &one{8}, `{"a":7,"k":"1"}`: map[string]any{"a": 7, "k": nil}, `{"":7,"k":"1"}`: map[string]any{"": 7, "k": ""},
	} {
		s := &server{script: []http.HandlerFunc{ok}}
		if _, err := transport.Call[resource](t.Context(), client(t, s), &op, transport.Input{Body: in}, []pay.CallOption{pay.WithIdempotencyKey("1")}); err != nil {
			t.Fatal(err)
		}
		if got := s.bodies[0]; got != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%v: got %s, want %s", in, got, want)
		}
	}
}

func TestAuthorizationOption(t *testing.T) {
	s := &server{script: []http.HandlerFunc{ok}}
	if _, err := call(t.Context(), client(t, s), &keyless, transport.WithAuthorization("Bearer t")); err != nil || s.header.Get("Authorization") != "Bearer t" {
		t.Errorf("got %q, %v; want Bearer t", s.header.Get("Authorization"), err)
	}
}

// forgetful is an observer that returns no context.
type forgetful struct{ everything }

func (*forgetful) StartCall(context.Context, pay.Call) context.Context       { return nil }
func (*forgetful) StartAttempt(context.Context, pay.Attempt) context.Context { return nil }

func TestObserverWithoutAContext(t *testing.T) {
	if _, err := call(t.Context(), client(t, ok, pay.WithObserver(&forgetful{})), &keyless); err != nil {
		t.Error(err)
	}
}

func TestInvalidOption(t *testing.T) {
	if cfg, err := transport.NewConfig("test", "https://api.example", []pay.Option{pay.WithMaxAttempts(0)}); cfg != nil || err == nil || !strings.HasPrefix(err.Error(), "test: WithMaxAttempts") {
		t.Errorf("got %v, %v; want an error that begins with the provider and the option", cfg, err)
	}
}
