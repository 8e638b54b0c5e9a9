package contract

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/sample"
)

// flood writes the same bytes until the other side has enough, or has total.
func flood(conn net.Conn, head string, chunk []byte, total int) {
	if _, err := io.WriteString(conn, head); err != nil {
		return
	}
	for sent := 0; sent < total; sent += len(chunk) {
		if _, err := conn.Write(chunk[:min(len(chunk), total-sent)]); err != nil {
			return
		}
	}
}

// allocated is what f allocates, everything in this process included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// H2 answers with errors of 10 MB and 64 MiB, with their length and without.
func H2(t *testing.T, s Suite) {
	st := newStand(t, s)
	b := &bare{stand: st}
	methods := st.client(t, b.loopback(t), one...)
	chunk, most, n := bytes.Repeat([]byte(`{"error":"x","message":"<p>"} `), 2048), uint64(0), 0
	b.set(func(conn net.Conn, _ *http.Request) bool { return false })
	_, _ = methods[st.calls[0].id](t.Context()) // logs in
	_, _ = b.since()
	for _, c := range st.readAndWrite() {
		for _, size := range []int{10_000_000, 64 << 20} {
			for _, status := range []int{400, 500} {
				for _, length := range []string{fmt.Sprintf("Content-Length: %d", size), "Connection: keep-alive"} {
					what := fmt.Sprintf("%s, %d of %d bytes, %s", c.id, status, size, length)
					b.set(func(conn net.Conn, _ *http.Request) bool {
						flood(conn, fmt.Sprintf("HTTP/1.1 %d No\r\nContent-Type: application/json\r\n%s\r\n\r\n", status, length), chunk, size)
						return strings.HasPrefix(length, "Content-Length")
					})
					var err error
					cost := allocated(func() { _, err = methods[c.id](t.Context()) })
					most = max(most, cost)
					var pe *apierr.Error
					if !errors.As(err, &pe) || pe.StatusCode != status || !pe.Truncated || len(pe.RawBody) != 64<<10 || len(pe.Error()) > 2048 || cost > 2<<20 {
						t.Errorf("%s: %v, cost %d KiB", what, err, cost>>10)
					}
					if _, fresh := b.since(); fresh != 1 {
						t.Errorf("%s: %d new connections, want one: the last was dropped", what, fresh)
					}
					n++
				}
			}
		}
	}
	Figure(t, "%d errors of 10 MB and 64 MiB: at most %d KiB allocated, 64 KiB kept, connection dropped", n, most>>10)
}

// bomb is gzip that opens to ten thousand times its size: one member after
// another, each a megabyte of blanks.
func bomb(t *testing.T) (first, member []byte) {
	t.Helper()
	zip := func(content []byte) []byte {
		var out bytes.Buffer
		z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err == nil {
			_, err = z.Write(content)
		}
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	return zip([]byte(`{"note":"`)), zip(bytes.Repeat([]byte(" "), 10<<20))
}

// H3 answers with a success of 100 MiB, and with gzip of 10 MB that opens to 10
// GB.
func H3(t *testing.T, s Suite) {
	st := newStand(t, s)
	b := &bare{stand: st}
	methods := st.client(t, b.loopback(t), one...)
	first, member := bomb(t)
	calls := st.calls
	if !sample.Full() {
		calls = st.readAndWrite()
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	most := uint64(0)
	for name, f := range map[string]func(net.Conn){
		"100 MiB": func(conn net.Conn) {
			flood(conn, head+"Content-Length: 104857600\r\n\r\n"+`{"note":"`, bytes.Repeat([]byte("x"), 64<<10), 100<<20)
		},
		"100 MiB without a length": func(conn net.Conn) {
			flood(conn, head+"\r\n"+`{"note":"`, bytes.Repeat([]byte("x"), 64<<10), 100<<20)
		},
		"a gzip bomb": func(conn net.Conn) {
			flood(conn, head+"Content-Encoding: gzip\r\n\r\n"+string(first), member, 10_000_000)
		},
	} {
		for _, c := range calls {
			b.set(func(conn net.Conn, _ *http.Request) bool { f(conn); return false })
			var err error
			most = max(most, allocated(func() { _, err = methods[c.id](t.Context()) }))
			pe := mustFail(t, c.id+", "+name, c, err)
			if pe != nil && (!strings.Contains(pe.Error(), "larger than 4194304 bytes") || pe.StatusCode != 200 || len(pe.RawBody) != 64<<10 || !pe.Truncated) {
				t.Errorf("%s, %s: %v with %d bytes kept", c.id, name, pe, len(pe.RawBody))
			}
		}
	}
	if most > 24<<20 {
		t.Errorf("an answer of any size cost %d MiB, want 24 at most: 4 MiB read into a buffer that grows", most>>20)
	}
	Figure(t, "%d operations: refused at 4 MiB after decompression, at most %d KiB allocated", len(calls), most>>10)
}

// H13 answers with too much header.
func H13(t *testing.T, s Suite) {
	st := newStand(t, s)
	b := &bare{stand: st}
	methods := st.client(t, b.loopback(t), one...)
	most := uint64(0)
	floods := []struct{ name, header string }{
		{"1 MiB in one line", "X-Flood: " + strings.Repeat("x", 1<<20) + "\r\n"},
		{"10,000 lines", strings.Repeat("X-Flood: "+strings.Repeat("x", 24)+"\r\n", 10_000)},
		{"10,000 names", manyHeaders(10_000)},
		{"no end of lines", strings.Repeat("X-Flood: 1\r\n", 300_000)},
	}
	for v, f := range floods {
		name, whole := f.name, []byte("HTTP/1.1 200 OK\r\n"+f.header+"Content-Length: 2\r\n\r\n{}")
		for i, c := range st.calls {
			if !sample.Turn(i, v, len(floods)) && i > 0 {
				continue
			}
			b.set(func(conn net.Conn, _ *http.Request) bool {
				_, _ = conn.Write(whole)
				return false
			})
			var err error
			cost := allocated(func() { _, err = methods[c.id](t.Context()) })
			most = max(most, cost)
			if pe := mustFail(t, c.id+", "+name, c, err); pe != nil && (pe.StatusCode != 0 || !errors.Is(pe, apierr.ErrUnavailable)) {
				t.Errorf("%s, %s: %v", c.id, name, pe)
			}
		}
	}
	if most > 4<<20 {
		t.Errorf("a flood of headers cost %d KiB", most>>10)
	}
	Figure(t, "%d operations, 4 floods of headers: a typed error each, at most %d KiB allocated", len(st.calls), most>>10)
}

func manyHeaders(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-Flood-%05d: xxxxxxxxxxxx\r\n", i)
	}
	return b.String()
}
