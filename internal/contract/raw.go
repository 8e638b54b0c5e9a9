package contract

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// script answers one request on a bare connection, byte by byte, and reports
// whether the connection lives on.
type script func(conn net.Conn, r *http.Request) (more bool)

// bare is a server that says what a script says. Logins it answers itself.
type bare struct {
	*stand
	script script
	busy   sync.WaitGroup
	mu     sync.Mutex
	conns  []net.Conn
	known  int             // conns that since has counted
	seen   []*http.Request // logins are not among them
}

// serve answers on a listener until the test ends.
func (b *bare) serve(t testing.TB, l net.Listener) {
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
			b.busy.Go(func() { b.talk(conn) })
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

func (b *bare) talk(conn net.Conn) {
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
		if body := b.logins[r.Method+" "+r.URL.Path]; body != nil {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", loginDate, len(body), body)
			continue
		}
		b.mu.Lock()
		b.seen = append(b.seen, r)
		script := b.script
		b.mu.Unlock()
		if !script(conn, r) {
			return
		}
	}
}

// loopback serves on a socket and returns the base URL.
func (b *bare) loopback(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.serve(t, l)
	return "http://" + l.Addr().String()
}

// since returns how many requests and connections there were since the last time.
func (b *bare) since() (requests, connections int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	requests, connections = len(b.seen), len(b.conns)-b.known
	b.seen, b.known = nil, len(b.conns)
	return requests, connections
}

// set changes the script.
func (b *bare) set(s script) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.script = s
}

// wire is a whole answer as it stands on the wire.
func (a *reply) wire() []byte {
	head := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n%s\r\n", a.status, http.StatusText(a.status), max(a.length, len(a.body)), a.lines())
	return append(head, a.body...)
}

// lines are the header as it stands on the wire.
func (a *reply) lines() string {
	var b strings.Builder
	_ = a.header.Write(&b) // a Builder takes all
	return b.String()
}

// one asks for a single attempt.
var one = []pay.Option{pay.WithMaxAttempts(1)}

// mustFail wants a *apierr.Error, whatever its status, and of a call that may have
// arrived an unknown outcome; c nil does not look at that.
func mustFail(t *testing.T, what string, c *callable, err error) *apierr.Error {
	t.Helper()
	var pe *apierr.Error
	if !errors.As(err, &pe) {
		t.Errorf("%s: %v (%T) is no *apierr.Error", what, err, err)
		return nil
	}
	if c != nil && errors.Is(pe, apierr.ErrOutcomeUnknown) == c.safe() {
		t.Errorf("%s, %s: unknown outcome is %v: %v", what, c.class, !c.safe(), pe)
	}
	return pe
}

// h1OnSockets cuts whole answers of a read and a write, their headers too, at
// every byte on a real connection.
func h1OnSockets(t *testing.T, st *stand) (cuts int) {
	b := &bare{stand: st}
	methods := st.client(t, b.loopback(t), one...)
	for _, c := range st.readAndWrite() {
		whole := st.says(c, c.status, "application/json", string(c.answer)).wire()
		for n := range sample.Indexes(len(whole), 40) {
			b.set(func(conn net.Conn, _ *http.Request) bool {
				_, _ = conn.Write(whole[:n])
				return false
			})
			_, err := methods[c.id](t.Context())
			_ = mustFail(t, fmt.Sprintf("%s, cut at %d of %d on a socket", c.id, n, len(whole)), c, err)
			cuts++
		}
	}
	return cuts
}
