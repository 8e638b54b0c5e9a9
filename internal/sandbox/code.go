package sandbox

import (
	"net/http"
)

// Code is one error that a sandbox can be told to answer with.
type Code struct {
	// Value is the code as it stands on the wire.
	Value string `json:"value"`
	// Name is the Go constant of the client package.
	Name string `json:"name"`
	// Statuses are the HTTP statuses seen with the code, the documented one
	// first. Empty: not known, the provider's default is used.
	Statuses []int `json:"statuses"`
	// Outcome is the catalog's word for what became of the call; may be empty.
	Outcome string `json:"outcome,omitempty"`
	// Title and Description are the catalog's texts.
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Body is the whole answer, a JSON document or plain text.
	Body string `json:"body"`
	// Operations can answer the code, as far as known; may be empty.
	Operations []string `json:"operations,omitempty"`
}

// Operation is one call of the provider's API.
type Operation struct {
	// Name is the operationId of the spec.
	Name string
	// Pattern is "METHOD /path/{id}" as net/http's ServeMux reads it.
	Pattern string
	// Internal marks the calls a client makes by itself, such as a login.
	// A scenario without an operation passes them by.
	Internal bool
	// Raw marks a body that is not JSON: it is not looked at, and the handler
	// reads Body.
	Raw bool
	// Handler executes the call. The body can be read from the request, and
	// as bytes with [Body]. An error goes through Provider.Refuse.
	Handler func(*http.Request) (Answer, error)
}

// Guess is one rule of a sandbox and how sure it is.
type Guess struct {
	Rule   string `json:"rule"`
	Basis  Basis  `json:"basis"`
	Source string `json:"source"`
}

// Basis says how a rule is known.
type Basis string

// The three grades of certainty.
const (
	Documented Basis = "documented"
	SeenLive   Basis = "seen live"
	Guessed    Basis = "guess"
)

// codeIndex finds codes by their wire value.
type codeIndex map[string]Code

func indexCodes(codes []Code) codeIndex {
	index := make(codeIndex, len(codes))
	for _, code := range codes {
		if _, taken := index[code.Value]; !taken {
			index[code.Value] = code
		}
	}
	return index
}

func (x codeIndex) names() []string { return sortedKeys(x) }
