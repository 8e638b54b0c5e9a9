package contract

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/specpay/specpay/pay"
)

// The frames of HTTP/2 that a broken server needs; RFC 9113, section 6.
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7
	endStream, endHeaders, ack                                      = 1, 4, 1
)

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	out := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	return append(binary.BigEndian.AppendUint32(out, stream), payload...)
}

func numbers(n ...uint32) (out []byte) {
	for _, v := range n {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return out
}

// answer2 is a whole answer as two frames, headers without compression.
func (a *reply) answer2(stream uint32) []byte {
	head := []byte{0x08, 3} // a literal value of the eighth name, :status
	head = fmt.Append(head, a.status)
	for name, values := range a.header {
		head = literal2(literal2(append(head, 0), strings.ToLower(name)), values[0])
	}
	return append(frame(frameHeaders, endHeaders, stream, head), frame(frameData, endStream, stream, a.body)...)
}

// literal2 writes a text with its length, which takes 7 bits and then groups of
// 7; RFC 7541, section 5.
func literal2(b []byte, s string) []byte {
	n := len(s)
	if n < 127 {
		return append(append(b, byte(n)), s...)
	}
	b = append(b, 127)
	for n -= 127; n >= 128; n /= 128 {
		b = append(b, byte(n%128+128))
	}
	return append(append(b, byte(n)), s...)
}

// requests2 reads frames until the other side is silent and hands over the
// stream of each whole request. act reports whether the connection lives on.
func requests2(conn net.Conn, act func(stream uint32) (more bool)) {
	in := bufio.NewReader(conn)
	if _, err := io.CopyN(io.Discard, in, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	_, _ = conn.Write(frame(frameSettings, 0, 0, nil))
	for {
		var head [9]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, in, length); err != nil {
			return
		}
		stream, kind, flags := binary.BigEndian.Uint32(head[5:]), head[3], head[4]
		switch {
		case kind == frameSettings && flags&ack == 0:
			_, _ = conn.Write(frame(frameSettings, ack, 0, nil))
		case (kind == frameHeaders || kind == frameData) && flags&endStream != 0:
			if !act(stream) {
				return
			}
		}
	}
}

// fault2 is a way to break a call over HTTP/2.
type fault2 struct {
	frames func(stream uint32, good *reply) []byte
	undone bool // it says that nothing was done, so that the transport may ask again by itself
	ends   bool // the connection
	inside bool // the answer has begun
}

func reset(code uint32) func(uint32, *reply) []byte {
	return func(stream uint32, _ *reply) []byte { return frame(frameReset, 0, stream, numbers(code)) }
}

var broken2 = map[string]fault2{
	"a reset, internal error": {frames: reset(2)},
	"a reset, cancelled":      {frames: reset(8)},
	"a reset, be calm":        {frames: reset(11)},
	"a reset, refused":        {frames: reset(7), undone: true},
	"a reset inside the answer": {inside: true, frames: func(n uint32, good *reply) []byte {
		whole := good.answer2(n)
		return append(whole[:len(whole)-len(good.body)-9], reset(2)(n, nil)...)
	}},
	"go away, done":      {ends: true, frames: func(n uint32, _ *reply) []byte { return frame(frameGoAway, 0, 0, numbers(n, 0)) }},
	"go away, an error":  {ends: true, frames: func(n uint32, _ *reply) []byte { return frame(frameGoAway, 0, 0, numbers(n, 2)) }},
	"go away, not done":  {ends: true, undone: true, frames: func(n uint32, _ *reply) []byte { return frame(frameGoAway, 0, 0, numbers(n-2, 0)) }},
	"a body before head": {ends: true, frames: func(n uint32, _ *reply) []byte { return frame(frameData, 0, n, []byte("?")) }},
	"silence":            {ends: true, frames: func(uint32, *reply) []byte { return nil }},
}

// h2 runs them all.
func (st *stand) h2(t *testing.T) (n int) {
	t.Helper()
	pki := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	t.Cleanup(pki.Close)
	pool := x509.NewCertPool()
	pool.AddCert(pki.Certificate())
	for _, c := range st.readAndWrite() {
		for name, fault := range broken2 {
			l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: pki.TLS.Certificates, NextProtos: []string{"h2"}})
			if err != nil {
				t.Fatal(err)
			}
			sent := make(chan int, 1)
			go func() { sent <- st.serve2(l, c, fault) }()
			tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}
			methods := st.client(t, "https://"+l.Addr().String(), pay.WithTransport(tr), pay.WithMaxAttempts(2), pay.WithRandom(zeros{}))
			_, err = methods[c.id](t.Context())
			tr.CloseIdleConnections()
			_ = l.Close()
			requests := <-sent
			if fault.undone { // asked again by the transport, which was told that nothing was done
				requests--
			}
			status := 0
			if fault.inside {
				status = c.status
			}
			st.transportRules(t, c.id+", HTTP/2, "+name, c, err, fault.undone, status, requests)
			n++
		}
	}
	return n
}

// serve2 answers one call after another until the listener is closed, and
// returns how many there were beside logins. The first request of a client that
// logs in is the login; what else is asked meets the fault, only the first time
// if the fault says that nothing was done.
func (st *stand) serve2(l net.Listener, c *callable, fault fault2) (sent int) {
	good := st.says(c, c.status, "application/json", string(c.answer))
	in := len(st.logins) == 0
	for {
		conn, err := l.Accept()
		if err != nil {
			return sent
		}
		requests2(conn, func(stream uint32) (more bool) {
			if !in {
				in = true
				_, _ = conn.Write(st.login2(stream))
				return true
			}
			if sent++; fault.undone && sent > 1 {
				_, _ = conn.Write(good.answer2(stream))
				return true
			}
			_, _ = conn.Write(fault.frames(stream, good))
			return !fault.ends
		})
		_ = conn.Close()
	}
}

// login2 answers a login: where there are several, all answer alike.
func (st *stand) login2(stream uint32) []byte {
	for _, body := range st.logins {
		return (&reply{status: 200, header: http.Header{"Date": {loginDate}, "Content-Type": {"application/json"}}, body: body}).answer2(stream)
	}
	return nil
}
