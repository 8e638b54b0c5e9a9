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

// spoil sends the answer of an executed operation the way the fault wants it.
func (x *exchange) spoil(a Answer) {
	switch x.met.Name {
	case FaultEmpty:
		if x.met.Status != 0 {
			a.Status = x.met.Status
		}
		x.send(Answer{Status: a.Status, Header: http.Header{}})
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

// sendSlow sends the head and waits: for the peer to go, for the sandbox to
// close, or for the hold time.
func (x *exchange) sendSlow(a Answer) {
	x.note(a.Status)
	x.writeHead(a, len(a.Body))
	_ = http.NewResponseController(x.w).Flush()
	timer := time.NewTimer(x.hold)
	defer timer.Stop()
	select {
	case <-timer.C:
		_, _ = x.w.Write(a.Body)
	case <-x.r.Context().Done():
	case <-x.stopped:
	}
}

// sendHuge streams one JSON text of 64 MiB, a chunk at a time.
func (x *exchange) sendHuge() {
	status := x.met.Status
	if status == 0 {
		status = proxyStatus
	}
	x.note(status)
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Header().Set("Date", x.date())
	x.w.WriteHeader(status)
	chunk := bytes.Repeat([]byte("x"), hugeChunk)
	if _, err := x.w.Write([]byte(`{"message":"`)); err != nil {
		return
	}
	for sent := 0; sent < hugeSize; sent += hugeChunk {
		if _, err := x.w.Write(chunk); err != nil {
			return // the peer has gone, or the sandbox has cut the connection
		}
	}
	_, _ = x.w.Write([]byte(`"}`))
}

// sendCut writes the answer onto the raw connection up to the point of the
// fault, then resets.
func (x *exchange) sendCut(a Answer) {
	head := rawHead(a, x.date())
	wire := append(head, a.Body...)
	switch x.met.Name {
	case FaultResetInHeaders:
		wire = wire[:x.met.cut(len(head))]
	case FaultResetInBody:
		wire = wire[:len(head)+x.met.cut(len(a.Body))]
	default:
		x.note(a.Status)
	}
	conn, err := takeOver(x.w)
	if err != nil {
		return
	}
	_, _ = conn.Write(wire)
	reset(conn)
}

// cut is after how many of n bytes the connection is lost: never after all.
func (s Scenario) cut(n int) int {
	if s.Cut == 0 || n == 0 {
		return n / 2
	}
	return s.Cut % n
}

func rawHead(a Answer, date string) []byte {
	header := a.Header.Clone()
	header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	header.Set("Date", date)
	var head strings.Builder
	fmt.Fprintf(&head, "HTTP/1.1 %03d %s\r\n", a.Status, http.StatusText(a.Status))
	_ = header.Write(&head) // a Builder does not fail
	head.WriteString("\r\n")
	return []byte(head.String())
}
