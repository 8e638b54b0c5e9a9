package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// bodyLogLimit is how many bytes of a request body the log keeps.
const bodyLogLimit = 64 << 10

// Request is a request that the sandbox received.
type Request struct {
	Seq int `json:"seq"`
	// Operation is the operationId; empty if no operation has the path and method.
	Operation string `json:"operation,omitempty"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Query     string `json:"query,omitempty"`
	// Header has the headers except Accept-Encoding, Connection and Cookie.
	// Several values are joined by ", ". Of Authorization and
	// Proxy-Authorization only the scheme is kept.
	Header map[string]string `json:"header"`
	// Body is the first 64 KiB of the body, as far as it was read.
	Body string `json:"body,omitempty"`
	// Status is the status of the response, or 0 if no complete response was sent.
	Status int `json:"status"`
	// Scenario is the code or fault that was applied; may be empty.
	Scenario string    `json:"scenario,omitempty"`
	Time     time.Time `json:"time"`
}

// isOmittedHeader reports whether a header is irrelevant or must not be logged.
func isOmittedHeader(name string) bool {
	return slices.Contains([]string{"Accept-Encoding", "Connection", "Cookie"}, name)
}

func (s *Sandbox) logRequest(r *http.Request, operation string) int {
	now := s.clock.Now()
	return s.requests.add(func(seq int) Request {
		return Request{
			Seq: seq, Operation: operation, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
			Header: loggedHeaders(r.Header), Time: now,
		}
	})
}

func loggedHeaders(header http.Header) map[string]string {
	kept := make(map[string]string, len(header))
	for name, values := range header {
		if isOmittedHeader(name) {
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
