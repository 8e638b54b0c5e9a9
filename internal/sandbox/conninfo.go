package sandbox

import (
	"net"
	"net/http"
)

// connInfo is the state of one connection. It is guarded by the server's mutex.
type connInfo struct {
	state     http.ConnState
	responded bool // the response to the current request may have been received
	dropped   bool // reset by the fault refuse, possibly while a request was arriving
}

type connKey struct{}

// connOf returns the connection of a request, or nil if another server serves it.
func connOf(r *http.Request) *connInfo {
	c, _ := r.Context().Value(connKey{}).(*connInfo)
	return c
}

// info returns the state of a connection and creates it if there is none.
func (v *server) info(conn net.Conn) *connInfo {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.conns[conn]
	if c == nil {
		c = &connInfo{state: http.StateNew}
		v.conns[conn] = c
	}
	return c
}

func (v *server) track(conn net.Conn, state http.ConnState) {
	c := v.info(conn)
	v.mu.Lock()
	defer v.mu.Unlock()
	c.state, c.responded = state, false
	if state == http.StateClosed || state == http.StateHijacked {
		delete(v.conns, conn)
	}
	v.changed.Broadcast()
}

// markResponded notes that the client may have received its response although the
// connection is not idle yet.
func (v *server) markResponded(c *connInfo) {
	if c == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	c.responded = true
}

func (v *server) isDropped(c *connInfo) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return c != nil && c.dropped
}

// dropIdle resets all connections without a running request. It first waits for
// connections whose response may have been received. A connection that becomes
// active at the same time stays marked, so that its request is not executed.
func (v *server) dropIdle() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for v.hasResponded() {
		v.changed.Wait()
	}
	for conn, c := range v.conns {
		if c.state == http.StateNew || c.state == http.StateIdle {
			c.dropped = true
			resetConn(conn)
		}
	}
}

func (v *server) hasResponded() bool {
	for _, c := range v.conns {
		if c.responded {
			return true
		}
	}
	return false
}
