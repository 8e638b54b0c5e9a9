package clientcontract

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
)

// errorBodiesAreBounded sends errors of 10 MB and 64 MiB, with a length and without.
func errorBodiesAreBounded(t *testing.T, s harness.Suite) {
	d := harness.NewDriver(t, s)
	server := &faulthttp.RawServer{Logins: d.Logins}
	methods := d.Methods(t, server.Listen(t), harness.OneAttempt...)
	server.SetScript(func(net.Conn, *http.Request) bool { return false })
	_, _ = methods[d.Calls[0].ID](t.Context()) // logs in
	_, _ = server.Since()
	chunk := bytes.Repeat([]byte(`{"error":"x","message":"<p>"} `), 2048)
	for _, op := range d.ReadAndWrite() {
		for _, size := range []int{10_000_000, 64 << 20} {
			for _, status := range []int{400, 500} {
				for _, length := range []string{fmt.Sprintf("Content-Length: %d", size), "Connection: keep-alive"} {
					server.SetScript(func(conn net.Conn, _ *http.Request) bool {
						faulthttp.Flood(conn, fmt.Sprintf("HTTP/1.1 %d No\r\nContent-Type: application/json\r\n%s\r\n\r\n", status, length), chunk, size)
						return strings.HasPrefix(length, "Content-Length")
					})
					var err error
					cost := harness.Allocated(func() { _, err = methods[op.ID](t.Context()) })
					subject := harness.Subject(op.ID, fmt.Sprintf("status %d with %d bytes, %s", status, size, length))
					checkHugeError(t, subject, err, status, cost)
					_, fresh := server.Since()
					harness.Expect(t, subject, "new connections", fresh, 1) // the last one was dropped
				}
			}
		}
	}
}

// checkHugeError checks the error for a huge body that allocated cost bytes.
func checkHugeError(t *testing.T, subject string, err error, status int, cost uint64) {
	t.Helper()
	got := harness.AsError(t, subject, err)
	if got == nil {
		return
	}
	harness.Expect(t, subject, "status", got.StatusCode, status)
	harness.Expect(t, subject, "truncated", got.Truncated, true)
	harness.Expect(t, subject, "bytes of the body", len(got.RawBody), harness.ErrorBodyLimit)
	if n := len(got.Error()); n > harness.ErrorTextLimit {
		t.Errorf("%s: the error text has %d bytes, want at most %d", subject, n, harness.ErrorTextLimit)
	}
	if cost > 2<<20 {
		t.Errorf("%s: allocated %d KiB, want at most 2 MiB", subject, cost>>10)
	}
}

// successBodiesAreBounded sends a success of 100 MiB, and 10 MB of gzip that
// decompress to 10 GB.
func successBodiesAreBounded(t *testing.T, s harness.Suite) {
	d := harness.NewDriver(t, s)
	server := &faulthttp.RawServer{Logins: d.Logins}
	methods := d.Methods(t, server.Listen(t), harness.OneAttempt...)
	first, member := faulthttp.GzipBomb(t)
	ops := d.Calls
	if !sample.Full() {
		ops = d.ReadAndWrite()
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, send := range map[string]func(net.Conn){
		"100 MiB": func(conn net.Conn) {
			faulthttp.Flood(conn, head+"Content-Length: 104857600\r\n\r\n"+`{"note":"`, bytes.Repeat([]byte("x"), 64<<10), 100<<20)
		},
		"100 MiB without a length": func(conn net.Conn) {
			faulthttp.Flood(conn, head+"\r\n"+`{"note":"`, bytes.Repeat([]byte("x"), 64<<10), 100<<20)
		},
		"gzip bomb": func(conn net.Conn) {
			faulthttp.Flood(conn, head+"Content-Encoding: gzip\r\n\r\n"+string(first), member, 10_000_000)
		},
	} {
		for _, op := range ops {
			server.SetScript(func(conn net.Conn, _ *http.Request) bool { send(conn); return false })
			var err error
			cost := harness.Allocated(func() { _, err = methods[op.ID](t.Context()) })
			subject := harness.Subject(op.ID, name)
			if cost > 24<<20 {
				t.Errorf("%s: allocated %d MiB, want at most 24: 4 MiB are read into a buffer that grows", subject, cost>>20)
			}
			got := harness.ExpectError(t, op, name, err)
			if got == nil {
				continue
			}
			if !strings.Contains(got.Error(), "larger than 4194304 bytes") {
				t.Errorf("%s: got %s, want an error that names the limit of 4194304 bytes", subject, harness.Short(got.Error()))
			}
			harness.Expect(t, subject, "status", got.StatusCode, 200)
			harness.Expect(t, subject, "bytes of the body", len(got.RawBody), harness.ErrorBodyLimit)
			harness.Expect(t, subject, "truncated", got.Truncated, true)
		}
	}
}

// headerFlood sends more header than the limit of 256 KiB.
func headerFlood(t *testing.T, s harness.Suite) {
	d := harness.NewDriver(t, s)
	server := &faulthttp.RawServer{Logins: d.Logins}
	methods := d.Methods(t, server.Listen(t), harness.OneAttempt...)
	floods := []struct{ name, header string }{
		{"one header line of 1 MiB", "X-Flood: " + strings.Repeat("x", 1<<20) + "\r\n"},
		{"10,000 equal header lines", strings.Repeat("X-Flood: "+strings.Repeat("x", 24)+"\r\n", 10_000)},
		{"10,000 header names", faulthttp.ManyHeaders(10_000)},
		{"300,000 header lines", strings.Repeat("X-Flood: 1\r\n", 300_000)},
	}
	for v, flood := range floods {
		whole := []byte("HTTP/1.1 200 OK\r\n" + flood.header + "Content-Length: 2\r\n\r\n{}")
		for i, op := range d.Calls {
			if i > 0 && !sample.Turn(i, v, len(floods)) {
				continue
			}
			server.SetScript(func(conn net.Conn, _ *http.Request) bool {
				_, _ = conn.Write(whole)
				return false
			})
			var err error
			cost := harness.Allocated(func() { _, err = methods[op.ID](t.Context()) })
			subject := harness.Subject(op.ID, flood.name)
			if cost > 4<<20 {
				t.Errorf("%s: allocated %d KiB, want at most 4 MiB", subject, cost>>10)
			}
			if got := harness.ExpectError(t, op, flood.name, err); got != nil {
				harness.Expect(t, subject, "status", got.StatusCode, 0)
				harness.ExpectIs(t, subject, got, apierr.ErrUnavailable, true)
			}
		}
	}
}
