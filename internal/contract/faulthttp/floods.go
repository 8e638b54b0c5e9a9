package faulthttp

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

func Brackets(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '['
	}
	return string(b)
}

// flood writes the same bytes until the other side has enough, or has total.
func Flood(conn net.Conn, head string, chunk []byte, total int) {
	if _, err := io.WriteString(conn, head); err != nil {
		return
	}
	for sent := 0; sent < total; sent += len(chunk) {
		if _, err := conn.Write(chunk[:min(len(chunk), total-sent)]); err != nil {
			return
		}
	}
}

// bomb is gzip that opens to ten thousand times its size: one member after
// another, each a megabyte of blanks.
func GzipBomb(t *testing.T) (first, member []byte) {
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

func ManyHeaders(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-Flood-%05d: xxxxxxxxxxxx\r\n", i)
	}
	return b.String()
}
