package sandbox

import (
	"net/http"
)

// Code is an error that a sandbox can return on request.
type Code struct {
	// Value is the code as it appears on the wire.
	Value string `json:"value"`
	// Name is the Go constant in the client package.
	Name string `json:"name"`
	// Statuses are the HTTP statuses seen with the code, the documented one
	// first. If empty, the status is unknown and Provider.CodeStatus is used.
	Statuses []int `json:"statuses"`
	// Outcome is the catalog's outcome of a call that fails with the code; may
	// be empty.
	Outcome string `json:"outcome,omitempty"`
	// Title and Description are the catalog's texts.
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Body is the response body, a JSON document or plain text.
	Body string `json:"body"`
	// Operations can return the code, as far as known; may be empty.
	Operations []string `json:"operations,omitempty"`
}

// Operation is one operation of the provider's API.
type Operation struct {
	// Name is the operationId of the spec.
	Name string
	// Pattern is a pattern of http.ServeMux, "METHOD /path/{id}".
	Pattern string
	// Internal marks an operation that a client calls by itself, such as a
	// login. A scenario without an operation skips it.
	Internal bool
	// Raw marks an operation whose body is not JSON. The body is not checked;
	// the handler reads it with [Body].
	Raw bool
	// Handler executes the operation. [Body] returns the body. An error is
	// converted to a response by Provider.ErrorResponse.
	Handler func(*http.Request) (Response, error)
}

// codeIndex maps wire values to codes.
type codeIndex map[string]Code

func indexCodes(codes []Code) codeIndex {
	index := make(codeIndex, len(codes))
	for _, code := range codes {
		if _, found := index[code.Value]; !found {
			index[code.Value] = code
		}
	}
	return index
}

func (x codeIndex) names() []string { return sortedKeys(x) }
