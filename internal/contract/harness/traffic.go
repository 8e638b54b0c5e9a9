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

	"github.com/specpay/specpay/internal/contract/specmodel"
)

// Traffic is a transport that holds every request and every answer against the
// spec. An answer that is meant to break the spec is announced with Broken.
type Traffic struct {
	t      testing.TB
	router routers.Router
	base   http.RoundTripper

	mu     sync.Mutex
	broken bool
	next   http.Handler
	seen   []*http.Request
	valid  int               // exchanges whose two sides fit the spec
	Keep   func(body []byte) // told of every body, both ways; nil = nobody is
}

// Checked returns how many exchanges were found to fit the spec on both sides.
func (x *Traffic) Checked() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.valid
}

func NewTraffic(t testing.TB, spec string) *Traffic {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &Traffic{t: t, router: specmodel.Load(t, spec).Router, base: tr}
}

// Broken says whether answers may break the spec from now on.
func (x *Traffic) Broken(yes bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.broken = yes
}

// Next lets another server, on loopback too, answer the next request.
func (x *Traffic) Next(h http.Handler) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.next, x.broken = h, true
}

// Seen returns how many requests there were.
func (x *Traffic) Seen() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.seen)
}

// since returns the requests after the first n.
func (x *Traffic) Since(n int) []*http.Request {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen[n:]
}

// RoundTrip implements http.RoundTripper.
func (x *Traffic) RoundTrip(r *http.Request) (*http.Response, error) {
	in := x.checkRequest(r)
	x.mu.Lock()
	next, broken := x.next, x.broken
	x.next, x.seen = nil, append(x.seen, r)
	x.mu.Unlock()
	if next != nil {
		srv := httptest.NewServer(next)
		x.t.Cleanup(srv.Close)
		r = r.Clone(r.Context())
		r.URL.Host = strings.TrimPrefix(srv.URL, "http://")
		r.Host = r.URL.Host
	}
	resp, err := x.base.RoundTrip(r)
	if err == nil && x.Keep != nil {
		x.keepBodies(r, resp)
	}
	if err != nil || broken || in == nil {
		return resp, err
	}
	return x.checkResponse(in, resp)
}

// kept hands on the bodies of an exchange, of a long or broken one its beginning.
func (x *Traffic) keepBodies(r *http.Request, resp *http.Response) {
	if r.GetBody != nil {
		if sent, err := r.GetBody(); err == nil {
			body, _ := io.ReadAll(sent)
			x.Keep(body)
		}
	}
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

// request validates what our client sends.
func (x *Traffic) checkRequest(r *http.Request) *openapi3filter.RequestValidationInput {
	clone := r.Clone(context.Background())
	clone.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if r.GetBody != nil {
		clone.Body, _ = r.GetBody()
	}
	route, params, err := x.router.FindRoute(clone)
	if err != nil {
		x.t.Errorf("%s %s is not in the spec: %v", r.Method, r.URL.Path, err)
		return nil
	}
	in := &openapi3filter.RequestValidationInput{Request: clone, Route: route, PathParams: params,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: false, MultiError: true}}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		x.t.Errorf("%s: our request breaks the spec: %v", route.Operation.OperationID, err)
	}
	return in
}

// answer validates what the server sends and hands it on.
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
		x.t.Errorf("%s: the answer %d breaks the spec: %v", in.Route.Operation.OperationID, resp.StatusCode, err)
		return resp, nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.valid++
	return resp, nil
}
