package faulthttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Pipe serves h with a real http.Server over in-memory connections and returns
// the transport that reaches it, whatever host is dialled. It works inside a
// testing/synctest bubble, where sockets do not.
func Pipe(t testing.TB, h http.Handler) *http.Transport {
	t.Helper()
	l := &PipeListener{Conns: make(chan net.Conn), Done: make(chan struct{})}
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

type PipeListener struct {
	Conns chan net.Conn
	Done  chan struct{}
	once  sync.Once
}

func (l *PipeListener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	server, client := net.Pipe()
	select {
	case l.Conns <- server:
		return client, nil
	case <-l.Done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *PipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.Conns:
		return c, nil
	case <-l.Done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *PipeListener) Close() error {
	l.once.Do(func() { close(l.Done) })
	return nil
}

// Addr implements net.Listener.
func (l *PipeListener) Addr() net.Addr { return &net.IPAddr{} }

// refusing is a transport that has no network.
type Unreachable struct{}

// RoundTrip implements http.RoundTripper.
func (Unreachable) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network")
}
