package clientcontract

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// h2 runs them all.
func malformedHTTP2(st *harness.Driver, t *testing.T) (n int) {
	t.Helper()
	pki := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	t.Cleanup(pki.Close)
	pool := x509.NewCertPool()
	pool.AddCert(pki.Certificate())
	for _, c := range st.ReadAndWrite() {
		good := st.Response(c, c.Status, "application/json", string(c.Success))
		for name, fault := range faulthttp.HTTP2Faults {
			l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: pki.TLS.Certificates, NextProtos: []string{"h2"}})
			if err != nil {
				t.Fatal(err)
			}
			sent := make(chan int, 1)
			go func() { sent <- faulthttp.ServeHTTP2(l, st.LoginResponse(), good, fault) }()
			tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}
			methods := st.Methods(t, "https://"+l.Addr().String(), pay.WithTransport(tr), pay.WithMaxAttempts(2), pay.WithRandom(faulthttp.ZeroReader{}))
			_, err = methods[c.Id](t.Context())
			tr.CloseIdleConnections()
			_ = l.Close()
			requests := <-sent
			if fault.NotProcessed { // asked again by the transport, which was told that nothing was done
				requests--
			}
			status := 0
			if fault.InsideResponse {
				status = c.Status
			}
			checkTransportRules(st, t, c.Id+", HTTP/2, "+name, c, err, fault.NotProcessed, status, requests)
			n++
		}
	}
	return n
}

// H12 answers with HTTP that is broken, in its first version and its second.
func malformedHTTP(t *testing.T, s harness.Suite) {
	st, n := harness.NewDriver(t, s), 0
	b := &faulthttp.RawServer{Logins: st.Logins}
	// A connection of its own for each attempt: what breaks one must not be met by
	// the next.
	tr := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 256 << 10}
	methods := st.Methods(t, b.Listen(t), pay.WithTransport(tr), pay.WithMaxAttempts(2), pay.WithRandom(faulthttp.ZeroReader{}))
	for _, c := range st.ReadAndWrite() {
		for name, tt := range faulthttp.Malformed(st.Response(c, c.Status, "application/json", string(c.Success))) {
			b.SetScript(func(conn net.Conn, _ *http.Request) bool {
				_, _ = io.WriteString(conn, tt.Wire)
				return false
			})
			_, _ = b.Since()
			_, err := methods[c.Id](t.Context())
			sent, _ := b.Since()
			checkTransportRules(st, t, c.Id+", "+name, c, err, tt.Ok, tt.Status, sent)
			n++
		}
	}
	second := malformedHTTP2(st, t)
	t.Logf("%d broken answers over HTTP/1.1, %d over HTTP/2: outcomes and repetitions by the class of the operation", n, second)
}

// transportRules are what holds for every lost or broken answer: a success when
// it was one, else a typed error, unknown unless it was a read, and no
// repetition that could act twice.
func checkTransportRules(st *harness.Driver, t *testing.T, what string, c *harness.Operation, err error, ok bool, status, sent int) {
	t.Helper()
	if ok {
		if err != nil || sent != 1 {
			t.Errorf("%s: %v after %d requests", what, err, sent)
		}
		return
	}
	pe := harness.ExpectError(t, what, c, err)
	if pe == nil {
		return
	}
	if pe.StatusCode != status || status == 0 && !errors.Is(pe, apierr.ErrUnavailable) {
		t.Errorf("%s: status %d, %v; want %d", what, pe.StatusCode, pe, status)
	}
	limit := 2
	if c.Class == "keyless" || status >= 300 {
		limit = 1
	}
	if sent > limit || sent > pe.Attempts {
		t.Errorf("%s, %s: arrived %d times, %d counted, want %d at most", what, c.Class, sent, pe.Attempts, limit)
	}
}
