package faulthttp

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// answer is a server that always says the same.
func Respond(status int, contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// reply is one answer. Its header may promise more than its body holds.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	length int // what the header promises; 0 = nothing
}

// ServeHTTP implements http.Handler.
func (a *Response) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	maps.Copy(w.Header(), a.Header)
	if a.length > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(a.length))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// cut is the first n bytes of an answer; when broken, its header promises all.
func (a *Response) Cut(n int, broken bool) *Response {
	out := Response{Status: a.Status, Header: a.Header, Body: a.Body[:n]}
	if broken {
		out.length = len(a.Body)
	}
	return &out
}

// wire is a whole answer as it stands on the wire.
func (a *Response) Wire() []byte {
	head := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n%s\r\n", a.Status, http.StatusText(a.Status), max(a.length, len(a.Body)), a.headerLines())
	return append(head, a.Body...)
}

// lines are the header as it stands on the wire.
func (a *Response) headerLines() string {
	var b strings.Builder
	_ = a.Header.Write(&b) // a Builder takes all
	return b.String()
}

// loginDate is the server's clock when it hands out tokens: those of the specs'
// examples live for some hours from here.
const LoginDate = "Fri, 30 Jan 2026 00:00:00 GMT"
