package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// code is a catalog with retryable and other codes.
type code string

func (c code) Error() string { return string(c) }

func (c code) Info() (apierr.CodeInfo, bool) {
	switch c {
	case "BUSY":
		return apierr.CodeInfo{Value: "BUSY", Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}, true
	case "DECLINED":
		return apierr.CodeInfo{Value: "DECLINED", Category: apierr.ErrDeclined, Advice: apierr.AdviceChange}, true
	case "WRONG":
		return apierr.CodeInfo{Value: "WRONG", Category: apierr.ErrInvalidRequest, Advice: apierr.AdviceChange}, true
	case "BROKEN":
		return apierr.CodeInfo{Value: "BROKEN", Category: apierr.ErrProvider, Advice: apierr.AdviceNever}, true
	case "DONE":
		return apierr.CodeInfo{Value: "DONE", Category: apierr.ErrConflict, Outcome: apierr.OutcomeApplied, Advice: apierr.AdviceNever}, true
	case "GONE":
		return apierr.CodeInfo{Value: "GONE", Category: apierr.ErrNotFound, Advice: apierr.AdviceNever}, true
	case "LIMITED":
		return apierr.CodeInfo{Value: "LIMITED", Category: apierr.ErrInvalidRequest, Advice: apierr.AdviceBackoff}, true
	case "HALF":
		return apierr.CodeInfo{Value: "HALF", Category: apierr.ErrInvalidRequest, Outcome: apierr.OutcomePending, Advice: apierr.AdviceNever}, true
	case "OTHER": // a catch-all code
		return apierr.CodeInfo{Value: "OTHER", Category: apierr.ErrUnknown, Advice: apierr.AdviceNever}, true
	case "BY_STATUS":
		return apierr.CodeInfo{Value: "BY_STATUS", Category: apierr.ErrConflict, Advice: apierr.AdviceNever,
			AdviceByStatus: []apierr.StatusAdvice{{Status: 409, Advice: apierr.AdviceSame}}}, true
	}
	return apierr.CodeInfo{}, false
}

type resource struct {
	ID    string `json:"id"`
	Note  string `json:"note,omitempty"`
	Parts []part `json:"parts,omitempty"`
	Size  int    `json:"size,omitempty"`
}

type part struct {
	Amount int `json:"amount"`
}

var (
	read    = transport.Operation{ID: "read", Method: "GET", Path: "/v1/things/{id}", RetryClass: transport.Safe}
	keyed   = transport.Operation{ID: "keyed", Method: "POST", Path: "/v1/things", RetryClass: transport.Keyed, KeyHeader: "Idempotency-Key"}
	keyless = transport.Operation{ID: "keyless", Method: "POST", Path: "/v1/things", RetryClass: transport.Keyless}
)

var operations = []*transport.Operation{&read, &keyed, &keyless}

func input(op *transport.Operation) transport.Input {
	if op == &read {
		return transport.Input{Path: []string{"a"}}
	}
	return transport.Input{Body: map[string]any{"amount": 1}}
}

func profile() transport.Profile {
	return transport.Profile{
		Catalog:   &catalog.Catalog{API: "test", Envelopes: []catalog.Envelope{{Code: []string{"/error"}, Message: []string{"/message"}, Parse: func(s string) apierr.Code { return code(s) }}}},
		Authorize: func(context.Context, *transport.Operation, *http.Request, []byte) error { return nil },
	}
}

// server responds from a script and records requests.
type server struct {
	mu     sync.Mutex
	script []http.HandlerFunc // the last one repeats
	bodies []string
	keys   []string
	times  []time.Time
	header http.Header // of the last request
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.bodies, s.keys, s.times = append(s.bodies, string(body)), append(s.keys, r.Header.Get("Idempotency-Key")), append(s.times, time.Now())
	s.header = r.Header
	h := s.script[min(len(s.times), len(s.script))-1]
	s.mu.Unlock()
	h(w, r)
}

func (s *server) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times)
}

func respond(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var ok = respond(200, `{"id":"a"}`)

func newClient(p transport.Profile, opts ...pay.Option) (*transport.Client, error) {
	cfg, err := transport.NewConfig("test", "https://production.example", opts)
	if err != nil {
		return nil, err
	}
	return transport.New(cfg, p), nil
}

func client(t testing.TB, h http.Handler, opts ...pay.Option) *transport.Client {
	t.Helper()
	c, err := newClient(profile(), append([]pay.Option{pay.WithBaseURL("http://localhost/prefix/"), pay.WithTransport(faulthttp.Pipe(t, h))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func call(ctx context.Context, c *transport.Client, op *transport.Operation, opts ...pay.CallOption) (*resource, error) {
	return transport.Call[resource](ctx, c, op, input(op), opts)
}

func TestRetriedResponses(t *testing.T) {
	repeated := map[int]bool{408: true, 425: true, 429: true, 500: true, 502: true, 503: true, 504: true}
	for _, status := range []int{400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 501, 502, 503, 504} {
		for body, want := range map[string]bool{
			"": repeated[status], "<html>": repeated[status], `{"error":`: repeated[status], `{"error":"NEW"}`: repeated[status],
			`{"error":"BUSY"}`: true, `{"error":"BROKEN"}`: false, `{"error":"BY_STATUS"}`: status == 409,
		} {
			for _, op := range operations {
				synctest.Test(t, func(t *testing.T) {
					s := &server{script: []http.HandlerFunc{respond(status, body)}}
					_, err := call(t.Context(), client(t, s), op)
					n := 1
					if want && op.RetryClass != transport.Keyless {
						n = 3
					}
					var e *apierr.Error
					if got := s.requests(); got != n {
						t.Errorf("%d %q %s: requests: got %d, want %d", status, body, op.RetryClass, got, n)
					}
					if !errors.As(err, &e) {
						t.Fatalf("%d %q %s: got error %v, want an *apierr.Error", status, body, op.RetryClass, err)
					}
					if e.StatusCode != status {
						t.Errorf("%d %q %s: StatusCode: got %d, want %d", status, body, op.RetryClass, e.StatusCode, status)
					}
					if e.Attempts != n {
						t.Errorf("%d %q %s: Attempts: got %d, want %d", status, body, op.RetryClass, e.Attempts, n)
					}
				})
			}
		}
	}
}

// TestLaterRefusalKeepsUnknownOutcome: the first attempt may have taken effect. Only
// a provider that replays its stored response before any other check decides about
// that attempt too, and only with a refusal because of the request itself.
func TestLaterRefusalKeepsUnknownOutcome(t *testing.T) {
	replays := keyed
	replays.ID, replays.ReplaysStored = "replays", true
	for body, want := range map[string]apierr.Outcome{
		`{"error":"DECLINED"}`: apierr.OutcomeNotApplied, `{"error":"WRONG"}`: apierr.OutcomeNotApplied,
		`{"error":"BY_STATUS"}`: apierr.OutcomeUnknown, `{"error":"OTHER"}`: apierr.OutcomeUnknown, `{"error":"NEW"}`: apierr.OutcomeUnknown, ``: apierr.OutcomeUnknown,
	} {
		for _, status := range []int{400, 401, 403} {
			synctest.Test(t, func(t *testing.T) {
				refused := func(op *transport.Operation) *apierr.Error {
					s := &server{script: []http.HandlerFunc{respond(503, ""), respond(status, body)}}
					_, err := call(t.Context(), client(t, s), op)
					var e *apierr.Error
					if !errors.As(err, &e) {
						t.Fatalf("%s: %d %s after a 503: got error %v, want an *apierr.Error", op.ID, status, body, err)
					}
					if e.Attempts != 2 {
						t.Errorf("%s: %d %s after a 503: Attempts: got %d, want 2", op.ID, status, body, e.Attempts)
					}
					if e.StatusCode != status {
						t.Errorf("%s: %d %s after a 503: StatusCode: got %d, want %d", op.ID, status, body, e.StatusCode, status)
					}
					return e
				}
				if got := refused(&keyed).Outcome(); got != apierr.OutcomeUnknown {
					t.Errorf("%d %s after a 503: Outcome: got %s, want %s", status, body, got, apierr.OutcomeUnknown)
				}
				if got := refused(&replays).Outcome(); got != want {
					t.Errorf("%d %s after a 503, stored responses are replayed: Outcome: got %s, want %s", status, body, got, want)
				}
				if errors.Is(refused(&read), apierr.ErrOutcomeUnknown) {
					t.Errorf("%d %s after a 503: the outcome of a read is unknown", status, body)
				}
			})
		}
	}
}

// TestAdviceAfterLaterRefusal: a retry would be refused again, so the advice is to
// inquire, or what the spec says about the operation.
func TestAdviceAfterLaterRefusal(t *testing.T) {
	own := &apierr.UnknownOutcome{Operation: "keyed", Advice: apierr.AdviceSame, Description: "It may exist."}
	for _, tt := range []struct {
		name    string
		later   http.HandlerFunc
		unknown *apierr.UnknownOutcome
		want    apierr.Advice
	}{
		{"declined", respond(402, `{"error":"DECLINED"}`), nil, apierr.AdviceInquire},
		{"wrong", respond(400, `{"error":"WRONG"}`), nil, apierr.AdviceInquire},
		{"unauthorized", respond(401, ""), nil, apierr.AdviceInquire},
		{"wrong, at a status that is retried without a code", respond(429, `{"error":"WRONG"}`), nil, apierr.AdviceInquire},
		{"throttled", respond(429, ""), nil, apierr.AdviceBackoff},
		{"unavailable", respond(503, ""), nil, apierr.AdviceBackoff},
		{"busy", respond(400, `{"error":"BUSY"}`), nil, apierr.AdviceBackoff},
		{"declined, with texts of the operation", respond(402, `{"error":"DECLINED"}`), own, apierr.AdviceSame},
		{"unavailable, with texts of the operation", respond(503, ""), own, apierr.AdviceSame},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := profile()
			p.Catalog.Operations = []catalog.Operation{{ID: "keyed", Unknown: tt.unknown}}
			c, err := newClient(p, pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, &server{script: []http.HandlerFunc{respond(503, ""), tt.later}})))
			if err != nil {
				t.Fatal(err)
			}
			_, err = call(t.Context(), c, &keyed)
			e, ok := errors.AsType[*apierr.Error](err)
			if !ok {
				t.Fatalf("%s after a 503: got error %v, want an *apierr.Error", tt.name, err)
			}
			if e.Outcome() != apierr.OutcomeUnknown || e.Advice() != tt.want {
				t.Errorf("%s after a 503: got outcome %s and advice %s, want %s and %s", tt.name, e.Outcome(), e.Advice(), apierr.OutcomeUnknown, tt.want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	date := "Sat, 01 Jan 2000 00:10:00 GMT" // the server's clock, ten minutes off
	for _, tt := range []struct {
		value string
		want  time.Duration // before the second attempt; -1 = there is none
	}{
		{"7", 7 * time.Second}, {"1.5", 1500 * time.Millisecond}, {"30", 30 * time.Second}, {"31", -1}, {"1e100", -1}, {"99999999999999999999", -1},
		{"Sat, 01 Jan 2000 00:10:05 GMT", 5 * time.Second}, {"Saturday, 01-Jan-00 00:10:05 GMT", 5 * time.Second}, {"Sat Jan  1 00:10:05 2000", 5 * time.Second},
		{"Sat, 01 Jan 2000 01:10:05 GMT", -1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{script: []http.HandlerFunc{respond(503, "", "Retry-After", tt.value, "Date", date), ok}}
			_, err := call(t.Context(), client(t, s), &read)
			if tt.want < 0 {
				var e *apierr.Error
				if !errors.As(err, &e) || s.requests() != 1 || e.RetryAfter() <= 30*time.Second {
					t.Errorf("%s: %v after %d requests, want no retry and the duration in the error", tt.value, err, s.requests())
				}
				return
			}
			if err != nil || s.times[1].Sub(s.times[0]) != tt.want {
				t.Errorf("%s: %v, waited %v", tt.value, err, s.times[1].Sub(s.times[0]))
			}
		})
	}
	for _, useless := range []string{"0", "-5", "soon", "", "NaN", "Fri, 31 Dec 1999 00:00:00 GMT"} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{script: []http.HandlerFunc{respond(503, "", "Retry-After", useless, "Date", date), ok}}
			if _, err := call(t.Context(), client(t, s), &read); err != nil || s.times[1].Sub(s.times[0]) > 200*time.Millisecond {
				t.Errorf("%q: %v, waited %v, want the default pause", useless, err, s.times[1].Sub(s.times[0]))
			}
		})
	}
	synctest.Test(t, func(t *testing.T) { // within the limit, but past the deadline
		s := &server{script: []http.HandlerFunc{respond(503, "", "Retry-After", "7", "Date", date), ok}}
		start := time.Now()
		_, err := call(t.Context(), client(t, s), &read, pay.WithCallTimeout(6*time.Second))
		var e *apierr.Error
		if took := time.Since(start); took != 0 {
			t.Errorf("past the deadline: duration: got %v, want no pause", took)
		}
		if n := s.requests(); n != 1 {
			t.Errorf("past the deadline: requests: got %d, want 1", n)
		}
		if !errors.As(err, &e) {
			t.Fatalf("past the deadline: got error %v, want an *apierr.Error", err)
		}
		if got := e.RetryAfter(); got != 7*time.Second {
			t.Errorf("past the deadline: RetryAfter: got %v, want 7s", got)
		}
	})
}

func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{script: []http.HandlerFunc{respond(503, "")}}
		c := client(t, s)
		for range 1000 {
			_, _ = call(t.Context(), c, &read)
		}
		dead := s.requests()
		if dead > 1035 || dead < 1030 {
			t.Errorf("%d requests for 1000 calls to a dead server, want 1030 to 1035", dead)
		}
		s.script = []http.HandlerFunc{ok}
		for range 14 {
			_, _ = call(t.Context(), c, &read)
		}
		before := s.requests()
		s.script = append(make([]http.HandlerFunc, before), respond(503, ""), ok)
		if _, err := call(t.Context(), c, &read); err != nil {
			t.Errorf("a single failure after the recovery: %v, want a retry", err)
		}
		s.script = []http.HandlerFunc{respond(503, "")}
		before = s.requests()
		for range 100 {
			_, _ = call(t.Context(), c, &read)
		}
		if n := s.requests() - before; n > 101 {
			t.Errorf("%d requests for 100 calls after 15 successes, want 100 or 101: 14 successes allow one retry", n)
		}
	})
}

// TestRetryBudgetIsShared: clients with one config, such as one for tokens and one
// for everything else, share a budget.
func TestRetryBudgetIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{script: []http.HandlerFunc{respond(503, "")}}
		cfg, err := transport.NewConfig("test", "http://localhost", []pay.Option{pay.WithTransport(faulthttp.Pipe(t, s))})
		if err != nil {
			t.Fatal(err)
		}
		a, b := transport.New(cfg, profile()), transport.New(cfg, profile())
		for range 100 {
			_, _ = call(t.Context(), a, &read)
			_, _ = call(t.Context(), b, &read)
		}
		if n := s.requests(); n < 230 || n > 235 {
			t.Errorf("%d requests for 200 calls, want 230 to 235", n)
		}
	})
}

func TestRequiredMembers(t *testing.T) {
	for body, lacks := range map[string]string{
		`{}`: "/id", `null`: "its content", `{"id":null}`: "/id", `{"id":""}`: "/id", `{"note":"x"}`: "/id",
		`{"id":"a","parts":[{"amount":1},{}]}`:            "/parts/1/amount",
		`{"id":"a","parts":[{"amount":null}]}`:            "/parts/0/amount",
		`{"id":"a"}`:                                      "",
		`{"ID":"a"}`:                                      "",
		`{"id":"a","parts":[]}`:                           "",
		`{"id":"a","parts":[{"amount":0}]}`:               "",
		`{"id":"a","unheard_of":{"id":[1,{"x":null}]}}`:   "",
		`{"id":"a","note":"` + "\xff" + `"}`:              "",
		`{"id":"a","id":"b"}`:                             "document",
		`{"id":"a","ID":"b"}`:                             "document",
		`{"id":"a"} x`:                                    "document",
		`{"id":"a"`:                                       "document",
		`{"id":"a","size":"seven"}`:                       "/size",
		`{"id":7}`:                                        "/id",
		strings.Repeat(`{"note":`, 20000):                 "document",
		`{"id":"a","parts":` + strings.Repeat("[", 20000): "document",
	} {
		c := client(t, respond(200, body))
		got, err := call(t.Context(), c, &keyless)
		switch {
		case lacks == "" && (err != nil || got.ID != "a"):
			t.Errorf("%.60q: %v", body, err)
		case lacks != "" && (!errors.Is(err, apierr.ErrOutcomeUnknown) || !strings.Contains(err.Error(), lacks)):
			t.Errorf("%.60q: %v, want an error that names %s", body, err, lacks)
		}
	}
}

func TestBaseURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://h.example": "", "https://h.example/a/b/": "", "http://127.0.0.1:4011": "", "http://[::1]:80": "", "http://localhost": "",
		"http://h.example": "https", "ftp://h.example": "scheme", "h.example/v2": "host", "https://": "host", "https://u:canary@h.example": "Credentials",
		"https://h.example?x=1": "query", "https://h.example?": "query", "https://:443": "host", "http://192.0.2.1": "https", "https://h.example#x": "fragment", "://canary": "URL", "https://h.example:bad port": "URL", "http://127.0.0.1.h.example": "https",
	} {
		_, err := newClient(profile(), pay.WithBaseURL(raw))
		if (err == nil) != (want == "") {
			t.Errorf("%s: got error %v, want an error: %t", raw, err, want != "")
		}
		if err == nil {
			continue
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error contains a password or the whole URL", raw)
			continue
		}
		for _, part := range []string{"WithBaseURL", want} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got error %q, want one that contains %q", raw, err, part)
			}
		}
	}
	if _, err := newClient(profile(), pay.WithBaseURL("http://h.example"), pay.WithPlainHTTP()); err != nil {
		t.Error(err)
	}
	if _, err := newClient(profile(), nil); err == nil {
		t.Error("a nil option was accepted")
	}
}

func TestPathsAndHeaders(t *testing.T) {
	var got *http.Request
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r; ok(w, r) }), pay.WithUserAgent("shop/1.0"))
	for id, path := range map[string]string{"a": "a", "a:b@c": "a:b@c", "a,b": "a%2Cb", "...": "...", "a&b=c+d": "a&b=c+d", `"a"<b>`: "%22a%22%3Cb%3E"} {
		if _, err := transport.Call[resource](t.Context(), c, &read, transport.Input{Path: []string{id}}, []pay.CallOption{pay.WithHeader("X-Trace", "t")}); err != nil {
			t.Fatal(err)
		}
		if got.RequestURI != "/prefix/v1/things/"+path {
			t.Errorf("%q: %s", id, got.RequestURI)
		}
	}
	for name, want := range map[string]string{"User-Agent": "specpay-test shop/1.0", "X-Trace": "t", "Accept": "application/json", "Content-Type": ""} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("%s: got %q, want %q", name, value, want)
		}
	}
}

// TestEscapedBaseURL: an escape in the path of the base URL is sent as it is.
func TestEscapedBaseURL(t *testing.T) {
	for _, base := range []string{"http://localhost/a%2Fb", "http://localhost/a%2Fb/"} {
		var got string
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.RequestURI; ok(w, r) })
		if _, err := call(t.Context(), client(t, h, pay.WithBaseURL(base)), &read); err != nil || got != "/a%2Fb/v1/things/a" {
			t.Errorf("%s: got %s, %v; want /a%%2Fb/v1/things/a", base, got, err)
		}
	}
}

func TestCookiesAreDropped(t *testing.T) {
	c := client(t, respond(409, `{"error":"NEW"}`, "Set-Cookie", "sid=canary", "X-Request-Id", "r-1"))
	var m pay.Meta
	_, err := call(t.Context(), c, &keyless, pay.WithMeta(&m))
	var e *apierr.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want an *apierr.Error", err)
	}
	if e.RequestID != "r-1" {
		t.Errorf("RequestID of the error: got %q, want %q", e.RequestID, "r-1")
	}
	if m.RequestID != "r-1" {
		t.Errorf("RequestID of Meta: got %q, want %q", m.RequestID, "r-1")
	}
	if m.StatusCode != 409 {
		t.Errorf("StatusCode of Meta: got %d, want 409", m.StatusCode)
	}
	if strings.Contains(fmt.Sprint(e.Header, m.Header), "canary") {
		t.Error("a cookie was returned")
	}
}

func TestUntrustedCertificateIsNotRetried(t *testing.T) {
	var handshakes atomic.Int32
	srv := httptest.NewUnstartedServer(ok)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			handshakes.Add(1)
		}
	}
	srv.StartTLS()
	defer srv.Close()
	c, err := newClient(profile(), pay.WithBaseURL(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	_, err = call(t.Context(), c, &keyless)
	if !errors.Is(err, apierr.ErrUnavailable) || errors.Is(err, apierr.ErrOutcomeUnknown) || handshakes.Load() != 1 {
		t.Errorf("%v after %d handshakes, want not applied after one", err, handshakes.Load())
	}
}

// TestHTTPTransportDoesNotRetry: net/http itself repeats a request with an
// idempotency key if an idle connection was closed. It must not, because each
// attempt has a signature of its own.
func TestHTTPTransportDoesNotRetry(t *testing.T) {
	var got atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got.Add(1); got.Load() == 2 {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		if r.Header.Get("Idempotency-Key") == "" {
			t.Error("a request without its idempotency key")
		}
		ok(w, r)
	}))
	defer srv.Close()
	c, err := newClient(profile(), pay.WithBaseURL(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	for want := range 2 {
		var m pay.Meta
		if _, err := call(t.Context(), c, &keyed, pay.WithMeta(&m)); err != nil || m.Attempts != want+1 {
			t.Errorf("call %d: %v, %d attempts counted", want+1, err, m.Attempts)
		}
	}
	if got.Load() != 3 {
		t.Errorf("%d requests", got.Load())
	}
}

// TestConcurrentCalls makes calls of one client in a thousand goroutines.
func TestConcurrentCalls(t *testing.T) {
	const callers, conns = 1000, 64
	calls := 100_000 / sample.Stride()
	if testing.Short() {
		calls /= 10
	}
	srv := httptest.NewServer(ok)
	defer srv.Close()
	tr := &http.Transport{MaxConnsPerHost: conns, MaxIdleConnsPerHost: conns}
	defer tr.CloseIdleConnections()
	count := faulthttp.CountConnections(tr)
	c, err := newClient(profile(), pay.WithBaseURL(srv.URL), pay.WithTransport(tr), pay.WithMaxAttempts(1))
	if err != nil {
		t.Fatal(err)
	}
	var left, failed atomic.Int32
	left.Store(int32(calls))
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := call(t.Context(), c, operations[i%len(operations)]); err != nil && failed.Add(1) < 5 {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	most, _ := count()
	if failed.Load() > 0 || most > conns || most < 2 {
		t.Errorf("%d calls failed; %d connections at once, want 2 to %d", failed.Load(), most, conns)
	}
}
