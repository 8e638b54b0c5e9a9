package faulthttp

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// InMemory is a transport without a network: the handler runs in this process. A
// response whose Content-Length exceeds its body ends with an error.
type InMemory struct{ Handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (m InMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	w := recordedResponse{status: 200, header: http.Header{}}
	m.Handler.ServeHTTP(&w, r)
	resp := &http.Response{StatusCode: w.status, Header: w.header, Request: r, ContentLength: int64(w.body.Len()), Body: io.NopCloser(&w.body)}
	if n, err := strconv.Atoi(w.header.Get("Content-Length")); err == nil && n > w.body.Len() {
		resp.ContentLength, resp.Body = int64(n), &brokenBody{w.body.Bytes()}
	}
	return resp, nil
}

// recordedResponse is the http.ResponseWriter of InMemory.
type recordedResponse struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (p *recordedResponse) Header() http.Header { return p.header }

func (p *recordedResponse) Write(b []byte) (int, error) { return p.body.Write(b) }

func (p *recordedResponse) WriteHeader(status int) { p.status = status }

type brokenBody struct{ rest []byte }

// Read implements io.Reader.
func (b *brokenBody) Read(p []byte) (int, error) {
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}

// Close implements io.Closer.
func (*brokenBody) Close() error { return nil }
