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

// concurrentCallsShareConnections lets many goroutines share one client. The test of
// internal/transport, on which all clients are built, makes 100,000 calls.
func concurrentCallsShareConnections(t *testing.T, s harness.Suite) {
	const conns = 64
	callers, calls := sample.Count(1000, 100), sample.Count(10_000, 500)
	d := harness.NewDriver(t, s)
	if d.Signs() {
		calls = callers // a signature takes a millisecond
	}
	srv := httptest.NewServer(d.WithLogins(d.Respond((*harness.Operation).SuccessBody)))
	t.Cleanup(srv.Close)
	tr := &http.Transport{MaxConnsPerHost: conns, MaxIdleConnsPerHost: conns}
	t.Cleanup(tr.CloseIdleConnections)
	count := faulthttp.CountConnections(tr)
	methods := d.Methods(t, srv.URL, pay.WithTransport(tr), pay.WithMaxAttempts(1))
	ops := d.ReadAndWrite()
	var left, failed atomic.Int32
	left.Store(int32(calls))
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := methods[ops[i%2].ID](t.Context()); err != nil && failed.Add(1) < 5 {
					t.Errorf("operation %s: got %s, want success", ops[i%2].ID, harness.ShortError(err))
				}
			}
		})
	}
	wg.Wait()
	subject := fmt.Sprintf("%d calls by %d goroutines", calls, callers)
	harness.Expect(t, subject, "failed calls", failed.Load(), 0)
	if open, _ := count(); open < 2 || open > conns {
		t.Errorf("%s: %d connections at once, want 2 to %d", subject, open, conns)
	}
}

// sequentialCallsReuseOneConnection makes calls one after another, of which every
// tenth is refused, with bodies of all sizes, with a length and in chunks.
func sequentialCallsReuseOneConnection(t *testing.T, s harness.Suite) {
	d, calls := harness.NewDriver(t, s), sample.Count(1000, 100)
	server := &faulthttp.RawServer{Logins: d.Logins}
	methods := d.Methods(t, server.Listen(t), harness.OneAttempt...)
	op := d.ReadAndWrite()[0]
	good, i, refused := d.Response(op, op.Status, "application/json", string(op.Success)).Wire(), 0, 0
	server.SetScript(func(conn net.Conn, _ *http.Request) bool {
		wire := good
		if i%10 == 9 {
			size := i * harness.ErrorBodyLimit / calls // up to what is read
			wire = fmt.Appendf(nil, "HTTP/1.1 422 No\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size))
			if i%20 == 9 {
				wire = fmt.Appendf(nil, "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", size, strings.Repeat("x", size))
			}
		}
		_, err := conn.Write(wire)
		return err == nil
	})
	for i = range calls {
		if _, err := methods[op.ID](t.Context()); err != nil {
			refused++
		}
	}
	_, conns := server.Since()
	subject := fmt.Sprintf("operation %s, %d calls", op.ID, calls)
	harness.Expect(t, subject, "connections", conns, 1)
	harness.Expect(t, subject, "refused calls", refused, calls/10)
}
