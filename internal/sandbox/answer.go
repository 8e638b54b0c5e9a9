package sandbox

import (
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
)

// Answer is a whole answer in memory.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON makes an answer of a value. A value that cannot be written as JSON is a
// defect of the sandbox and answered as such.
func JSON(status int, value any) Answer {
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	body, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		body = []byte(`{"sandbox":` + strconv.Quote("defect of the sandbox: "+err.Error()) + `}`)
		return Answer{Status: http.StatusInternalServerError, Header: header, Body: body}
	}
	return Answer{Status: status, Header: header, Body: body}
}

// proxyStatus is what a proxy answers when the provider does not.
const proxyStatus = 502

// htmlAnswer is what a proxy in front of the provider would say.
func htmlAnswer(status int) Answer {
	if status == 0 {
		status = proxyStatus
	}
	page := "<!DOCTYPE html>\n<html><head><title>" + strconv.Itoa(status) + " " + http.StatusText(status) + "</title></head>\n" +
		"<body><h1>" + http.StatusText(status) + "</h1><p>This page comes from a proxy, not from the provider.</p></body></html>\n"
	return Answer{Status: status, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(page)}
}

// send writes an answer down and out. The log is complete before the peer can
// have the answer.
func (x *exchange) send(a Answer) {
	x.note(a.Status)
	x.server.answering(peerOf(x.r))
	x.writeHead(a, len(a.Body))
	_, _ = x.w.Write(a.Body) // a peer that has gone away is its own affair
}

func (x *exchange) note(status int) {
	x.requests.edit(x.seq, func(q *Request) { q.Status = status })
}

func (x *exchange) writeHead(a Answer, length int) {
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

// date is the sandbox's time: a client may measure the life of a token by it.
func (x *exchange) date() string { return x.clock.Now().Format(http.TimeFormat) }

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
