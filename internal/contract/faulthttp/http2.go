package faulthttp

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
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

func uint32s(n ...uint32) (out []byte) {
	for _, v := range n {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return out
}

// answer2 is a whole answer as two frames, headers without compression.
func (a *Response) frames(stream uint32) []byte {
	head := []byte{0x08, 3} // a literal value of the eighth name, :status
	head = fmt.Append(head, a.Status)
	for name, values := range a.Header {
		head = appendLiteral(appendLiteral(append(head, 0), strings.ToLower(name)), values[0])
	}
	return append(frame(frameHeaders, endHeaders, stream, head), frame(frameData, endStream, stream, a.Body)...)
}

// literal2 writes a text with its length, which takes 7 bits and then groups of
// 7; RFC 7541, section 5.
func appendLiteral(b []byte, s string) []byte {
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
func readStreams(conn net.Conn, act func(stream uint32) (more bool)) {
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
type HTTP2Fault struct {
	frames         func(stream uint32, good *Response) []byte
	NotProcessed   bool // it says that nothing was done, so that the transport may ask again by itself
	Closes         bool // the connection
	InsideResponse bool // the answer has begun
}

func resetStream(code uint32) func(uint32, *Response) []byte {
	return func(stream uint32, _ *Response) []byte { return frame(frameReset, 0, stream, uint32s(code)) }
}

var HTTP2Faults = map[string]HTTP2Fault{
	"a reset, internal error": {frames: resetStream(2)},
	"a reset, cancelled":      {frames: resetStream(8)},
	"a reset, be calm":        {frames: resetStream(11)},
	"a reset, refused":        {frames: resetStream(7), NotProcessed: true},
	"a reset inside the answer": {InsideResponse: true, frames: func(n uint32, good *Response) []byte {
		whole := good.frames(n)
		return append(whole[:len(whole)-len(good.Body)-9], resetStream(2)(n, nil)...)
	}},
	"go away, done":      {Closes: true, frames: func(n uint32, _ *Response) []byte { return frame(frameGoAway, 0, 0, uint32s(n, 0)) }},
	"go away, an error":  {Closes: true, frames: func(n uint32, _ *Response) []byte { return frame(frameGoAway, 0, 0, uint32s(n, 2)) }},
	"go away, not done":  {Closes: true, NotProcessed: true, frames: func(n uint32, _ *Response) []byte { return frame(frameGoAway, 0, 0, uint32s(n-2, 0)) }},
	"a body before head": {Closes: true, frames: func(n uint32, _ *Response) []byte { return frame(frameData, 0, n, []byte("?")) }},
	"silence":            {Closes: true, frames: func(uint32, *Response) []byte { return nil }},
}

// serve2 answers one call after another until the listener is closed, and
// returns how many there were beside logins. The first request of a client that
// logs in is the login; what else is asked meets the fault, only the first time
// if the fault says that nothing was done.
func ServeHTTP2(l net.Listener, login, good *Response, fault HTTP2Fault) (sent int) {
	in := login == nil
	for {
		conn, err := l.Accept()
		if err != nil {
			return sent
		}
		readStreams(conn, func(stream uint32) (more bool) {
			if !in {
				in = true
				_, _ = conn.Write(login.frames(stream))
				return true
			}
			if sent++; fault.NotProcessed && sent > 1 {
				_, _ = conn.Write(good.frames(stream))
				return true
			}
			_, _ = conn.Write(fault.frames(stream, good))
			return !fault.Closes
		})
		_ = conn.Close()
	}
}
