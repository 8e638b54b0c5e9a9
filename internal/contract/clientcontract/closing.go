package clientcontract

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// closeLeavesNothing closes clients after a call, during a call, and before another
// one. Neither connections nor goroutines are left.
func closeLeavesNothing(t *testing.T, s harness.Suite) {
	d := harness.NewDriver(t, s)
	before := goleak.IgnoreCurrent()
	open := &openConns{changed: make(chan struct{}, 1)}
	entered, release := make(chan struct{}), make(chan struct{})
	good := d.WithLogins(d.Respond((*harness.Operation).SuccessBody))
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Trace") == "slow" {
			entered <- struct{}{}
			<-release
		}
		good.ServeHTTP(w, r)
	}))
	srv.Config.ConnState = open.note
	srv.Start()
	t.Cleanup(srv.Close)
	op := d.ReadAndWrite()[0].ID
	connect := func(opts ...pay.Option) (read func(...pay.CallOption), closeClient func()) {
		a := d.Connect(t, srv.URL, opts...)
		method := harness.Method(t, a.Client, op)
		read = func(opts ...pay.CallOption) {
			if _, err := harness.Invoke(context.Background(), method, opts); err != nil {
				t.Errorf("operation %s: got %s, want success", op, harness.ShortError(err))
			}
		}
		return read, func() {
			if err := a.Client.(io.Closer).Close(); err != nil {
				t.Errorf("Close: got %v, want no error", err)
			}
		}
	}

	var closeAll []func()
	for range sample.Count(300, 30) {
		read, closeClient := connect()
		read()
		closeAll = append(closeAll, closeClient)
	}
	harness.Expect(t, "after one call of each client", "open connections", open.count(), len(closeAll))
	for _, closeClient := range closeAll {
		closeClient()
	}
	open.expectNone(t, "after Close of each client")

	read, closeClient := connect()
	var call sync.WaitGroup
	call.Go(func() { read(pay.WithHeader("X-Trace", "slow")) })
	<-entered
	closeClient()
	close(release)
	call.Wait()
	open.expectNone(t, "after Close during a call")
	read()
	open.expectNone(t, "after a call after Close")
	closeClient()
	if err := goleak.Find(before, goleak.IgnoreAnyFunction("net/http/httptest.(*Server).goServe.func1")); err != nil {
		t.Errorf("after Close: %v", err)
	}

	tr := &http.Transport{}
	dials := faulthttp.CountConnections(tr)
	read, closeClient = connect(pay.WithTransport(tr))
	read()
	closeClient()
	read()
	_, n := dials()
	harness.Expect(t, "transport of the caller", "connections", n, 1)
	tr.CloseIdleConnections()
}

// openConns counts the open connections of a server.
type openConns struct {
	mu      sync.Mutex
	open    int
	changed chan struct{}
}

func (o *openConns) note(_ net.Conn, state http.ConnState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if state == http.StateNew {
		o.open++
	}
	if state == http.StateClosed {
		o.open--
	}
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

func (o *openConns) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.open
}

// expectNone waits until all connections are closed.
func (o *openConns) expectNone(t *testing.T, subject string) {
	t.Helper()
	limit := time.After(10 * time.Second)
	for o.count() > 0 {
		select {
		case <-o.changed:
		case <-limit:
			harness.Expect(t, subject, "open connections", o.count(), 0)
			return
		}
	}
}
