package harness

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/specmodel"
)

// Traffic is a transport that validates every request and every response against
// the spec. A test announces responses that break the spec with Broken.
type Traffic struct {
	t      testing.TB
	router routers.Router
	base   http.RoundTripper

	mu     sync.Mutex
	broken bool
	next   http.Handler
	seen   []*http.Request
	valid  int               // exchanges that match the spec on both sides
	record *Recording        // records the exchanges that are not broken; may be nil
	Keep   func(body []byte) // receives every body, sent and received; may be nil
}

// Checked returns how many exchanges matched the spec on both sides.
func (x *Traffic) Checked() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.valid
}

// NewTraffic makes a transport that closes its connections when the test ends.
func NewTraffic(t testing.TB, spec string) *Traffic {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &Traffic{t: t, router: specmodel.Load(t, spec).Router, base: tr}
}

// Broken sets whether responses may break the spec from now on.
func (x *Traffic) Broken(yes bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.broken = yes
}

// Next sends the next request to another server.
func (x *Traffic) Next(h http.Handler) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.next, x.broken = h, true
}

// Seen returns the number of requests so far.
func (x *Traffic) Seen() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.seen)
}

// Since returns the requests after the first n.
func (x *Traffic) Since(n int) []*http.Request {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen[n:]
}

// RoundTrip implements http.RoundTripper.
func (x *Traffic) RoundTrip(r *http.Request) (*http.Response, error) {
	r, body, err := faulthttp.CopyBody(r)
	if err != nil {
		return nil, err
	}
	kept := *r // with a body that can be read at any time
	kept.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	in := x.checkRequest(&kept)
	x.mu.Lock()
	next, broken := x.next, x.broken
	x.next, x.seen = nil, append(x.seen, &kept)
	x.mu.Unlock()
	if next != nil {
		srv := httptest.NewServer(next)
		x.t.Cleanup(srv.Close)
		r = r.Clone(r.Context())
		r.URL.Host = strings.TrimPrefix(srv.URL, "http://")
		r.Host = r.URL.Host
	}
	to := x.record
	if broken {
		to = nil
	}
	resp, err := to.send(r, x.base)
	if err == nil && x.Keep != nil {
		x.keepBodies(body, resp)
	}
	if err != nil || broken || in == nil {
		return resp, err
	}
	return x.checkResponse(in, resp)
}

// keepBodies passes on the bodies of an exchange, and of a long one its beginning.
func (x *Traffic) keepBodies(sent []byte, resp *http.Response) {
	x.Keep(sent)
	start, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	x.Keep(start)
	rest := io.MultiReader(bytes.NewReader(start), resp.Body)
	if err != nil {
		rest = io.MultiReader(bytes.NewReader(start), iotest.ErrReader(err))
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{rest, resp.Body}
}

// checkRequest validates what the client sends.
func (x *Traffic) checkRequest(r *http.Request) *openapi3filter.RequestValidationInput {
	clone := r.Clone(context.Background())
	clone.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if r.Body != nil {
		clone.Body, _ = r.GetBody()
	}
	route, params, err := x.router.FindRoute(clone)
	if err != nil {
		x.t.Errorf("request %s %s is not in the spec: %v", r.Method, r.URL.Path, err)
		return nil
	}
	in := &openapi3filter.RequestValidationInput{Request: clone, Route: route, PathParams: params,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: false, MultiError: true}}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		x.t.Errorf("operation %s: the request breaks the spec: %s", route.Operation.OperationID, abbreviated(err.Error()))
	}
	return in
}

// checkResponse validates what the server sends and returns the response.
func (x *Traffic) checkResponse(in *openapi3filter.RequestValidationInput, resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return resp, err
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Options: in.Options}
	out.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		x.t.Errorf("operation %s: the response with status %d breaks the spec: %s", in.Route.Operation.OperationID, resp.StatusCode, abbreviated(err.Error()))
		return resp, nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.valid++
	return resp, nil
}
