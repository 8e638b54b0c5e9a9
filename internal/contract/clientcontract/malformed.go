package clientcontract

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// malformedHTTP sends responses that break HTTP/1.1 or HTTP/2.
func malformedHTTP(t *testing.T, s harness.Suite) {
	d := harness.NewDriver(t, s)
	t.Run("HTTP1", func(t *testing.T) { malformedHTTP1(t, d) })
	t.Run("HTTP2", func(t *testing.T) { malformedHTTP2(t, d) })
}

func malformedHTTP1(t *testing.T, d *harness.Driver) {
	server := &faulthttp.RawServer{Logins: d.Logins}
	// Each attempt has a connection of its own: what breaks one must not reach the
	// next attempt.
	tr := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 256 << 10}
	methods := d.Methods(t, server.Listen(t), pay.WithTransport(tr), pay.WithMaxAttempts(2), pay.WithRandom(faulthttp.ZeroReader{}))
	for _, op := range d.ReadAndWrite() {
		for name, tt := range faulthttp.Malformed(d.Response(op, op.Status, "application/json", string(op.Success))) {
			server.SetScript(func(conn net.Conn, _ *http.Request) bool {
				_, _ = io.WriteString(conn, tt.Wire)
				return false
			})
			_, _ = server.Since()
			_, err := methods[op.ID](t.Context())
			sent, _ := server.Since()
			checkTransportRules(t, op, name, err, transportResult{tt.OK, tt.Status, sent})
		}
	}
}

func malformedHTTP2(t *testing.T, d *harness.Driver) {
	call := overHTTP2(t, d)
	for _, op := range d.ReadAndWrite() {
		for name, fault := range faulthttp.HTTP2Faults() {
			requests, m, err := call(t, op, fault, 2)
			subject := harness.Subject(op.ID, "HTTP/2, "+name)
			switch {
			case op.Class != "safe" && requests > m.Attempts:
				t.Errorf("%s: the server received %d requests, but the client counts %d attempts", subject, requests, m.Attempts)
			case requests > 8: // the transport may send a read again on its own, up to 3 times per attempt
				t.Errorf("%s: the server received %d requests, want at most 8", subject, requests)
			}
			switch {
			case fault.NotProcessed && op.Class != "keyless":
				requests-- // the one that was not processed
			case op.Class == "safe":
				requests = min(requests, m.Attempts)
			}
			status := 0
			if fault.InsideResponse {
				status = op.Status
			}
			checkTransportRules(t, op, "HTTP/2, "+name, err, transportResult{fault.NotProcessed && op.Class != "keyless", status, requests})
		}
	}
}

// transportResult is what a lost or malformed response must lead to, and how many
// requests the server received.
type transportResult struct {
	success bool
	status  int // of the error
	sent    int
}

// checkTransportRules checks a call whose response was lost or malformed: a success
// if it was one, otherwise an error that is unknown unless the operation is a read,
// and no retry that could take effect twice.
func checkTransportRules(t *testing.T, op *harness.Operation, input string, err error, want transportResult) {
	t.Helper()
	subject := harness.Subject(op.ID, input)
	if want.success {
		if err != nil {
			t.Errorf("%s: got %s, want success", subject, harness.ShortError(err))
		}
		harness.Expect(t, subject, "requests", want.sent, 1)
		return
	}
	got := harness.ExpectError(t, op, input, err)
	if got == nil {
		return
	}
	harness.Expect(t, subject, "status", got.StatusCode, want.status)
	if want.status == 0 {
		harness.ExpectIs(t, subject, got, apierr.ErrUnavailable, true)
	}
	most := 2
	if op.Class == "keyless" || want.status >= 300 {
		most = 1
	}
	if want.sent > most {
		t.Errorf("%s (retry class %s): the server received %d requests, want at most %d", subject, op.Class, want.sent, most)
	}
	if want.sent > got.Attempts {
		t.Errorf("%s: the server received %d requests, but the error counts %d attempts", subject, want.sent, got.Attempts)
	}
}
