package faulthttp

import (
	"io"
	"net"
	"time"
)

// trickle writes a byte a second until the other side closes the connection.
func trickle(conn net.Conn, text string) {
	for i := 0; ; i = (i + 1) % len(text) {
		if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
			return
		}
		time.Sleep(time.Second) // fake time
	}
}

// SlowResponses are servers that never finish, by name.
var SlowResponses = map[string]func(net.Conn){
	"header of a byte a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		trickle(conn, "X-Slow: yes\r\n")
	},
	"body of a byte a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
		trickle(conn, " ")
	},
	"error of a byte a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n")
		trickle(conn, "x")
	},
	"nothing after the header": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
	},
	"no response": func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) },
}
