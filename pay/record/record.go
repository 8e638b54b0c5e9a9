package record

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"sync"
	"time"
)

// Limits of a recorder.
const (
	// DefaultMaxBody is the most bytes of one body that are recorded, after
	// decompression.
	DefaultMaxBody = 1 << 20
	// DefaultMaxEntries is the most requests that are recorded.
	DefaultMaxEntries = 1000
	// maxTotal limits the recorded bodies together.
	maxTotal = 64 << 20
)

// Option configures a Recorder.
type Option func(*Recorder) error

// WithTransport sends the requests through rt, which must not be nil. The default is
// http.DefaultTransport.
func WithTransport(rt http.RoundTripper) Option {
	return func(r *Recorder) error {
		if rt == nil {
			return errors.New("record: WithTransport: the round tripper is nil; want an http.RoundTripper, or no option for the default")
		}
		r.next = rt
		return nil
	}
}

// WithClock takes times from now, which must not be nil. The default is time.Now.
func WithClock(now func() time.Time) Option {
	return func(r *Recorder) error {
		if now == nil {
			return errors.New("record: WithClock: the clock is nil; want a function such as time.Now, or no option for the default")
		}
		r.now = now
		return nil
	}
}

// WithRandom takes the 32 bytes of the key that numbers replaced values from random,
// which must not be nil. The default is crypto/rand. With the same bytes and traffic, a
// recording is the same; the bytes are as secret as the traffic.
func WithRandom(random io.Reader) Option {
	return func(r *Recorder) error {
		if random == nil {
			return errors.New("record: WithRandom: the reader is nil; want a source of random bytes, or no option for crypto/rand")
		}
		r.random = random
		return nil
	}
}

// WithMaxBody limits the bytes of one body that are recorded. A larger one passes
// unchanged and is noted in the recording without its content. The default is 1 MiB; n must be
// positive.
func WithMaxBody(n int) Option {
	return func(r *Recorder) error {
		if n < 1 || n == math.MaxInt {
			return fmt.Errorf("record: WithMaxBody: %d bytes; want 1 or more", n)
		}
		r.maxBody = n
		return nil
	}
}

// WithMaxEntries limits the requests that are recorded. Later ones pass unchanged and are
// counted; see [Recorder.LeftOut]. The default is 1000; n must be positive.
func WithMaxEntries(n int) Option {
	return func(r *Recorder) error {
		if n < 1 {
			return fmt.Errorf("record: WithMaxEntries: %d requests; want 1 or more", n)
		}
		r.maxEntries = n
		return nil
	}
}

// Recorder is an http.RoundTripper that records what passes through it. It is safe for
// concurrent use. The zero value is not usable; see [New].
type Recorder struct {
	vault
	next       http.RoundTripper
	now        func() time.Time
	random     io.Reader
	maxBody    int
	maxEntries int

	mu       sync.Mutex
	entries  []*entry
	total    int
	leftOut  int
	attempts map[[32]byte]int // by what was recorded of a request
}

// New returns a recorder for the API of a spec, which is OpenAPI 3.0 as YAML or JSON;
// package specs has those of this module. It returns an error if the spec cannot be read
// or an option is invalid or nil.
func New(spec []byte, opts ...Option) (*Recorder, error) {
	m, err := readSpec(spec)
	if err != nil {
		return nil, err
	}
	r := &Recorder{
		vault: vault{spec: m, number: map[[16]byte]int{}}, next: http.DefaultTransport, now: time.Now, random: rand.Reader,
		maxBody: DefaultMaxBody, maxEntries: DefaultMaxEntries, attempts: map[[32]byte]int{},
	}
	for _, o := range opts {
		if o == nil {
			return nil, errors.New("record: an option is nil; omit it")
		}
		if err := o(r); err != nil {
			return nil, err
		}
	}
	r.key = make([]byte, 32)
	if _, err := io.ReadFull(r.random, r.key); err != nil {
		return nil, fmt.Errorf("record: reading random bytes: %w", err)
	}
	return r, nil
}

// CloseIdleConnections closes the idle connections of the transport below.
func (r *Recorder) CloseIdleConnections() {
	if t, ok := r.next.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// RoundTrip implements http.RoundTripper. It returns what the transport below returns.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	x := r.begin(req)
	if x == nil {
		return r.next.RoundTrip(req)
	}
	sent := req
	if req.Body != nil && req.Body != http.NoBody {
		sent = req.WithContext(req.Context()) // a shallow copy: a transport must not change the request
		sent.Body = &tee{ReadCloser: req.Body, to: &x.sent}
	}
	resp, err := r.next.RoundTrip(sent)
	if err != nil || resp == nil {
		x.fail(err)
		return resp, err
	}
	if resp.Request == sent {
		resp.Request = req
	}
	x.arrived(resp)
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		x.end("it is not an HTTP message")
	case resp.Body == nil || resp.Body == http.NoBody:
		x.end("")
	default:
		resp.Body = &body{ReadCloser: resp.Body, x: x}
	}
	return resp, nil
}

// kindOf returns the kind of an error: its text can hold a URL or data.
func kindOf(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return "connection"
}
