package transport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// panicking panics in one of its methods.
type panicking struct {
	method string
	body   io.Reader
}

func (p panicking) in(method string) {
	if p.method == method {
		panic("canary")
	}
}

func (p panicking) RoundTrip(*http.Request) (*http.Response, error) {
	p.in("RoundTrip")
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: p}, nil
}

func (p panicking) Read(b []byte) (int, error) {
	p.in("Read")
	if p.body == nil {
		return len(b), nil // random numbers
	}
	return p.body.Read(b)
}

func (p panicking) Close() error { p.in("Close"); return nil }

func (p panicking) StartCall(ctx context.Context, _ pay.Call) context.Context {
	p.in("StartCall")
	return ctx
}
func (p panicking) EndCall(context.Context, pay.Call, pay.CallResult) { p.in("EndCall") }
func (p panicking) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context {
	p.in("StartAttempt")
	return ctx
}
func (p panicking) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult) { p.in("EndAttempt") }

func (p panicking) Enabled(context.Context, slog.Level) bool  { p.in("Enabled"); return true }
func (p panicking) Handle(context.Context, slog.Record) error { p.in("Handle"); return nil }
func (p panicking) WithAttrs([]slog.Attr) slog.Handler        { return p }
func (p panicking) WithGroup(string) slog.Handler             { return p }

func (p panicking) Now() time.Time { p.in("Now"); return time.Now().Add(time.Hour) }

// TestPanicsOfTheApplication: a panic in what the application passed changes no result,
// and its value appears nowhere.
func TestPanicsOfTheApplication(t *testing.T) {
	for method, want := range map[string]string{
		"none": "", "Close": "", "StartCall": "the observer panicked: string", "EndCall": "the observer panicked: string", "StartAttempt": "the observer panicked: string", "EndAttempt": "the observer panicked: string",
	} {
		var log bytes.Buffer
		p := panicking{method, strings.NewReader(`{"id":"a"}`)}
		c, err := newClient(profile(), pay.WithTransport(p), pay.WithObserver(p), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := call(t.Context(), c, &keyless); err != nil || got.ID != "a" {
			t.Errorf("%s: got %v, %v; want a success", method, got, err)
		}
		if text := log.String(); !strings.Contains(text, want) || want == "" && text != "" || strings.Contains(text, "canary") || want != "" && !strings.Contains(text, "provider=test") {
			t.Errorf("%s: got the log %q, want %q", method, text, want)
		}
		quiet, err := newClient(profile(), pay.WithTransport(panicking{"", strings.NewReader(`{"id":"a"}`)}), pay.WithObserver(p))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), quiet, &keyless); err != nil {
			t.Errorf("%s, without a log: %v", method, err)
		}
	}
	for _, method := range []string{"Enabled", "Handle", "Now", ""} {
		p := panicking{method, strings.NewReader(`{"id":"a"}`)}
		c, err := newClient(profile(), pay.WithTransport(panicking{"", p.body}), pay.WithLogger(slog.New(p)), pay.WithClock(p.Now))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), c, &keyless); err != nil {
			t.Errorf("%s: %v", method, err)
		}
		want := time.Hour
		if method == "Now" {
			want = 0
		}
		if ahead := time.Until(c.Now()); ahead < want-time.Minute || ahead > want {
			t.Errorf("%s: the clock is %v ahead, want %v", method, ahead, want)
		}
	}
	c, err := newClient(profile(), pay.WithTransport(panicking{method: "RoundTrip"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := call(t.Context(), c, &keyless); !errors.Is(err, apierr.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "the transport panicked: string") {
		t.Errorf("RoundTrip: got %v, want an unknown outcome", err)
	}
	c, err = newClient(profile(), pay.WithTransport(panicking{"Read", strings.NewReader("")}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := call(t.Context(), c, &keyless); !errors.Is(err, apierr.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "the transport panicked: string") {
		t.Errorf("Read: got %v, want an unknown outcome", err)
	}
	for method, want := range map[string]string{"Read": "the source of random numbers panicked: string", "": ""} {
		c, err := newClient(profile(), pay.WithTransport(panicking{"", strings.NewReader(`{"id":"a"}`)}), pay.WithRandom(panicking{method: method}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), c, &keyed); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("random numbers, %q: got %v, want %q", method, err, want)
		}
	}
}
