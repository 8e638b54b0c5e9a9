package clientcontract

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// H4 lets a server take for ever, in fake time: one attempt ends after its 30
// seconds, a call with all its attempts within 60.
func slowResponsesEndInTime(t *testing.T, s harness.Suite) {
	st, n, longest := harness.NewDriver(t, s), 0, time.Duration(0)
	for name, slow := range faulthttp.SlowResponses {
		for _, c := range st.Calls {
			synctest.Test(t, func(t *testing.T) {
				took := callSlowServer(st, t, c, slow, harness.OneAttempt...)
				if took != 30*time.Second {
					t.Errorf("%s, %s: back after %v, want the attempt's 30 s", c.Id, name, took)
				}
			})
			n++
		}
		for _, c := range st.ReadAndWrite() {
			synctest.Test(t, func(t *testing.T) { longest = max(longest, callSlowServer(st, t, c, slow)) })
			n++
		}
	}
	if longest > time.Minute {
		t.Errorf("a call took %v, want 60 s at most", longest)
	}
	t.Logf("%d operations, %d slow answers: each attempt ends after 30 s of fake time, a whole call after %v at most", len(st.Calls), n, longest)
}

func callSlowServer(st *harness.Driver, t *testing.T, c *harness.Operation, slow func(net.Conn), opts ...pay.Option) time.Duration {
	t.Helper()
	l := &faulthttp.PipeListener{Conns: make(chan net.Conn), Done: make(chan struct{})}
	b := &faulthttp.RawServer{Logins: st.Logins, Script: func(conn net.Conn, _ *http.Request) bool { slow(conn); return false }}
	b.Serve(t, l)
	tr := &http.Transport{DialContext: l.Dial}
	t.Cleanup(tr.CloseIdleConnections)
	methods := st.Methods(t, "http://localhost", append([]pay.Option{pay.WithTransport(tr)}, opts...)...)
	start := time.Now()
	_, err := methods[c.Id](t.Context())
	if pe := harness.ExpectError(t, c.Id, c, err); pe != nil && (!errors.Is(pe, apierr.ErrUnavailable) || pe.StatusCode < 400 && !errors.Is(pe, context.DeadlineExceeded)) {
		t.Errorf("%s: %v, want unavailable, because of the deadline or the status", c.Id, pe)
	}
	return time.Since(start)
}
