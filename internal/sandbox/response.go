package sandbox

import (
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Response is a complete HTTP response in memory.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON returns a response whose body is value as JSON. In texts from clients, invalid
// UTF-8 becomes U+FFFD. If value cannot be encoded,
// which is a bug in the sandbox, the response has status 500 and says so.
func JSON(status int, value any) Response {
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	body, err := json.Marshal(value, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		body = []byte(`{"sandbox":` + strconv.Quote("bug in the sandbox: "+err.Error()) + `}`)
		return Response{Status: http.StatusInternalServerError, Header: header, Body: body}
	}
	return Response{Status: status, Header: header, Body: body}
}

// proxyStatus is the default status of the faults html and huge.
const proxyStatus = 502

// proxyPage is an HTML error page such as a proxy in front of the provider sends.
func proxyPage(status int) Response {
	if status == 0 {
		status = proxyStatus
	}
	page := "<!DOCTYPE html>\n<html><head><title>" + strconv.Itoa(status) + " " + http.StatusText(status) + "</title></head>\n" +
		"<body><h1>" + http.StatusText(status) + "</h1><p>This page comes from a proxy, not from the provider.</p></body></html>\n"
	return Response{Status: status, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(page)}
}

// send logs and sends a response. The log is complete before the client receives
// the response.
func (x *exchange) send(a Response) {
	x.logStatus(a.Status)
	x.server.markResponded(connOf(x.r))
	x.writeHead(a, len(a.Body))
	_, _ = x.w.Write(a.Body) // fails if the client has disconnected
}

func (x *exchange) logStatus(status int) {
	x.requests.edit(x.seq, func(q *Request) { q.Status = status })
}

func (x *exchange) writeHead(a Response, length int) {
	header := x.w.Header()
	header.Set("Date", x.date())
	for name, values := range a.Header {
		header[name] = values
	}
	if bodyAllowed(a.Status) {
		header.Set("Content-Length", strconv.Itoa(length))
	}
	x.w.WriteHeader(a.Status)
}

// date is the Date header. It uses the sandbox's clock, because a client may
// compute the expiry of a token from it.
func (x *exchange) date() string { return x.clock.Now().Format(http.TimeFormat) }

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
