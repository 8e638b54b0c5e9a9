package faulthttp

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// Respond is a server that always sends the same response.
func Respond(status int, contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// Response is a response whose Content-Length may exceed its body.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	length int // Content-Length; 0 for none
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

// Cut returns the response with the first n bytes of its body. If it is broken, its
// Content-Length is that of the whole body.
func (a *Response) Cut(n int, broken bool) *Response {
	out := Response{Status: a.Status, Header: a.Header, Body: a.Body[:n]}
	if broken {
		out.length = len(a.Body)
	}
	return &out
}

// Wire returns the response as HTTP/1.1.
func (a *Response) Wire() []byte {
	head := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n%s\r\n", a.Status, http.StatusText(a.Status), max(a.length, len(a.Body)), a.headerLines())
	return append(head, a.Body...)
}

// headerLines returns the header as HTTP/1.1.
func (a *Response) headerLines() string {
	var b strings.Builder
	_ = a.Header.Write(&b) // a Builder never fails
	return b.String()
}

// LoginDate is the Date header of responses to logins. The tokens of the specs'
// examples are valid for some hours from then.
const LoginDate = "Fri, 30 Jan 2026 00:00:00 GMT"
