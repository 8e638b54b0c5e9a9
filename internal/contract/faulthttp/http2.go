package faulthttp

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"sync"
)

// Frame types and flags of HTTP/2; RFC 9113, section 6.
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

// frames returns the response as two frames, with uncompressed headers.
func (a *Response) frames(stream uint32) []byte {
	head := []byte{0x08, 3} // a literal value of the name with index 8, :status
	head = fmt.Append(head, a.Status)
	for name, values := range a.Header {
		head = appendLiteral(appendLiteral(append(head, 0), strings.ToLower(name)), values[0])
	}
	return append(frame(frameHeaders, endHeaders, stream, head), frame(frameData, endStream, stream, a.Body)...)
}

// appendLiteral appends a string with its length as a prefixed integer; RFC 7541,
// section 5.
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

// readStreams reads frames and calls act with the stream of each complete request,
// until act returns false or the other side closes the connection.
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

// HTTP2Fault is a way in which a call over HTTP/2 fails.
type HTTP2Fault struct {
	frames         func(stream uint32, good *Response) []byte
	NotProcessed   bool // the server reports that it did not process the request
	Closes         bool // the server closes the connection
	InsideResponse bool // the response has begun
}

func resetStream(code uint32) func(uint32, *Response) []byte {
	return func(stream uint32, _ *Response) []byte { return frame(frameReset, 0, stream, uint32s(code)) }
}

// http2Codes are the error codes of HTTP/2 in the order of their numbers; RFC 9113,
// section 7.
var http2Codes = []string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
	"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

// HTTP2Faults returns the faults by name: a reset with each error code, and others.
func HTTP2Faults() map[string]HTTP2Fault {
	all := maps.Clone(otherFaults)
	for code, name := range http2Codes {
		all["reset, "+name] = HTTP2Fault{frames: resetStream(uint32(code)), NotProcessed: name == "REFUSED_STREAM"}
	}
	return all
}

var otherFaults = map[string]HTTP2Fault{
	"reset inside the response": {InsideResponse: true, frames: func(n uint32, good *Response) []byte {
		whole := good.frames(n)
		return append(whole[:len(whole)-len(good.Body)-9], resetStream(2)(n, nil)...)
	}},
	"GOAWAY, processed":      {Closes: true, frames: func(n uint32, _ *Response) []byte { return frame(frameGoAway, 0, 0, uint32s(n, 0)) }},
	"GOAWAY, internal error": {Closes: true, frames: func(n uint32, _ *Response) []byte { return frame(frameGoAway, 0, 0, uint32s(n, 2)) }},
	"GOAWAY, not processed":  {Closes: true, NotProcessed: true, frames: func(n uint32, _ *Response) []byte { return frame(frameGoAway, 0, 0, uint32s(max(n, 2)-2, 0)) }},
	"data before headers":    {Closes: true, frames: func(n uint32, _ *Response) []byte { return frame(frameData, 0, n, []byte("?")) }},
	"no response":            {Closes: true, frames: func(uint32, *Response) []byte { return nil }},
}

// ServeHTTP2 serves until the listener is closed and returns the number of requests,
// logins aside. If login is not nil, the first request is a login. All others meet the
// fault; if it reports that the request was not processed, only the first does.
func ServeHTTP2(l net.Listener, login, good *Response, fault HTTP2Fault) (sent int) {
	var (
		mu    sync.Mutex
		in    = login == nil
		conns []net.Conn
		busy  sync.WaitGroup
	)
	respond := func(conn net.Conn, stream uint32) (more bool) {
		mu.Lock()
		defer mu.Unlock()
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
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			break
		}
		conns = append(conns, conn)
		busy.Go(func() {
			readStreams(conn, func(stream uint32) bool { return respond(conn, stream) })
			_ = conn.Close()
		})
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
	busy.Wait()
	return sent
}
