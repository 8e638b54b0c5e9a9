package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// TestRequestsAreBuilt: a write has a body that net/http cannot send twice, with a known
// length.
func TestRequestsAreBuilt(t *testing.T) {
	for _, tt := range []struct {
		method   string
		class    transport.RetryClass
		body     any
		sent     string
		zero     bool   // content-length: 0 is set by hand
		encoding string // TransferEncoding
		none     bool   // there is no body at all
	}{
		{method: "POST", class: transport.Keyless, body: map[string]any{"a": 1}, sent: `{"a":1}`},
		{method: "DELETE", class: transport.Keyless, body: map[string]any{"a": 1}, sent: `{"a":1}`},
		{method: "GET", class: transport.Safe, body: map[string]any{"a": 1}, sent: `{"a":1}`},
		{method: "POST", class: transport.Keyless, zero: true, encoding: "identity"},
		{method: "PUT", class: transport.Keyed, zero: true, encoding: "identity"},
		{method: "PATCH", class: transport.Keyless, zero: true, encoding: "identity"},
		{method: "DELETE", class: transport.Keyless, encoding: "identity"},
		{method: "POST", class: transport.Safe, none: true},
		{method: "GET", class: transport.Safe, none: true},
	} {
		var req *http.Request
		c, err := newClient(profile(), pay.WithBaseURL("https://api.example/v1"), pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			req = r
			return nil, errors.New("no network")
		})), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		op := transport.Operation{ID: "op", Method: tt.method, Path: "/x", RetryClass: tt.class}
		_ = transport.Exec(t.Context(), c, &op, transport.Input{Body: tt.body}, nil)
		name := fmt.Sprintf("%s, %s, body %v", tt.method, tt.class, tt.body)
		if req.URL.String() != "https://api.example/v1/x" || req.Host != "api.example" || req.Method != tt.method || req.Header.Get("Accept") != "application/json" || !strings.HasPrefix(req.Header.Get("User-Agent"), "specpay-test") {
			t.Errorf("%s: got %s %s %s %v", name, req.Method, req.URL, req.Host, req.Header)
		}
		if got, want := req.Header.Get("Content-Type"), map[bool]string{true: "application/json"}[tt.body != nil]; got != want {
			t.Errorf("%s: Content-Type: got %q, want %q", name, got, want)
		}
		zero := "content-length" // as it is spelled in the map
		if _, got := req.Header[zero]; got != tt.zero || strings.Join(req.TransferEncoding, ",") != tt.encoding || req.ContentLength != int64(len(tt.sent)) || req.GetBody != nil {
			t.Errorf("%s: got content-length %v, encoding %v, length %d, GetBody %v", name, got, req.TransferEncoding, req.ContentLength, req.GetBody != nil)
		}
		if (req.Body == nil) != tt.none {
			t.Fatalf("%s: got a body %v, want %v", name, req.Body != nil, !tt.none)
		}
		if !tt.none {
			if text, err := io.ReadAll(req.Body); err != nil || string(text) != tt.sent || req.Body == http.NoBody {
				t.Errorf("%s: got the body %q, %v; want %q", name, text, err, tt.sent)
			}
		}
	}
}

// TestCallWithoutCredentials: nothing is sent.
func TestCallWithoutCredentials(t *testing.T) {
	token := apierr.New(apierr.Error{Provider: "test", Operation: "token", StatusCode: 403}, apierr.Details{})
	for _, tt := range []struct {
		name     string
		err      error
		category apierr.Category
		advice   apierr.Advice
		op       string
	}{
		{"no key", errors.New("no key"), apierr.ErrAuth, apierr.AdviceNever, "keyless"},
		{"canceled", fmt.Errorf("token: %w", context.Canceled), apierr.ErrUnavailable, apierr.AdviceBackoff, "keyless"},
		{"too late", fmt.Errorf("token: %w", context.DeadlineExceeded), apierr.ErrUnavailable, apierr.AdviceBackoff, "keyless"},
		{"no token", fmt.Errorf("token: %w", token), apierr.ErrPermission, apierr.AdviceNever, "token"},
	} {
		p, r := profile(), &raw{status: 200, body: body(`{"id":"a"}`)}
		p.Authorize = func(context.Context, *transport.Operation, *http.Request, []byte) error { return tt.err }
		c, err := newClient(p, pay.WithTransport(r))
		if err != nil {
			t.Fatal(err)
		}
		_, err = call(t.Context(), c, &keyless)
		e, ok := errors.AsType[*apierr.Error](err)
		if !ok || e.Outcome() != apierr.OutcomeNotApplied || !errors.Is(e, tt.category) || e.Operation != tt.op || e.Provider != "test" || e.Attempts != 0 || r.requests != 0 {
			t.Fatalf("%s: got %v after %d requests, want %s, not applied", tt.name, err, r.requests, string(tt.category))
		}
		if e.Advice() != tt.advice {
			t.Errorf("%s: got advice %s, want %s", tt.name, e.Advice(), tt.advice)
		}
		if !errors.Is(err, tt.err) && e != token {
			t.Errorf("%s: %v does not wrap its cause", tt.name, err)
		}
	}
}

// TestRecovery: an attempt with refused credentials is repeated once, at once, also of
// an operation that is otherwise not repeated, and does not count as an attempt.
func TestRecovery(t *testing.T) {
	for _, tt := range []struct {
		name     string
		op       *transport.Operation
		statuses []int
		recovers bool
		cancels  bool
		max      int
		requests int
		calls    int // of Recover
		success  bool
	}{
		{"recovered", &keyless, []int{401, 200}, true, false, 1, 2, 1, true},
		{"refused again", &keyless, []int{401, 401, 200}, true, false, 3, 2, 1, false},
		{"not recovered", &keyless, []int{401, 200}, false, false, 3, 1, 1, false},
		{"recovered, then unavailable", &read, []int{401, 503, 200}, true, false, 2, 3, 1, true},
		{"recovered, then unavailable twice", &read, []int{401, 503, 503, 200}, true, false, 2, 3, 1, false},
		{"unavailable, asked each time", &read, []int{503, 503, 503}, false, false, 2, 2, 2, false},
		{"success", &read, []int{200}, true, false, 2, 1, 0, true},
		{"canceled meanwhile", &keyless, []int{401, 200}, true, true, 3, 1, 1, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			calls, requests, start := 0, 0, time.Now()
			p := profile()
			p.Recover = func(context.Context, *transport.Operation, *http.Request, *apierr.Error) bool {
				if calls++; tt.cancels {
					cancel()
				}
				return tt.recovers
			}
			c, err := newClient(p, pay.WithMaxAttempts(tt.max), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
				requests++
				return &http.Response{StatusCode: tt.statuses[requests-1], Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"id":"a"}`))}, nil
			})))
			if err != nil {
				t.Fatal(err)
			}
			var m pay.Meta
			_, err = call(ctx, c, tt.op, pay.WithMeta(&m))
			if (err == nil) != tt.success || requests != tt.requests || m.Attempts != tt.requests || calls != tt.calls {
				t.Errorf("%s: got %v after %d requests, %d attempts and %d recoveries; want success %v, %d, %d, %d", tt.name, err, requests, m.Attempts, calls, tt.success, tt.requests, tt.requests, tt.calls)
			}
			if tt.cancels && errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v, want the refusal", tt.name, err)
			}
			if took := time.Since(start); tt.op == &keyless && took != 0 {
				t.Errorf("%s: took %v, want no pause", tt.name, took)
			}
		})
	}
}

// closes counts how often a body is closed.
type closes struct {
	io.Reader
	n int
}

func (c *closes) Close() error { c.n++; return nil }

// TestBodiesAreClosed: a body that is not closed keeps its connection.
func TestBodiesAreClosed(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		err    error
	}{"success": {200, nil}, "failure": {400, nil}, "another protocol": {101, nil}, "a response with an error": {200, errors.New("odd")}} {
		b := &closes{Reader: strings.NewReader(`{"id":"a"}`)}
		c, err := newClient(profile(), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: tt.status, Header: http.Header{}, Body: b}, tt.err
		})))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), c, &keyless); (err == nil) != (name == "success") {
			t.Errorf("%s: got %v", name, err)
		}
		if b.n != 1 {
			t.Errorf("%s: the body was closed %d times, want 1", name, b.n)
		}
	}
	// A response with an error may lack a body.
	c, err := newClient(profile(), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) { return &http.Response{}, io.ErrUnexpectedEOF })))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := call(t.Context(), c, &keyless); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a response without a body, with an error: got %v", err)
	}
}

// TestErrorsOfTheTransport: the text has no URL, which may hold a secret, and the advice
// is that of an API that cannot be reached.
func TestErrorsOfTheTransport(t *testing.T) {
	cause := errors.New("reset")
	for name, err := range map[string]error{"plain": cause, "with a URL": &url.Error{Op: "Post", URL: "https://user:secret@api.example/?key=secret", Err: cause}} {
		for _, op := range []*transport.Operation{&keyless, &read} {
			c, bad := newClient(profile(), pay.WithMaxAttempts(1), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, err })))
			if bad != nil {
				t.Fatal(bad)
			}
			_, got := call(t.Context(), c, op)
			e, ok := errors.AsType[*apierr.Error](got)
			if !ok || !errors.Is(got, cause) || strings.Contains(got.Error(), "secret") || e.Operation != op.ID {
				t.Fatalf("%s, %s: got %v", name, op.ID, got)
			}
			if op == &read && (e.Advice() != apierr.AdviceBackoff || !errors.Is(e, apierr.ErrUnavailable)) {
				t.Errorf("%s, %s: got advice %s, category %s; want backoff, unavailable", name, op.ID, e.Advice(), string(e.Category()))
			}
		}
	}
}

// TestTransportThatSendsAgain: a read that the transport repeats on its own more than
// three times ends with an error that says so.
func TestTransportThatSendsAgain(t *testing.T) {
	returned := 0
	for sent, want := range map[int]string{3: "reset", 4: "the transport sent the request again on its own too often"} {
		c, err := newClient(profile(), pay.WithMaxAttempts(1), pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			for range sent {
				httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
			}
			if canceled := r.Context().Err() != nil; canceled != (sent > 3) {
				t.Errorf("sent %d times: canceled %v", sent, canceled)
			}
			returned++
			return nil, errors.New("reset")
		})))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), c, &read); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("sent %d times: got %v, want an error with %q", sent, err, want)
		}
	}
	if returned != 2 {
		t.Errorf("the transport returned %d times, want 2", returned)
	}
}

// TestCanceledPauseKeepsTheLastError: what the last attempt returned is more than that
// the call was canceled.
func TestCanceledPauseKeepsTheLastError(t *testing.T) {
	for _, tt := range []struct {
		status  int
		text    func() io.Reader
		outcome apierr.Outcome
	}{{429, body(`{"error":"NEW"}`), apierr.OutcomeNotApplied}, {503, body(`{"error":"NEW"}`), apierr.OutcomeUnknown}, {200, broken(`{"id"`), apierr.OutcomeUnknown}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			r := &raw{status: tt.status, header: http.Header{"Retry-After": {"20"}}, body: tt.text}
			stop, end := context.WithCancel(ctx)
			go func() {
				time.Sleep(time.Second)
				end()
			}()
			_, err := call(stop, rawClient(t, r, nil), &keyed)
			e, ok := errors.AsType[*apierr.Error](err)
			if !ok || !errors.Is(err, context.Canceled) {
				t.Fatalf("%d: got %v, want context.Canceled", tt.status, err)
			}
			if e.Outcome() != tt.outcome || e.RetryAfter() != 20*time.Second || e.StatusCode != tt.status || e.Advice() != apierr.AdviceBackoff {
				t.Errorf("%d: got outcome %s, Retry-After %v, status %d, advice %s; want %s, 20s, %d, backoff", tt.status, e.Outcome(), e.RetryAfter(), e.StatusCode, e.Advice(), tt.outcome, tt.status)
			}
			if tt.outcome == apierr.OutcomeNotApplied && !errors.Is(e, apierr.ErrUnavailable) {
				t.Errorf("%d: got category %s, want unavailable", tt.status, string(e.Category()))
			}
			if got, want := errors.Is(err, io.ErrUnexpectedEOF), tt.status == 200; got != want {
				t.Errorf("%d: got a broken connection %v, want %v: %v", tt.status, got, want, err)
			}
		})
	}
}

// TestOperationWithAnInvalidMethod: nothing is sent.
func TestOperationWithAnInvalidMethod(t *testing.T) {
	p, r := profile(), &raw{status: 200, body: body(`{"id":"a"}`)}
	p.Authorize = func(context.Context, *transport.Operation, *http.Request, []byte) error {
		t.Error("authorized")
		return nil
	}
	c, err := newClient(p, pay.WithTransport(r))
	if err != nil {
		t.Fatal(err)
	}
	op := transport.Operation{ID: "odd", Method: "GET IT", Path: "/", RetryClass: transport.Safe}
	if _, err := transport.Call[resource](t.Context(), c, &op, transport.Input{}, nil); err == nil || !strings.Contains(err.Error(), "invalid method") || r.requests != 0 {
		t.Errorf("got %v after %d requests, want an error about the method after none", err, r.requests)
	}
}

// TestResponsesThatBreakTheContract: the error says what the transport did.
func TestResponsesThatBreakTheContract(t *testing.T) {
	c := func(resp *http.Response) *transport.Client {
		c, err := newClient(profile(), pay.WithMaxAttempts(1), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) { return resp, nil })))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if _, err := call(t.Context(), c(nil), &keyless); err == nil || !strings.Contains(err.Error(), "neither a response nor an error") {
		t.Errorf("nothing: got %v", err)
	}
	_, err := call(t.Context(), c(&http.Response{StatusCode: 503, Header: http.Header{}}), &keyless)
	if e, ok := errors.AsType[*apierr.Error](err); !ok || e.Truncated || e.StatusCode != 503 || e.Advice() != apierr.AdviceInquire {
		t.Errorf("no body: got %v, want a 503 with a whole body and the advice to inquire", err)
	}
}

// dialer is a transport that cannot connect.
func dialer(op string, dials *int) *http.Transport {
	return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		*dials++
		return nil, &net.OpError{Op: op, Err: errors.New("refused")}
	}}
}

// TestFailedDialIsRetried: a connection that was refused may be accepted later. Other
// errors before a connection, such as that of a proxy, come again.
func TestFailedDialIsRetried(t *testing.T) {
	for op, want := range map[string]int{"dial": 3, "proxyconnect": 1} {
		synctest.Test(t, func(t *testing.T) {
			dials := 0
			c, err := newClient(profile(), pay.WithTransport(dialer(op, &dials)))
			if err != nil {
				t.Fatal(err)
			}
			_, err = call(t.Context(), c, &keyless)
			if e, ok := errors.AsType[*apierr.Error](err); !ok || e.Outcome() != apierr.OutcomeNotApplied || dials != want {
				t.Errorf("%s: got %v after %d dials, want %d, not applied", op, err, dials, want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) { // canceled in the pause
		dials := 0
		c, err := newClient(profile(), pay.WithTransport(dialer("dial", &dials)), pay.WithRandom(iotest.ErrReader(io.ErrUnexpectedEOF)))
		if err != nil {
			t.Fatal(err)
		}
		stop, end := context.WithCancel(t.Context())
		go func() {
			time.Sleep(time.Millisecond)
			end()
		}()
		_, err = call(stop, c, &keyless)
		e, ok := errors.AsType[*apierr.Error](err)
		if !ok || e.Outcome() != apierr.OutcomeNotApplied || e.Advice() != apierr.AdviceBackoff || !errors.Is(err, context.Canceled) || dials != 1 {
			t.Errorf("canceled in the pause: got %v after %d dials, want not applied, backoff", err, dials)
		}
	})
}

// TestSettlingRefusals: a settled refusal that is retried does not settle what follows,
// and a code with an outcome of its own does not settle anything.
func TestSettlingRefusals(t *testing.T) {
	replays := keyed
	replays.ID, replays.ReplaysStored = "replays", true
	for name, tt := range map[string]struct {
		script  []http.HandlerFunc
		outcome apierr.Outcome
	}{
		"not found":                  {[]http.HandlerFunc{respond(503, ""), respond(404, `{"error":"GONE"}`)}, apierr.OutcomeNotApplied},
		"limited, then unauthorized": {[]http.HandlerFunc{respond(503, ""), respond(400, `{"error":"LIMITED"}`), respond(401, "")}, apierr.OutcomeUnknown},
		"half done":                  {[]http.HandlerFunc{respond(503, ""), respond(400, `{"error":"HALF"}`)}, apierr.OutcomeUnknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{script: tt.script}
			_, err := call(t.Context(), client(t, s), &replays)
			if e, ok := errors.AsType[*apierr.Error](err); !ok || e.Outcome() != tt.outcome || e.Attempts != len(tt.script) {
				t.Errorf("%s: got %v after %d attempts, want %s after %d", name, err, s.requests(), tt.outcome, len(tt.script))
			}
		})
	}
}
