package catalog_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// response returns a doer that responds with status, Content-Type and body.
func response(status int, contentType, body string) doer {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// charge sends a request of the operation charge, a write whose success is
// declared as JSON.
func charge(t *testing.T, d *catalog.Doer) (*http.Response, error) {
	t.Helper()
	return d.Do(httptest.NewRequest(http.MethodPost, "http://demo.test/charges", nil))
}

// failed returns the error of a call that must fail.
func failed(t *testing.T, resp *http.Response, err error) *apierr.Error {
	t.Helper()
	e, ok := errors.AsType[*apierr.Error](err)
	if !ok {
		t.Fatalf("got response %v and error %v, want an *apierr.Error", resp, err)
	}
	return e
}

// content returns the body of a call that must succeed.
func content(t *testing.T, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want a success", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("reading the body of a success: %v", err)
	}
	return string(body)
}

func TestSuccessWithoutHeader(t *testing.T) {
	d := demo().Doer(doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"id":"1"}`))}, nil
	}))
	resp, err := charge(t, d)
	if got, want := content(t, resp, err), `{"id":"1"}`; got != want {
		t.Errorf("body: got %q, want %q", got, want)
	}
	if got := resp.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: got %q, want application/json", got)
	}
}

func TestDoerDoesNotChangeSharedHeaders(t *testing.T) {
	shared := http.Header{}
	d := demo().Doer(doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: shared, Body: io.NopCloser(strings.NewReader(`{"id":"1"}`))}, nil
	}))
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			resp, err := charge(t, d)
			if err != nil {
				t.Errorf("got error %v, want a success", err)
				return
			}
			_ = resp.Body.Close()
		})
	}
	calls.Wait()
	if len(shared) != 0 {
		t.Errorf("the header that all responses share was changed to %v", shared)
	}
}

func TestMaxBodyLimits(t *testing.T) {
	const body = `{"id":"1"}`
	for _, tt := range []struct {
		limit    int64
		succeeds bool
	}{
		{limit: 0, succeeds: true},
		{limit: -1, succeeds: true},
		{limit: math.MaxInt64, succeeds: true},
		{limit: int64(len(body)), succeeds: true},
		{limit: int64(len(body)) - 1},
		{limit: 3},
	} {
		d := demo().Doer(response(200, "application/json", body))
		d.MaxBody = tt.limit
		resp, err := charge(t, d)
		if tt.succeeds {
			if got := content(t, resp, err); got != body {
				t.Errorf("MaxBody %d: got body %q, want %q", tt.limit, got, body)
			}
			continue
		}
		e := failed(t, resp, err)
		if e.Outcome() != apierr.OutcomeUnknown {
			t.Errorf("MaxBody %d: got outcome %s, want unknown", tt.limit, e.Outcome())
		}
		if !e.Truncated {
			t.Errorf("MaxBody %d: Truncated is false, RawBody is %q of %q", tt.limit, e.RawBody, body)
		}
	}
}

// TestContentLengthMatchesTheBody: a byte order mark is removed from the body, so
// the length in the header changes with it.
func TestContentLengthMatchesTheBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "\ufeff"+`{"id":"1"}`)
	}))
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/charges", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := demo().Doer(nil).Do(req)
	if got, want := content(t, resp, err), `{"id":"1"}`; got != want {
		t.Errorf("body: got %q, want %q", got, want)
	}
	if got := resp.Header.Get("Content-Length"); got != "10" {
		t.Errorf("Content-Length: got %q, want 10", got)
	}
	if resp.ContentLength != 10 {
		t.Errorf("ContentLength: got %d, want 10", resp.ContentLength)
	}
}

// TestEncodedSuccess: only a caller that asks for an encoding gets an encoded body
// unread.
func TestEncodedSuccess(t *testing.T) {
	const declined = `{"error":{"code":"DECLINED"}}`
	for _, tt := range []struct {
		name, accept, encoding, body string
		succeeds                     bool
	}{
		{"identity is not an encoding", "", "identity", declined, false},
		{"an encoding that the caller did not ask for", "", "gzip", declined, false},
		{"identity, although the caller accepts gzip", "gzip", "identity", declined, false},
		{"no encoding, although the caller accepts gzip", "gzip", "", declined, false},
		{"bytes that cannot be decoded", "", "br", "\x1f\x8b\x00", false},
		{"an encoding that the caller asked for", "gzip", "gzip", "\x1f\x8b\x00", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := demo().Doer(doer(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {tt.encoding}},
					Body: io.NopCloser(strings.NewReader(tt.body))}, nil
			}))
			req := httptest.NewRequest(http.MethodPost, "http://demo.test/charges", nil)
			if tt.accept != "" {
				req.Header.Set("Accept-Encoding", tt.accept)
			}
			resp, err := d.Do(req)
			if tt.succeeds {
				if got := content(t, resp, err); got != tt.body {
					t.Errorf("body: got %q, want %q", got, tt.body)
				}
				return
			}
			e := failed(t, resp, err)
			if want := tt.body == declined; errors.Is(e, code("DECLINED")) != want {
				t.Errorf("got %v; matches DECLINED is %v, want %v", e, !want, want)
			}
		})
	}
}

// TestDialErrorAfterTheRequestWasSent: a failed dial proves that nothing was sent
// only if no connection was used before it.
func TestDialErrorAfterTheRequestWasSent(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	redirects := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, gone.URL+"/charges", http.StatusSeeOther)
	}))
	t.Cleanup(redirects.Close)
	retries := doer(func(req *http.Request) (*http.Response, error) { // the first attempt is lost, the second cannot connect
		if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
			_ = resp.Body.Close()
		}
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	})
	for _, tt := range []struct {
		name    string
		next    catalog.HTTPDoer
		url     string
		outcome apierr.Outcome
	}{
		{"nothing listens", &http.Client{}, gone.URL, apierr.OutcomeNotApplied},
		{"nothing listens where a redirect leads", &http.Client{}, redirects.URL, apierr.OutcomeUnknown},
		{"a retry cannot connect", retries, redirects.URL, apierr.OutcomeUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.url+"/charges", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := demo().Doer(tt.next).Do(req)
			if e := failed(t, resp, err); e.Outcome() != tt.outcome {
				t.Errorf("%v: got outcome %s, want %s", e, e.Outcome(), tt.outcome)
			}
		})
	}
}

// TestRefusalAfterRedirectDoesNotSettleAWrite: the server that redirected a POST to
// a GET may have carried it out. What the other URL responds to the GET says
// nothing about that.
func TestRefusalAfterRedirectDoesNotSettleAWrite(t *testing.T) {
	for status, want := range map[int]apierr.Outcome{
		http.StatusFound: apierr.OutcomeUnknown, http.StatusSeeOther: apierr.OutcomeUnknown,
		http.StatusTemporaryRedirect: apierr.OutcomeNotApplied, http.StatusPermanentRedirect: apierr.OutcomeNotApplied, // the POST is sent again
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/charges" {
				http.Redirect(w, r, "/elsewhere", status)
				return
			}
			http.NotFound(w, r)
		}))
		t.Cleanup(server.Close)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/charges", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := demo().Doer(&http.Client{}).Do(req)
		if e := failed(t, resp, err); e.Outcome() != want || e.StatusCode != 404 {
			t.Errorf("redirect with %d: got outcome %s, status %d; want %s, 404", status, e.Outcome(), e.StatusCode, want)
		}
	}
}

// TestRoundTripperStopsRedirects: an http.Client above the transport follows
// redirects by default, but never sees one.
func TestRoundTripperStopsRedirects(t *testing.T) {
	followed := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/charges" {
			followed = true
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	t.Cleanup(server.Close)
	client := &http.Client{Transport: demo().RoundTripper(nil)}
	resp, err := client.Post(server.URL+"/charges", "application/json", strings.NewReader("{}"))
	e := failed(t, resp, err)
	if e.StatusCode != http.StatusFound {
		t.Errorf("StatusCode: got %d, want 302", e.StatusCode)
	}
	if followed {
		t.Error("the redirect was followed")
	}
	if e.Outcome() != apierr.OutcomeUnknown {
		t.Errorf("Outcome: got %s, want unknown", e.Outcome())
	}
}

// TestDoerKeepsTheCallersTrace: the doer watches connections with a trace of its
// own, which must not replace the caller's.
func TestDoerKeepsTheCallersTrace(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"1"}`)
	}))
	t.Cleanup(server.Close)
	connections := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/charges", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := demo().Doer(nil).Do(req)
	_ = content(t, resp, err)
	if connections != 1 {
		t.Errorf("the caller's trace saw %d connections, want 1", connections)
	}
}

func TestNestedURLErrorsDoNotReachTheText(t *testing.T) {
	inner := &url.Error{Op: "Post", URL: "https://user:secret@login.test/token?client_secret=secret", Err: io.ErrUnexpectedEOF}
	for name, err := range map[string]error{
		"once":    inner,
		"twice":   &url.Error{Op: "Post", URL: "https://demo.test/?key=secret", Err: inner},
		"wrapped": &url.Error{Op: "Post", URL: "https://demo.test/?key=secret", Err: errors.Join(errors.New("token"), inner)},
	} {
		d := demo().Doer(doer(func(*http.Request) (*http.Response, error) { return nil, err }))
		resp, err := charge(t, d)
		e := failed(t, resp, err)
		if strings.Contains(e.Error(), "secret") {
			t.Errorf("%s: the text contains a URL: %q", name, e.Error())
		}
		if !errors.Is(e, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v does not wrap the cause", name, e)
		}
	}
}

func TestStatusesWithoutABody(t *testing.T) {
	for _, tt := range []struct {
		method string
		status int
		failed bool
	}{
		{http.MethodPost, 204, false},
		{http.MethodPost, 205, false},
		{http.MethodHead, 200, false},
		{http.MethodHead, 404, true},
		{http.MethodGet, 304, true},
	} {
		d := demo().Doer(response(tt.status, "application/json", ""))
		resp, err := d.Do(httptest.NewRequest(tt.method, "http://demo.test/charges", nil))
		if tt.failed {
			if e := failed(t, resp, err); e.StatusCode != tt.status {
				t.Errorf("%s %d: got status %d", tt.method, tt.status, e.StatusCode)
			}
			continue
		}
		if got := content(t, resp, err); got != "" {
			t.Errorf("%s %d: got body %q, want none", tt.method, tt.status, got)
		}
	}
}

// TestNotModifiedIsNotARedirect: the text must not send a reader after a redirect
// that does not exist.
func TestNotModifiedIsNotARedirect(t *testing.T) {
	e, _ := demo().Parse(http.StatusNotModified, nil, nil)
	if e.Unwrap() != nil {
		t.Errorf("the cause: got %v, want none", e.Unwrap())
	}
}

// closer counts how often it is closed.
type closer struct {
	io.Reader
	closed int
}

func (c *closer) Close() error { c.closed++; return nil }

func TestBodiesAreClosed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   io.Reader
		err    error
	}{
		{"failure", 500, strings.NewReader("x"), nil},
		{"failure that cannot be read", 500, io.MultiReader(strings.NewReader("x"), broken{}), nil},
		{"success", 200, strings.NewReader(`{"id":"1"}`), nil},
		{"success that cannot be read", 200, broken{}, nil},
		{"success that is not JSON", 200, strings.NewReader("<html>"), nil},
		{"failure inside a success", 200, strings.NewReader(`{"error":{"code":"DECLINED"}}`), nil},
		{"response together with an error", 200, strings.NewReader("x"), io.ErrUnexpectedEOF},
	} {
		body := &closer{Reader: tt.body}
		d := demo().Doer(doer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: tt.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}, tt.err
		}))
		if resp, err := charge(t, d); err == nil {
			_ = resp.Body.Close()
		}
		if body.closed != 1 {
			t.Errorf("%s: the body was closed %d times, want 1", tt.name, body.closed)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestStreamIsNotBuffered: a stream that the spec declares beside JSON is passed on
// as it arrives.
func TestStreamIsNotBuffered(t *testing.T) {
	c := demo()
	c.Operations[0].Successes[0].Mixed = true
	reader, writer := io.Pipe()
	d := c.Doer(doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: reader}, nil
	}))
	resp, err := charge(t, d)
	if err != nil {
		t.Fatalf("got error %v, want a success", err)
	}
	defer func() { _ = resp.Body.Close() }()
	go func() { _, _ = io.WriteString(writer, "data: 1\n\n") }()
	event := make([]byte, 9)
	if _, err := io.ReadFull(resp.Body, event); err != nil || !bytes.Equal(event, []byte("data: 1\n\n")) {
		t.Errorf("got %q, %v; want the first event", event, err)
	}
}

func TestRequestWithoutURL(t *testing.T) {
	resp, err := demo().Doer(nil).Do(&http.Request{Method: http.MethodPost})
	_ = failed(t, resp, err)
}

// neverEnding is the body of a response to which net/http no longer applies a
// timeout: reading it would never end.
type neverEnding struct{ read, closed bool }

func (b *neverEnding) Read([]byte) (int, error) { b.read = true; return 0, io.EOF }
func (b *neverEnding) Close() error             { b.closed = true; return nil }

// TestSwitchedProtocolIsNotRead: the body of a 101 is the connection itself.
func TestSwitchedProtocolIsNotRead(t *testing.T) {
	body := &neverEnding{}
	next := doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Body: body}, nil
	})
	_, err := demo().Doer(next).Do(httptest.NewRequest(http.MethodPost, "http://demo.test/charges", nil))
	if !errors.Is(err, apierr.ErrOutcomeUnknown) {
		t.Errorf("got %v, want an unknown outcome", err)
	}
	if body.read {
		t.Error("the connection is read")
	}
	if !body.closed {
		t.Error("the connection is left open")
	}
}
