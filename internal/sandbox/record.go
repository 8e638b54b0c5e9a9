package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// bodyKept is how much of a request body the log keeps.
const bodyKept = 64 << 10

// Request is one request as the sandbox met it.
type Request struct {
	Seq int `json:"seq"`
	// Operation is empty when no operation has the path and method.
	Operation string `json:"operation,omitempty"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Query     string `json:"query,omitempty"`
	// Header holds the headers that matter, one value each. Of Authorization
	// only the scheme is kept.
	Header map[string]string `json:"header"`
	// Body is the first 64 KiB of what was read of the body.
	Body string `json:"body,omitempty"`
	// Status is what was answered, 0 when the peer got no whole answer.
	Status int `json:"status"`
	// Scenario is the code or fault that the request met; may be empty.
	Scenario string    `json:"scenario,omitempty"`
	Time     time.Time `json:"time"`
}

// hiddenHeaders say nothing of interest or must not be kept.
func isHiddenHeader(name string) bool {
	return slices.Contains([]string{"Accept-Encoding", "Connection", "Cookie"}, name)
}

func (s *Sandbox) begin(r *http.Request, operation string) int {
	now := s.clock.Now()
	return s.requests.add(func(seq int) Request {
		return Request{
			Seq: seq, Operation: operation, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
			Header: keptHeaders(r.Header), Time: now,
		}
	})
}

func keptHeaders(header http.Header) map[string]string {
	kept := make(map[string]string, len(header))
	for name, values := range header {
		if isHiddenHeader(name) {
			continue
		}
		value := strings.Join(values, ", ")
		if name == "Authorization" || name == "Proxy-Authorization" {
			scheme, _, _ := strings.Cut(value, " ")
			value = scheme + " [redacted]"
		}
		kept[name] = value
	}
	return kept
}
