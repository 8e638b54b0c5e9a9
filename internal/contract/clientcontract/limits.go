package clientcontract

import (
	"bytes"
	"errors"
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

// H2 answers with errors of 10 MB and 64 MiB, with their length and without.
func errorBodiesAreBounded(t *testing.T, s harness.Suite) {
	st := harness.NewDriver(t, s)
	b := &faulthttp.RawServer{Logins: st.Logins}
	methods := st.Methods(t, b.Listen(t), harness.OneAttempt...)
	chunk, most, n := bytes.Repeat([]byte(`{"error":"x","message":"<p>"} `), 2048), uint64(0), 0
	b.SetScript(func(conn net.Conn, _ *http.Request) bool { return false })
	_, _ = methods[st.Calls[0].Id](t.Context()) // logs in
	_, _ = b.Since()
	for _, c := range st.ReadAndWrite() {
		for _, size := range []int{10_000_000, 64 << 20} {
			for _, status := range []int{400, 500} {
				for _, length := range []string{fmt.Sprintf("Content-Length: %d", size), "Connection: keep-alive"} {
					what := fmt.Sprintf("%s, %d of %d bytes, %s", c.Id, status, size, length)
					b.SetScript(func(conn net.Conn, _ *http.Request) bool {
						faulthttp.Flood(conn, fmt.Sprintf("HTTP/1.1 %d No\r\nContent-Type: application/json\r\n%s\r\n\r\n", status, length), chunk, size)
						return strings.HasPrefix(length, "Content-Length")
					})
					var err error
					cost := harness.Allocated(func() { _, err = methods[c.Id](t.Context()) })
					most = max(most, cost)
					var pe *apierr.Error
					if !errors.As(err, &pe) || pe.StatusCode != status || !pe.Truncated || len(pe.RawBody) != 64<<10 || len(pe.Error()) > 2048 || cost > 2<<20 {
						t.Errorf("%s: %v, cost %d KiB", what, err, cost>>10)
					}
					if _, fresh := b.Since(); fresh != 1 {
						t.Errorf("%s: %d new connections, want one: the last was dropped", what, fresh)
					}
					n++
				}
			}
		}
	}
	t.Logf("%d errors of 10 MB and 64 MiB: at most %d KiB allocated, 64 KiB kept, connection dropped", n, most>>10)
}

// H3 answers with a success of 100 MiB, and with gzip of 10 MB that opens to 10
// GB.
func successBodiesAreBounded(t *testing.T, s harness.Suite) {
	st := harness.NewDriver(t, s)
	b := &faulthttp.RawServer{Logins: st.Logins}
	methods := st.Methods(t, b.Listen(t), harness.OneAttempt...)
	first, member := faulthttp.GzipBomb(t)
	calls := st.Calls
	if !sample.Full() {
		calls = st.ReadAndWrite()
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	most := uint64(0)
	for name, f := range map[string]func(net.Conn){
		"100 MiB": func(conn net.Conn) {
			faulthttp.Flood(conn, head+"Content-Length: 104857600\r\n\r\n"+`{"note":"`, bytes.Repeat([]byte("x"), 64<<10), 100<<20)
		},
		"100 MiB without a length": func(conn net.Conn) {
			faulthttp.Flood(conn, head+"\r\n"+`{"note":"`, bytes.Repeat([]byte("x"), 64<<10), 100<<20)
		},
		"a gzip bomb": func(conn net.Conn) {
			faulthttp.Flood(conn, head+"Content-Encoding: gzip\r\n\r\n"+string(first), member, 10_000_000)
		},
	} {
		for _, c := range calls {
			b.SetScript(func(conn net.Conn, _ *http.Request) bool { f(conn); return false })
			var err error
			most = max(most, harness.Allocated(func() { _, err = methods[c.Id](t.Context()) }))
			pe := harness.ExpectError(t, c.Id+", "+name, c, err)
			if pe != nil && (!strings.Contains(pe.Error(), "larger than 4194304 bytes") || pe.StatusCode != 200 || len(pe.RawBody) != 64<<10 || !pe.Truncated) {
				t.Errorf("%s, %s: %v with %d bytes kept", c.Id, name, pe, len(pe.RawBody))
			}
		}
	}
	if most > 24<<20 {
		t.Errorf("an answer of any size cost %d MiB, want 24 at most: 4 MiB read into a buffer that grows", most>>20)
	}
	t.Logf("%d operations: refused at 4 MiB after decompression, at most %d KiB allocated", len(calls), most>>10)
}

// H13 answers with too much header.
func headerFlood(t *testing.T, s harness.Suite) {
	st := harness.NewDriver(t, s)
	b := &faulthttp.RawServer{Logins: st.Logins}
	methods := st.Methods(t, b.Listen(t), harness.OneAttempt...)
	most := uint64(0)
	floods := []struct{ name, header string }{
		{"1 MiB in one line", "X-Flood: " + strings.Repeat("x", 1<<20) + "\r\n"},
		{"10,000 lines", strings.Repeat("X-Flood: "+strings.Repeat("x", 24)+"\r\n", 10_000)},
		{"10,000 names", faulthttp.ManyHeaders(10_000)},
		{"no end of lines", strings.Repeat("X-Flood: 1\r\n", 300_000)},
	}
	for v, f := range floods {
		name, whole := f.name, []byte("HTTP/1.1 200 OK\r\n"+f.header+"Content-Length: 2\r\n\r\n{}")
		for i, c := range st.Calls {
			if !sample.Turn(i, v, len(floods)) && i > 0 {
				continue
			}
			b.SetScript(func(conn net.Conn, _ *http.Request) bool {
				_, _ = conn.Write(whole)
				return false
			})
			var err error
			cost := harness.Allocated(func() { _, err = methods[c.Id](t.Context()) })
			most = max(most, cost)
			if pe := harness.ExpectError(t, c.Id+", "+name, c, err); pe != nil && (pe.StatusCode != 0 || !errors.Is(pe, apierr.ErrUnavailable)) {
				t.Errorf("%s, %s: %v", c.Id, name, pe)
			}
		}
	}
	if most > 4<<20 {
		t.Errorf("a flood of headers cost %d KiB", most>>10)
	}
	t.Logf("%d operations, 4 floods of headers: a typed error each, at most %d KiB allocated", len(st.Calls), most>>10)
}
