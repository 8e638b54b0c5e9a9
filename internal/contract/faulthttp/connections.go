package faulthttp

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// CountConnections wraps the dialer of a transport. The function that it returns
// reports how many connections were open at the same time, and how many there were.
func CountConnections(tr *http.Transport) func() (most, dials int) {
	var mu sync.Mutex
	var open, most, dials int
	dial := new(net.Dialer).DialContext
	tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		open++
		dials++
		most = max(most, open)
		return &countedConn{Conn: conn, closed: sync.OnceFunc(func() {
			mu.Lock()
			defer mu.Unlock()
			open--
		})}, nil
	}
	return func() (int, int) {
		mu.Lock()
		defer mu.Unlock()
		return most, dials
	}
}

// countedConn is a connection that reports when it is closed.
type countedConn struct {
	net.Conn
	closed func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	c.closed()
	return c.Conn.Close()
}
