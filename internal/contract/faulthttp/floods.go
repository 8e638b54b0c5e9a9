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

// Flood writes a head and then the same bytes until total is reached or the other
// side closes the connection.
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

// GzipBomb returns gzip data that decompresses to a thousand times its size: a first
// member, and one of ten megabytes of blanks to repeat.
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
