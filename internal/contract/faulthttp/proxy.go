package faulthttp

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy forwards TCP connections to a server. It can stop forwarding what open
// connections carry without closing them, as a firewall does that has lost its state.
type Proxy struct {
	Addr  string
	dials atomic.Int32
	mu    sync.Mutex
	conns []*silentConn
}

// NewProxy returns a proxy that ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String()}
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				_ = in.Close()
				continue
			}
			p.dials.Add(1)
			busy.Go(func() { p.forward(in, out) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for _, conn := range p.conns {
			_ = conn.Close()
		}
		p.mu.Unlock()
		busy.Wait()
	})
	return p
}

func (p *Proxy) forward(in, out net.Conn) {
	client, server := &silentConn{Conn: in}, &silentConn{Conn: out}
	p.mu.Lock()
	p.conns = append(p.conns, client, server)
	p.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]*silentConn{{client, server}, {server, client}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], struct{ io.Reader }{way[1]})
			_ = way[0].Close()
		})
	}
	both.Wait()
}

// Silence stops forwarding on the connections that are open.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.silent.Store(true)
	}
}

// Dials returns the number of connections that were opened.
func (p *Proxy) Dials() int { return int(p.dials.Load()) }

// silentConn is a connection that can drop what is written to it.
type silentConn struct {
	net.Conn
	silent atomic.Bool
}

// Write implements net.Conn.
func (c *silentConn) Write(b []byte) (int, error) {
	if c.silent.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}
