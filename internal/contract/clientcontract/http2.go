package clientcontract

import (
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// http2WritesAreSentOncePerAttempt resets the stream of every write with every error
// code of HTTP/2. The server receives as many requests as the client reports attempts,
// and one request of a write without an idempotency key.
func http2WritesAreSentOncePerAttempt(t *testing.T, s harness.Suite) {
	d := harness.NewDriver(t, s)
	call := overHTTP2(t, d)
	faults := faulthttp.HTTP2Faults()
	codes := slices.DeleteFunc(slices.Sorted(maps.Keys(faults)), func(name string) bool { return !strings.HasPrefix(name, "reset, ") })
	writes := slices.DeleteFunc(slices.Clone(d.Calls), (*harness.Operation).Safe)
	var calls, requests, attempts int
	for i, op := range writes {
		for j, code := range codes {
			if !sample.Turn(i, j, len(codes)) {
				continue
			}
			got, m, _ := call(t, op, faults[code], 3)
			subject := harness.Subject(op.ID, "HTTP/2, "+code)
			harness.Expect(t, subject, "requests at the server", got, m.Attempts)
			want := 3
			switch {
			case op.Class == "keyless":
				want = 1
			case faults[code].NotProcessed:
				want = 2 // the retry succeeds
			}
			harness.Expect(t, subject, "attempts", m.Attempts, want)
			calls, requests, attempts = calls+1, requests+got, attempts+m.Attempts
		}
	}
	t.Logf("HTTP/2: %d error codes, %d writes: %d calls, %d requests at the server, %d attempts reported", len(codes), len(writes), calls, requests, attempts)
}

// overHTTP2 returns a function that calls an operation at a server whose responses meet
// a fault of HTTP/2. It returns how many requests the server received, logins aside,
// and what the client reports.
func overHTTP2(t *testing.T, d *harness.Driver) func(t *testing.T, op *harness.Operation, fault faulthttp.HTTP2Fault, most int) (requests int, m pay.Meta, err error) {
	t.Helper()
	pki := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	t.Cleanup(pki.Close)
	pool := x509.NewCertPool()
	pool.AddCert(pki.Certificate())
	return func(t *testing.T, op *harness.Operation, fault faulthttp.HTTP2Fault, most int) (requests int, m pay.Meta, err error) {
		t.Helper()
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: pki.TLS.Certificates, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		good := d.Response(op, op.Status, "application/json", string(op.Success))
		sent := make(chan int, 1)
		go func() { sent <- faulthttp.ServeHTTP2(l, d.LoginResponse(), good, fault) }()
		tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}
		methods := d.Methods(t, "https://"+l.Addr().String(), pay.WithTransport(tr), pay.WithMaxAttempts(most), pay.WithRandom(faulthttp.ZeroReader{}))
		_, err = methods[op.ID](t.Context(), pay.WithMeta(&m))
		tr.CloseIdleConnections()
		_ = l.Close()
		return <-sent, m, err
	}
}
