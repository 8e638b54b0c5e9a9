package faulthttp

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Tap is a transport that keeps the bytes that are sent.
type Tap struct {
	*http.Transport
	mu    sync.Mutex
	conns []*bytes.Buffer
}

// NewTap returns a Tap that closes its connections when the test ends.
func NewTap(t testing.TB) *Tap {
	x := &Tap{}
	x.Transport = &http.Transport{DialContext: x.dial}
	t.Cleanup(x.CloseIdleConnections)
	return x
}

func (x *Tap) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	sent := new(bytes.Buffer)
	x.conns = append(x.conns, sent)
	return &tappedConn{Conn: conn, x: x, sent: sent}, nil
}

type tappedConn struct {
	net.Conn
	x    *Tap
	sent *bytes.Buffer
}

// Write implements net.Conn.
func (c *tappedConn) Write(b []byte) (int, error) {
	c.x.mu.Lock()
	c.sent.Write(b)
	c.x.mu.Unlock()
	return c.Conn.Write(b)
}

// Take returns the request line and header lines of the requests since the last call.
func (x *Tap) Take() (heads [][]string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, sent := range x.conns {
		for {
			head, _, found := bytes.Cut(sent.Bytes(), []byte("\r\n\r\n"))
			if !found {
				break
			}
			lines := strings.Split(string(head), "\r\n")
			heads = append(heads, lines)
			sent.Next(len(head) + 4 + contentLength(lines))
		}
	}
	return heads
}

func contentLength(lines []string) int {
	for _, line := range lines {
		if value, found := strings.CutPrefix(line, "Content-Length: "); found {
			n, _ := strconv.Atoi(value)
			return n
		}
	}
	return 0
}
