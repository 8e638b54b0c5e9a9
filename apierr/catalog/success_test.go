package catalog_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// TestDefaultClient: it gives up after 30 s and does not follow redirects.
func TestDefaultClient(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/charges" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	}))
	t.Cleanup(server.Close)
	var none *http.Client
	without := demo().Doer(nil)
	without.Next = nil
	for name, d := range map[string]*catalog.Doer{"nil": demo().Doer(nil), "a nil *http.Client": demo().Doer(none), "no Next": without} {
		if client, ok := d.Next.(*http.Client); d.Next != nil && (!ok || client.Timeout != 30*time.Second) {
			t.Errorf("%s: got %#v, want an *http.Client with a timeout of 30 s", name, d.Next)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/charges", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := d.Do(req)
		if e := failed(t, resp, err); e.StatusCode != http.StatusFound {
			t.Errorf("%s: got status %d, want 302", name, e.StatusCode)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRoundTripperKeepsTheTransportsError(t *testing.T) {
	lost := errors.New("lost")
	rt := demo().RoundTripper(transport(func(*http.Request) (*http.Response, error) { return nil, lost }))
	_, err := rt.RoundTrip(httptest.NewRequest(http.MethodPost, "http://demo.test/charges", nil))
	if !errors.Is(err, lost) {
		t.Errorf("got %v, want an error that wraps %v", err, lost)
	}
}

// TestErrorsBelowTheDoer: an *apierr.Error is passed on; any other error is a request
// without a response, unless nothing can have been sent.
func TestErrorsBelowTheDoer(t *testing.T) {
	below := apierr.New(apierr.Error{Provider: "below"}, apierr.Details{})
	for _, tt := range []struct {
		name    string
		err     error
		outcome apierr.Outcome
	}{
		{"an error of this package", fmt.Errorf("post: %w", below), apierr.OutcomeUnknown},
		{"a failed dial", &net.OpError{Op: "dial", Err: errors.New("refused")}, apierr.OutcomeNotApplied},
		{"a failed read", &net.OpError{Op: "read", Err: errors.New("reset")}, apierr.OutcomeUnknown},
	} {
		resp, err := charge(t, demo().Doer(doer(func(*http.Request) (*http.Response, error) { return nil, tt.err })))
		e := failed(t, resp, err)
		if e.Outcome() != tt.outcome {
			t.Errorf("%s: got outcome %s, want %s", tt.name, e.Outcome(), tt.outcome)
		}
		if got, want := e == below, errors.Is(tt.err, error(below)); got != want {
			t.Errorf("%s: got %v, passed on %v, want %v", tt.name, e, got, want)
		}
	}
	// A response without a body may come with an error.
	resp, err := charge(t, demo().Doer(doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200}, io.ErrUnexpectedEOF
	})))
	if e := failed(t, resp, err); !errors.Is(e, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want an error that wraps %v", e, io.ErrUnexpectedEOF)
	}
}

// TestErrorBodiesAreBounded: 16 KiB are kept, and the error says whether there was
// more.
func TestErrorBodiesAreBounded(t *testing.T) {
	for _, tt := range []struct {
		name      string
		body      io.Reader
		truncated bool
	}{
		{"as much as is kept", strings.NewReader(strings.Repeat("x", catalog.MaxErrorBody)), false},
		{"one byte more", strings.NewReader(strings.Repeat("x", catalog.MaxErrorBody+1)), true},
		{"a connection that breaks", io.MultiReader(strings.NewReader("x"), broken{}), true},
	} {
		resp, err := charge(t, demo().Doer(doer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 500, Header: http.Header{"X-Request-Id": {"h-1"}}, Body: io.NopCloser(tt.body)}, nil
		})))
		e := failed(t, resp, err)
		if e.Truncated != tt.truncated || len(e.RawBody) > catalog.MaxErrorBody || e.RequestID != "h-1" {
			t.Errorf("%s: got truncated %v, %d bytes, request %q; want %v, at most %d, h-1", tt.name, e.Truncated, len(e.RawBody), e.RequestID, tt.truncated, catalog.MaxErrorBody)
		}
	}
}

// TestClassOfTheRequest: without an operation, the method says whether a call is a
// read. A keyed operation without its key is not repeated.
func TestClassOfTheRequest(t *testing.T) {
	c := demo()
	c.Operations = append(c.Operations, catalog.Operation{ID: "keyed", Method: http.MethodPost, Path: "/keyed", Class: "keyed", KeyHeader: "Idempotency-Key"},
		catalog.Operation{ID: "in body", Method: http.MethodPost, Path: "/body", Class: "keyed"})
	for _, tt := range []struct {
		method, path, key string
		outcome           apierr.Outcome
		advice            apierr.Advice
	}{
		{"GET", "/unknown", "", apierr.OutcomeNotApplied, apierr.AdviceBackoff},
		{"POST", "/unknown", "", apierr.OutcomeUnknown, apierr.AdviceInquire},
		{"POST", "/keyed", "k-1", apierr.OutcomeUnknown, apierr.AdviceBackoff},
		{"POST", "/keyed", "", apierr.OutcomeUnknown, apierr.AdviceInquire},
		{"POST", "/body", "", apierr.OutcomeUnknown, apierr.AdviceBackoff},
	} {
		req := httptest.NewRequest(tt.method, "http://demo.test"+tt.path, nil)
		if tt.key != "" {
			req.Header.Set("Idempotency-Key", tt.key)
		}
		resp, err := c.Doer(response(500, "text/plain", "")).Do(req)
		if e := failed(t, resp, err); e.Outcome() != tt.outcome || e.Advice() != tt.advice {
			t.Errorf("%s %s with key %q: got %s, %s; want %s, %s", tt.method, tt.path, tt.key, e.Outcome(), e.Advice(), tt.outcome, tt.advice)
		}
	}
}

// TestWhichSuccessesAreChecked: a success that is declared as JSON has to be JSON. One
// that is only labeled as JSON has to be if it may carry a failure. Others are passed
// on unread.
func TestWhichSuccessesAreChecked(t *testing.T) {
	c := demo()
	c.Operations = append(c.Operations, catalog.Operation{ID: "mixed", Method: "POST", Path: "/mixed", Successes: []catalog.Success{{Status: 200, JSON: true, Mixed: true}}, Shapes: c.Operations[2].Shapes},
		catalog.Operation{ID: "peek", Method: "HEAD", Path: "/peek", Successes: []catalog.Success{{JSON: true}}})
	const declined, page = `{"error":{"code":"DECLINED"}}`, "<html>"
	for _, tt := range []struct {
		name, method, path string
		status             int
		media, body        string
		want               string // part of the error; "" for a success
	}{
		{"declared", "POST", "/charges", 200, "", page, "not valid JSON"},
		{"declared, empty", "POST", "/charges", 200, "", " \n", "is empty"},
		{"declared for another status", "POST", "/charges", 201, "text/html", page, ""},
		{"declared for 2XX", "GET", "/charges/7", 201, "", page, "not valid JSON"},
		{"declared for 2XX, no content", "GET", "/charges/7", 204, "", "", ""},
		{"declared for 2XX, reset content", "GET", "/charges/7", 205, "", "", ""},
		{"declared for 2XX, the last status", "GET", "/charges/7", 299, "", "{}", ""},
		{"declared, HEAD", "HEAD", "/peek", 200, "", "", ""},
		{"not declared", "GET", "/gate", 200, "text/html", page, ""},
		{"not declared, labeled, carries no failure", "GET", "/gate", 200, "application/json", page, ""},
		{"not declared, labeled, failure", "POST", "/unknown", 200, "application/json", declined, "DECLINED"},
		{"not declared, labeled, empty", "POST", "/unknown", 200, "application/json", "", ""},
		{"not declared, labeled, invalid", "POST", "/unknown", 200, "application/json", page, "not valid JSON"},
		{"not declared, not labeled, failure", "POST", "/unknown", 200, "text/plain", declined, ""},
		{"mixed, labeled", "POST", "/mixed", 200, "application/json", page, "not valid JSON"},
		{"mixed, not labeled", "POST", "/mixed", 200, "text/csv", page, ""},
		{"label in upper case", "POST", "/unknown", 200, "Application/JSON", declined, "DECLINED"},
		{"label with a parameter", "POST", "/unknown", 200, " application/json ; charset=utf-8", declined, "DECLINED"},
		{"label with an invalid parameter", "POST", "/unknown", 200, "application/json; =", declined, "DECLINED"},
		{"label with a suffix", "POST", "/unknown", 200, "application/problem+json", declined, "DECLINED"},
		{"another label", "POST", "/unknown", 200, "application/jsonl", declined, ""},
	} {
		resp, err := c.Doer(response(tt.status, tt.media, tt.body)).Do(httptest.NewRequest(tt.method, "http://demo.test"+tt.path, nil))
		if tt.want == "" {
			if got := content(t, resp, err); got != tt.body {
				t.Errorf("%s: got %q, want %q", tt.name, got, tt.body)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

// TestSuccessThatBreaks: a document that is complete is not a success if the
// connection broke after it.
func TestSuccessThatBreaks(t *testing.T) {
	for method, path := range map[string]string{http.MethodPost: "/charges", http.MethodGet: "/charges/7"} {
		d := demo().Doer(doer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"X-Request-Id": {"h-1"}}, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"id":"1"}`), broken{}))}, nil
		}))
		resp, err := d.Do(httptest.NewRequest(method, "http://demo.test"+path, nil))
		e := failed(t, resp, err)
		if !errors.Is(e, io.ErrUnexpectedEOF) || !e.Truncated || e.RequestID != "h-1" {
			t.Errorf("%s: got %v, truncated %v, request %q", method, e, e.Truncated, e.RequestID)
		}
		if method == http.MethodGet && (!errors.Is(e, apierr.ErrUnavailable) || e.Advice() != apierr.AdviceBackoff) {
			t.Errorf("%s: got category %s, advice %s; want unavailable, backoff", method, string(e.Category()), e.Advice())
		}
	}
	d := demo().Doer(response(200, "application/json", `{"error":{"code":"DECLINED"}}`))
	d.MaxBody = int64(len(`{"error":{"code":"DECLINED"}}`))
	resp, err := charge(t, d)
	if e := failed(t, resp, err); e.Truncated {
		t.Error("Truncated is true for a whole body")
	}
}

// spaces is n spaces and a document.
func spaces(n int) io.Reader {
	return io.MultiReader(io.LimitReader(blank{}, int64(n)), strings.NewReader("{}"))
}

type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestDefaultLimitOfASuccess(t *testing.T) {
	for size, succeeds := range map[int]bool{16 << 20: true, 16<<20 + 1: false} {
		resp, err := charge(t, demo().Doer(doer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(spaces(size - 2))}, nil
		})))
		if got := err == nil; got != succeeds {
			t.Errorf("%d bytes: got %v, want success %v", size, err, succeeds)
		}
		if err == nil {
			_ = resp.Body.Close()
		}
	}
}

// TestHeaderOfASuccess: only what is wrong is changed.
func TestHeaderOfASuccess(t *testing.T) {
	for _, tt := range []struct {
		name         string
		header, want http.Header
		body         string
	}{
		{"labeled", http.Header{"Content-Type": {"application/vnd.demo+json"}}, http.Header{"Content-Type": {"application/vnd.demo+json"}}, "{}"},
		{"not labeled", http.Header{"X-Note": {"kept"}}, http.Header{"X-Note": {"kept"}, "Content-Type": {"application/json"}}, "{}"},
		{"byte order mark", http.Header{"Content-Type": {"application/json"}}, http.Header{"Content-Type": {"application/json"}}, "\ufeff{}"},
		{"byte order mark and length", http.Header{"Content-Type": {"application/json"}, "Content-Length": {"5"}}, http.Header{"Content-Type": {"application/json"}, "Content-Length": {"2"}}, "\ufeff{}"},
	} {
		resp, err := charge(t, demo().Doer(doer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: tt.header, Body: io.NopCloser(strings.NewReader(tt.body))}, nil
		})))
		if got := content(t, resp, err); got != "{}" {
			t.Errorf("%s: got body %q, want {}", tt.name, got)
		}
		for name := range tt.want {
			if got, want := resp.Header.Get(name), tt.want.Get(name); got != want {
				t.Errorf("%s: %s: got %q, want %q", tt.name, name, got, want)
			}
		}
		if len(resp.Header) != len(tt.want) || resp.ContentLength != 2 {
			t.Errorf("%s: got header %v, length %d; want %v, 2", tt.name, resp.Header, resp.ContentLength, tt.want)
		}
	}
}
