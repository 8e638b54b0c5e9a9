package faulthttp

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Script writes the response to one request, byte by byte, and reports whether the
// connection stays open.
type Script func(conn net.Conn, r *http.Request) (more bool)

// RawServer is a server whose responses a script writes. It responds to logins itself.
type RawServer struct {
	Logins map[string][]byte // response bodies by method and path
	Script Script
	busy   sync.WaitGroup
	mu     sync.Mutex
	conns  []net.Conn
	known  int             // number of conns that Since has counted
	seen   []*http.Request // without logins
}

// Serve accepts connections until the test ends.
func (b *RawServer) Serve(t testing.TB, l net.Listener) {
	t.Helper()
	b.busy.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b.mu.Lock()
			b.conns = append(b.conns, conn)
			b.mu.Unlock()
			b.busy.Go(func() { b.handle(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		b.mu.Lock()
		for _, conn := range b.conns {
			_ = conn.Close()
		}
		b.mu.Unlock()
		b.busy.Wait()
	})
}

func (b *RawServer) handle(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		if body := b.Logins[r.Method+" "+r.URL.Path]; body != nil {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", LoginDate, len(body), body)
			continue
		}
		b.mu.Lock()
		b.seen = append(b.seen, r)
		script := b.Script
		b.mu.Unlock()
		if !script(conn, r) {
			return
		}
	}
}

// Listen serves on a socket and returns the base URL.
func (b *RawServer) Listen(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.Serve(t, l)
	return "http://" + l.Addr().String()
}

// Since returns the numbers of requests and new connections since the last call.
func (b *RawServer) Since() (requests, connections int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	requests, connections = len(b.seen), len(b.conns)-b.known
	b.seen, b.known = nil, len(b.conns)
	return requests, connections
}

// SetScript changes the script.
func (b *RawServer) SetScript(s Script) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Script = s
}
