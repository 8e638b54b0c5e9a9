package sandbox

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	hugeSize  = 64 << 20
	hugeChunk = 256 << 10
)

// sendWithFault sends the response of an executed operation with the fault of the
// scenario.
func (x *exchange) sendWithFault(a Response) {
	switch x.scenario.Name {
	case FaultEmpty:
		if x.scenario.Status != 0 {
			a.Status = x.scenario.Status
		}
		x.send(Response{Status: a.Status, Header: http.Header{}})
	case FaultTruncated:
		a.Body = a.Body[:len(a.Body)/2]
		x.send(a)
	case FaultSlow:
		x.sendSlow(a)
	case FaultResetInHeaders, FaultResetInBody, FaultResetAfterBody:
		x.sendCut(a)
	default:
		x.send(a)
	}
}

// sendSlow sends the header at once and the body after the delay. It sends no body
// if the client disconnects or the sandbox closes before.
func (x *exchange) sendSlow(a Response) {
	x.logStatus(a.Status)
	x.writeHead(a, len(a.Body))
	_ = http.NewResponseController(x.w).Flush()
	timer := time.NewTimer(x.slowDelay)
	defer timer.Stop()
	select {
	case <-timer.C:
		_, _ = x.w.Write(a.Body)
	case <-x.r.Context().Done():
	case <-x.stopped:
	}
}

// sendHuge sends one JSON document of 64 MiB in chunks.
func (x *exchange) sendHuge() {
	status := x.scenario.Status
	if status == 0 {
		status = proxyStatus
	}
	x.logStatus(status)
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Header().Set("Date", x.date())
	x.w.WriteHeader(status)
	chunk := bytes.Repeat([]byte("x"), hugeChunk)
	if _, err := x.w.Write([]byte(`{"message":"`)); err != nil {
		return
	}
	for sent := 0; sent < hugeSize; sent += hugeChunk {
		if _, err := x.w.Write(chunk); err != nil {
			return // the client has disconnected, or the sandbox has closed
		}
	}
	_, _ = x.w.Write([]byte(`"}`))
}

// sendCut writes the response to the raw connection up to the point of the fault,
// then resets the connection.
func (x *exchange) sendCut(a Response) {
	head := rawHead(a, x.date())
	wire := append(head, a.Body...)
	switch x.scenario.Name {
	case FaultResetInHeaders:
		wire = wire[:x.scenario.cutAt(len(head))]
	case FaultResetInBody:
		wire = wire[:len(head)+x.scenario.cutAt(len(a.Body))]
	default:
		x.logStatus(a.Status)
	}
	conn, err := hijack(x.w)
	if err != nil {
		return
	}
	_, _ = conn.Write(wire)
	resetConn(conn)
}

// cutAt returns after how many of n bytes the connection is reset. It is less than
// n unless n is 0.
func (s Scenario) cutAt(n int) int {
	if s.Cut == 0 || n == 0 {
		return n / 2
	}
	return s.Cut % n
}

func rawHead(a Response, date string) []byte {
	header := a.Header.Clone()
	header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	header.Set("Date", date)
	var head strings.Builder
	fmt.Fprintf(&head, "HTTP/1.1 %03d %s\r\n", a.Status, http.StatusText(a.Status))
	_ = header.Write(&head) // a strings.Builder never fails
	head.WriteString("\r\n")
	return []byte(head.String())
}
