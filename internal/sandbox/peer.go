package sandbox

import (
	"net"
	"net/http"
)

// peer is one connection. The server's mutex guards it.
type peer struct {
	state    http.ConnState
	answered bool // the answer to the present request is on its way
	dropped  bool // refuse has reset it, perhaps with a request on its way in
}

type peerKey struct{}

// peerOf is the connection of a request; nil when another server serves.
func peerOf(r *http.Request) *peer {
	p, _ := r.Context().Value(peerKey{}).(*peer)
	return p
}

// peer finds or makes what is known of a connection.
func (v *server) peer(conn net.Conn) *peer {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.conns[conn]
	if p == nil {
		p = &peer{state: http.StateNew}
		v.conns[conn] = p
	}
	return p
}

func (v *server) track(conn net.Conn, state http.ConnState) {
	p := v.peer(conn)
	v.mu.Lock()
	defer v.mu.Unlock()
	p.state, p.answered = state, false
	if state == http.StateClosed || state == http.StateHijacked {
		delete(v.conns, conn)
	}
	v.moved.Broadcast()
}

// answering notes that a peer may have its answer before its connection is idle.
func (v *server) answering(p *peer) {
	if p == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	p.answered = true
}

func (v *server) isDropped(p *peer) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return p != nil && p.dropped
}

// dropIdle resets every connection on which no request is under way. It waits
// for those whose peer may have its answer already. One that becomes busy in
// the same moment stays marked, so that its request is not executed.
func (v *server) dropIdle() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for v.isAnswering() {
		v.moved.Wait()
	}
	for conn, p := range v.conns {
		if p.state == http.StateNew || p.state == http.StateIdle {
			p.dropped = true
			reset(conn)
		}
	}
}

func (v *server) isAnswering() bool {
	for _, p := range v.conns {
		if p.answered {
			return true
		}
	}
	return false
}
