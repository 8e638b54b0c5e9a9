package transport_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// TestKeylessWriteIsNotRetried resets the connection of a write without an
// idempotency key, before and after the request was read, and then before anything
// was sent.
func TestKeylessWriteIsNotRetried(t *testing.T) {
	for name, before := range map[string]func(*http.Request){
		"after the request was read": func(r *http.Request) { _ = r.ParseForm() },
		"with the body unread":       func(*http.Request) {},
	} {
		var got atomic.Int32
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got.Add(1)
			before(r)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.(*net.TCPConn).SetLinger(0) // a reset
			_ = conn.Close()
		}))
		p := profile()
		p.Catalog.Operations = []catalog.Operation{{ID: "keyless", Unknown: &apierr.UnknownOutcome{Operation: "keyless", Advice: apierr.AdviceInquire, Resolution: "Look for it with read.", DocURL: "https://docs.example/#unknown-outcome-keyless"}}}
		c, err := newClient(p, pay.WithBaseURL(srv.URL))
		if err != nil {
			t.Fatal(err)
		}
		_, err = call(t.Context(), c, &keyless)
		srv.Close()
		var e *apierr.Error
		if n := got.Load(); n != 1 {
			t.Errorf("%s: requests: got %d, want 1", name, n)
		}
		if !errors.As(err, &e) {
			t.Errorf("%s: got error %v, want an *apierr.Error", name, err)
			continue
		}
		if e.Attempts != 1 {
			t.Errorf("%s: Attempts: got %d, want 1", name, e.Attempts)
		}
		if e.Outcome() != apierr.OutcomeUnknown {
			t.Errorf("%s: Outcome: got %s, want %s", name, e.Outcome(), apierr.OutcomeUnknown)
		}
		if e.Advice() != apierr.AdviceInquire {
			t.Errorf("%s: Advice: got %s, want %s", name, e.Advice(), apierr.AdviceInquire)
		}
		if !strings.Contains(e.Resolution(), "read") {
			t.Errorf("%s: Resolution: got %q, want one that names the operation that reads the state", name, e.Resolution())
		}
		if e.DocURL() == "" {
			t.Errorf("%s: DocURL is empty", name)
		}
	}
	unsent(t)
}

// unsent fails before there is a connection: the dial is refused, or the host has no
// address. Writes are retried then as well.
func unsent(t *testing.T) {
	for name, cause := range map[string]error{
		"refused":   syscall.ECONNREFUSED,
		"not found": &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true},
	} {
		for fails, want := range map[int]int{1: 2, 2: 3, 9: 3} { // dials that fail: attempts
			synctest.Test(t, func(t *testing.T) {
				s := &server{script: []http.HandlerFunc{ok}}
				tr, dials := faulthttp.Pipe(t, s), 0
				dial := tr.DialContext
				tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
					if dials++; dials <= fails {
						return nil, &net.OpError{Op: "dial", Net: network, Err: cause}
					}
					return dial(ctx, network, addr)
				}
				c, err := newClient(profile(), pay.WithBaseURL("http://localhost"), pay.WithTransport(tr))
				if err != nil {
					t.Fatal(err)
				}
				var m pay.Meta
				start := time.Now()
				_, err = call(t.Context(), c, &keyless, pay.WithMeta(&m))
				var e *apierr.Error
				failed, requests := fails > want, 1
				if failed {
					requests = 0
				}
				if m.Attempts != want {
					t.Errorf("%s %d times: Attempts: got %d, want %d", name, fails, m.Attempts, want)
				}
				if time.Since(start) == 0 {
					t.Errorf("%s %d times: there was no pause between the attempts", name, fails)
				}
				if n := s.requests(); n != requests {
					t.Errorf("%s %d times: requests: got %d, want %d", name, fails, n, requests)
				}
				if errors.As(err, &e) != failed {
					t.Fatalf("%s %d times: got error %v, want an *apierr.Error: %t", name, fails, err, failed)
				}
				if !failed {
					return
				}
				if e.Outcome() != apierr.OutcomeNotApplied {
					t.Errorf("%s: Outcome: got %s, want %s", name, e.Outcome(), apierr.OutcomeNotApplied)
				}
				for _, target := range []error{apierr.ErrUnavailable, cause} {
					if !errors.Is(err, target) {
						t.Errorf("%s: got error %v, want one that is %v", name, err, target)
					}
				}
			})
		}
	}
}

// TestUnknownRetryClass: an operation whose retry class is missing or misspelt
// is treated like a write without an idempotency key.
func TestUnknownRetryClass(t *testing.T) {
	for _, class := range []transport.RetryClass{"", "Safe", "keyed ", "idempotent"} {
		for _, method := range []string{"GET", "POST"} {
			op := transport.Operation{ID: "op", Method: method, Path: "/v1/things", RetryClass: class, KeyHeader: "Idempotency-Key"}
			for name, h := range map[string]http.HandlerFunc{
				"503": respond(503, ""), "429": respond(429, `{"error":"BUSY"}`),
				"lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			} {
				synctest.Test(t, func(t *testing.T) {
					s := &server{script: []http.HandlerFunc{h}}
					c := client(t, s)
					_, err := transport.Call[resource](t.Context(), c, &op, transport.Input{}, nil)
					if sent, ok := s.header["Idempotency-Key"]; ok {
						t.Errorf("%q %s %s: idempotency key %q was sent", class, method, name, sent)
					}
					if unknown := errors.Is(err, apierr.ErrOutcomeUnknown); err == nil || unknown != (name != "429") || s.requests() != 1 {
						t.Errorf("%q %s %s: %v after %d requests; want one, classified like a write", class, method, name, err, s.requests())
					}
					if _, err = transport.Call[resource](t.Context(), c, &op, transport.Input{}, []pay.CallOption{pay.WithIdempotencyKey("k")}); !errors.Is(err, apierr.ErrInvalidRequest) {
						t.Errorf("%q: an idempotency key was accepted: %v", class, err)
					}
				})
			}
		}
	}
}
