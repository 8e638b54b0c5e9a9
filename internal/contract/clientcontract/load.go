package clientcontract

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// C3 lets a thousand goroutines share one client. A hundred thousand calls are
// made in the test of the same name of internal/transport, which all clients are.
func concurrentCallsShareConnections(t *testing.T, s harness.Suite) {
	const conns = 64
	callers := sample.Count(1000, 200)
	calls := sample.Count(10_000, 1000)
	st := harness.NewDriver(t, s)
	if st.Signs() {
		calls = callers // a signature costs a millisecond
	}
	srv := httptest.NewServer(st.WithLogins(st.Respond((*harness.Operation).SuccessBody)))
	t.Cleanup(srv.Close)
	tr := &http.Transport{MaxConnsPerHost: conns, MaxIdleConnsPerHost: conns}
	t.Cleanup(tr.CloseIdleConnections)
	most := faulthttp.CountConnections(tr)
	methods := st.Methods(t, srv.URL, pay.WithTransport(tr), pay.WithMaxAttempts(1))
	c := st.ReadAndWrite()
	var left atomic.Int32
	left.Store(int32(calls))
	var failed atomic.Int32
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := methods[c[i%2].Id](t.Context()); err != nil && failed.Add(1) < 5 {
					t.Errorf("%s: %v", c[i%2].Id, err)
				}
			}
		})
	}
	wg.Wait()
	open, dials := most()
	if failed.Load() > 0 || open > conns || open < 2 {
		t.Errorf("%d calls failed; %d connections at once, want 2 to %d", failed.Load(), open, conns)
	}
	t.Logf("%d goroutines, %d calls, 0 errors, %d connections of %d allowed, %d dials", callers, calls, open, conns, dials)
}

// C4 makes a thousand calls in a row of which every tenth is refused, with bodies
// of all sizes, with a length and in chunks, and counts connections.
func sequentialCallsReuseOneConnection(t *testing.T, s harness.Suite) {
	st, calls := harness.NewDriver(t, s), sample.Count(1000, 200)
	b := &faulthttp.RawServer{Logins: st.Logins}
	methods := st.Methods(t, b.Listen(t), harness.OneAttempt...)
	c := st.ReadAndWrite()[0]
	good, i, refused := st.Response(c, c.Status, "application/json", string(c.Success)).Wire(), 0, 0
	b.SetScript(func(conn net.Conn, _ *http.Request) bool {
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
		if _, err := methods[c.Id](t.Context()); err != nil {
			refused++
		}
	}
	if _, conns := b.Since(); conns != 1 || refused != calls/10 {
		t.Errorf("%d connections, %d refusals, want 1 and %d", conns, refused, calls/10)
	}
	t.Logf("%d calls, %d refused: 1 connection", calls, refused)
}
