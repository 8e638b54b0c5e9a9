package standalone

import (
	"net/http"
	"net/url"
	"strings"
)

// errorOperation is what the spec says of one call.
type errorOperation struct {
	Name, Method, Path string
	Class              string         // safe, keyed, keyless, or "" when the spec does not say
	Replies            []errorSuccess // its declared successes
	Envelopes          []int          // of errorEnvelopes, that its answers may have; empty = all
	Unknown            *errorUnknown  // nil when the spec has no words for it
}

// errorSuccess is a declared success. Status 0 stands for every other 2xx.
type errorSuccess struct {
	Status int
	JSON   bool // declares JSON
	Mixed  bool // and other media types too
}

// errorOperationOf finds the operation of a request. The base URL may have a path of its own, so a template has to fit
// the end of the path; the longest one wins, and of those the one with the fewest parameters.
func errorOperationOf(req *http.Request) *errorOperation {
	path := strings.Split(req.URL.EscapedPath(), "/")
	var best *errorOperation
	rank := -1
	for i := range errorOperations {
		op := &errorOperations[i]
		if !strings.EqualFold(op.Method, req.Method) && (req.Method != "" || op.Method != http.MethodGet) {
			continue
		}
		template := strings.Split(op.Path, "/")[1:]
		if len(template) >= len(path) || !errorFits(template, path[len(path)-len(template):]) {
			continue
		}
		if r := 1000*len(template) - strings.Count(op.Path, "{"); r > rank {
			best, rank = op, r
		}
	}
	return best
}

func errorFits(template, path []string) bool {
	for i, t := range template {
		start, end := strings.IndexByte(t, '{'), strings.LastIndexByte(t, '}')
		if start < 0 || end < start {
			if plain, err := url.PathUnescape(path[i]); t != path[i] && (err != nil || t != plain) {
				return false
			}
			continue
		}
		before, after := t[:start], t[end+1:]
		if len(path[i]) < len(before)+len(after) || !strings.HasPrefix(path[i], before) || !strings.HasSuffix(path[i], after) {
			return false
		}
	}
	return true
}

// mark notes what the operation says of every failure of its calls.
func (op *errorOperation) mark(e *APIError) {
	if op != nil {
		e.Operation, e.unknown = op.Name, op.Unknown
		e.safe, e.keyed = op.safe(op.Method), op.Class == "keyed"
	}
}

// safe reports whether a call changes nothing: as the spec says, else by its method.
func (op *errorOperation) safe(method string) bool {
	if op != nil && op.Class != "" {
		return op.Class == "safe"
	}
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// shapes returns the envelopes that an answer may have.
func (op *errorOperation) shapes() []*errorEnvelope {
	var out []*errorEnvelope
	if op != nil {
		for _, i := range op.Envelopes {
			out = append(out, &errorEnvelopes[i])
		}
	}
	if out == nil {
		for i := range errorEnvelopes {
			out = append(out, &errorEnvelopes[i])
		}
	}
	return out
}

// reply returns what is declared for a 2xx.
func (op *errorOperation) reply(status int) errorSuccess {
	var other errorSuccess
	if op == nil {
		return other
	}
	for _, r := range op.Replies {
		switch r.Status {
		case status:
			return r
		case 0:
			other = r
		}
	}
	return other
}
