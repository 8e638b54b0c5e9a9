package sandbox

import (
	"fmt"
	"net"
	"net/http"
)

// takeOver takes the connection out of the server's hands. Where that is not
// possible, as with a recorder, the answer says so.
func takeOver(w http.ResponseWriter) (net.Conn, error) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, fmt.Sprintf("sandbox: this fault needs a connection of its own: %v", err), http.StatusInternalServerError)
		return nil, err
	}
	return conn, nil
}

// abort resets the connection without a further byte.
func abort(w http.ResponseWriter) {
	if conn, err := takeOver(w); err == nil {
		reset(conn)
	}
}

// reset closes with a TCP reset where the connection is TCP; other
// connections are just closed.
func reset(conn net.Conn) {
	if inner, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = inner.NetConn()
	}
	if tcp, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
