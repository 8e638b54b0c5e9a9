package faulthttp

import (
	"io"
	"net"
	"time"
)

// trickle writes a byte a second until the other side has gone.
func trickle(conn net.Conn, text string) {
	for i := 0; ; i = (i + 1) % len(text) {
		if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
			return
		}
		time.Sleep(time.Second) // in a bubble, where it takes no time
	}
}

// slowAnswers are the ways to take for ever.
var SlowResponses = map[string]func(net.Conn){
	"a header byte a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		trickle(conn, "X-Slow: yes\r\n")
	},
	"a body byte a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
		trickle(conn, " ")
	},
	"a byte of an error a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n")
		trickle(conn, "x")
	},
	"silence after the headers": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
	},
	"silence": func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) },
}
