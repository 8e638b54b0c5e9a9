package clientcontract

import (
	"context"
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

// slowResponsesEndInTime calls servers that never finish, in fake time. One attempt
// ends after 30 s, a call with all its attempts after 60 s at most.
func slowResponsesEndInTime(t *testing.T, s harness.Suite) {
	const perAttempt, perCall = 30 * time.Second, time.Minute
	d := harness.NewDriver(t, s)
	for name, slow := range faulthttp.SlowResponses {
		for _, op := range d.Calls {
			synctest.Test(t, func(t *testing.T) {
				took := callSlowServer(t, d, op, name, slow, harness.OneAttempt...)
				harness.Expect(t, harness.Subject(op.ID, name), "duration of one attempt", took, perAttempt)
			})
		}
		for _, op := range d.ReadAndWrite() {
			synctest.Test(t, func(t *testing.T) {
				if took := callSlowServer(t, d, op, name, slow); took > perCall {
					t.Errorf("%s: a call took %v, want at most %v", harness.Subject(op.ID, name), took, perCall)
				}
			})
		}
	}
}

// callSlowServer calls an operation of a server that never finishes and returns how
// long the call took.
func callSlowServer(t *testing.T, d *harness.Driver, op *harness.Operation, name string, slow func(net.Conn), opts ...pay.Option) time.Duration {
	t.Helper()
	l := faulthttp.NewPipeListener()
	server := &faulthttp.RawServer{Logins: d.Logins, Script: func(conn net.Conn, _ *http.Request) bool { slow(conn); return false }}
	server.Serve(t, l)
	tr := &http.Transport{DialContext: l.Dial}
	t.Cleanup(tr.CloseIdleConnections)
	methods := d.Methods(t, "http://localhost", append([]pay.Option{pay.WithTransport(tr)}, opts...)...)
	start := time.Now()
	_, err := methods[op.ID](t.Context())
	took := time.Since(start)
	if got := harness.ExpectError(t, op, name, err); got != nil {
		subject := harness.Subject(op.ID, name)
		harness.ExpectIs(t, subject, got, apierr.ErrUnavailable, true)
		if got.StatusCode < 400 {
			harness.ExpectIs(t, subject, got, context.DeadlineExceeded, true)
		}
	}
	return took
}
