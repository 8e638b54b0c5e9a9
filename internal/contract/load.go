package contract

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// C3 lets a thousand goroutines share one client. A hundred thousand calls are
// made in the test of the same name of internal/transport, which all clients are.
func C3(t *testing.T, s Suite) {
	const conns = 64
	callers := sample.Count(1000, 200)
	calls := sample.Count(10_000, 1000)
	st := newStand(t, s)
	if st.signs() {
		calls = callers // a signature costs a millisecond
	}
	srv := httptest.NewServer(st.behind(st.answers((*callable).good)))
	t.Cleanup(srv.Close)
	tr := &http.Transport{MaxConnsPerHost: conns, MaxIdleConnsPerHost: conns}
	t.Cleanup(tr.CloseIdleConnections)
	most := Connections(tr)
	methods := st.client(t, srv.URL, pay.WithTransport(tr), pay.WithMaxAttempts(1))
	c := st.readAndWrite()
	var left atomic.Int32
	left.Store(int32(calls))
	var failed atomic.Int32
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := methods[c[i%2].id](t.Context()); err != nil && failed.Add(1) < 5 {
					t.Errorf("%s: %v", c[i%2].id, err)
				}
			}
		})
	}
	wg.Wait()
	open, dials := most()
	if failed.Load() > 0 || open > conns || open < 2 {
		t.Errorf("%d calls failed; %d connections at once, want 2 to %d", failed.Load(), open, conns)
	}
	Figure(t, "%d goroutines, %d calls, 0 errors, %d connections of %d allowed, %d dials", callers, calls, open, conns, dials)
}

// Connections wraps the dialling of a transport and returns what counts how many
// of its connections were open at the same time, and how many there were.
func Connections(tr *http.Transport) func() (most, dials int) {
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

// countedConn is a connection that says when it is closed.
type countedConn struct {
	net.Conn
	closed func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

// C4 makes a thousand calls in a row of which every tenth is refused, with bodies
// of all sizes, with a length and in chunks, and counts connections.
func C4(t *testing.T, s Suite) {
	st, calls := newStand(t, s), sample.Count(1000, 200)
	b := &bare{stand: st}
	methods := st.client(t, b.loopback(t), one...)
	c := st.readAndWrite()[0]
	good, i, refused := st.says(c, c.status, "application/json", string(c.answer)).wire(), 0, 0
	b.set(func(conn net.Conn, _ *http.Request) bool {
		wire := good
		if i%10 == 9 {
			size := i * 64_000 / calls // up to 64 KiB
			wire = fmt.Appendf(nil, "HTTP/1.1 422 No\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size))
			if i%20 == 9 {
				wire = fmt.Appendf(nil, "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", size, strings.Repeat("x", size))
			}
		}
		_, err := conn.Write(wire)
		return err == nil
	})
	for i = range calls {
		if _, err := methods[c.id](t.Context()); err != nil {
			refused++
		}
	}
	if _, conns := b.since(); conns != 1 || refused != calls/10 {
		t.Errorf("%d connections, %d refusals, want 1 and %d", conns, refused, calls/10)
	}
	Figure(t, "%d calls, %d refused: 1 connection", calls, refused)
}
