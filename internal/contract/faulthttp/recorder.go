package faulthttp

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// Recorder is a transport that keeps the requests.
type Recorder struct {
	Base http.RoundTripper
	Sent []Request
}

// Request is a recorded request.
type Request struct {
	Header http.Header
	Body   []byte
}

// RoundTrip implements http.RoundTripper.
func (c *Recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	r, body, err := CopyBody(r)
	if err != nil {
		return nil, err
	}
	c.Sent = append(c.Sent, Request{Header: r.Header.Clone(), Body: body})
	return c.Base.RoundTrip(r)
}

// CopyBody reads the body of a request and returns it with an equal request that can
// still be sent.
func CopyBody(r *http.Request) (*http.Request, []byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, nil, nil
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, nil, err
	}
	same := *r
	same.Body = io.NopCloser(bytes.NewReader(body))
	return &same, body, nil
}

// IdempotencyKey returns the key of a request: a header, or a "/member" of the body.
func (s Request) IdempotencyKey(place string) string {
	if member, inBody := strings.CutPrefix(place, "/"); inBody {
		var doc map[string]any
		_ = json.Unmarshal(s.Body, &doc)
		key, _ := doc[member].(string)
		return key
	}
	for name, values := range s.Header {
		if strings.EqualFold(name, place) {
			return strings.Join(values, ", ")
		}
	}
	return ""
}

// HeaderRecorder is a transport that keeps the header of the last request.
type HeaderRecorder struct {
	Base   http.RoundTripper
	Header http.Header
}

// RoundTrip implements http.RoundTripper.
func (c *HeaderRecorder) RoundTrip(r *http.Request) (*http.Response, error) {
	c.Header = r.Header.Clone()
	return c.Base.RoundTrip(r)
}
