package sandbox

import (
	"fmt"
	"net"
	"net/http"
)

// hijack takes over the connection. If that is not possible, as with an
// httptest.ResponseRecorder, the response says so.
func hijack(w http.ResponseWriter) (net.Conn, error) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, fmt.Sprintf("sandbox: this fault requires a connection that can be hijacked: %v", err), http.StatusInternalServerError)
		return nil, err
	}
	return conn, nil
}

// abort resets the connection without sending more bytes.
func abort(w http.ResponseWriter) {
	if conn, err := hijack(w); err == nil {
		resetConn(conn)
	}
}

// resetConn closes a TCP connection with a reset. It closes any other connection
// normally.
func resetConn(conn net.Conn) {
	if inner, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = inner.NetConn()
	}
	if tcp, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
