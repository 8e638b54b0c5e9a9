package faulthttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Pipe serves h with an http.Server over in-memory connections and returns the
// transport that reaches it, whatever the host is. Unlike sockets, it works inside a
// testing/synctest bubble.
func Pipe(t testing.TB, h http.Handler) *http.Transport {
	t.Helper()
	l := NewPipeListener()
	srv := &http.Server{Handler: h}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = srv.Serve(l)
	}()
	tr := &http.Transport{DialContext: l.Dial, MaxIdleConnsPerHost: 256}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		_ = srv.Close()
		<-stopped
	})
	return tr
}

// PipeListener is a net.Listener for in-memory connections.
type PipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// NewPipeListener returns a listener whose connections come from its Dial method.
func NewPipeListener() *PipeListener {
	return &PipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Dial opens a connection to the listener, whatever the address is.
func (l *PipeListener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	server, client := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *PipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *PipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr implements net.Listener.
func (l *PipeListener) Addr() net.Addr { return &net.IPAddr{} }

// Unreachable is a transport without a network.
type Unreachable struct{}

// RoundTrip implements http.RoundTripper.
func (Unreachable) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network")
}
