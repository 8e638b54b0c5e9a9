package catalog

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"

	"github.com/specpay/specpay/apierr"
)

// MaxErrorBody is how much of an error body is read and kept, in bytes.
const MaxErrorBody = 16 << 10

// Catalog describes the errors of one API. It is filled in by generated code,
// read-only and safe for concurrent use.
type Catalog struct {
	API        string      // name of the API in error texts
	Envelopes  []Envelope  // shapes of the error bodies
	Operations []Operation // operations of the spec

	once sync.Once // builds root
	root step      // of the path templates of Operations
}

// Envelope says where an error body keeps its parts, as JSON pointers (RFC
// 6901), in which * stands for every element of a list. Code and RequestID may also
// name a header: "header:Request-Id". Of several pointers, the first that leads to a
// non-empty string is used, and for the code, to every one of its strings. Text replaces the pointers if the body is plain text.
type Envelope struct {
	Schema    string   // name of the body's schema in the spec
	At        string   // where the envelope is in the body; "" is the root
	Code      []string // the error codes; relative to At, like all pointers below
	Numbers   bool     // codes may be integers
	Levels    []Level  // further codes, the narrowest first
	Type      []string // the API's own error type
	Message   []string // the API's message
	Param     []string // the request field at fault
	RequestID []string // identifies the request to the API's support
	DocURL    []string // documentation of the code
	DocHosts  []string // hosts whose DocURL is passed on for unknown codes
	Fields    FieldRule
	Success   string      // "scan" looks for a code in 2xx bodies; "" does not
	Outcome   OutcomeRule // a status word in the body
	Text      *TextRules  // nil: the body is JSON
	Fallback  string      // the code that a server sends if a failure has none
	Samples   []Sample    // for servers of plain-text errors
	Anywhere  bool        // any response outside 2xx may have it, although the spec does not declare it
	Media     string      // media type of the only responses that it is used for; "" for all

	// ShowMessage says that the text of an error contains the API's message.
	ShowMessage bool

	// Parse returns the code for a string and resolves aliases. An unknown string
	// becomes a code that is not in the catalog.
	Parse func(string) apierr.Code
}

// Level is the place of codes that are wider than those at Code, such as the type that
// a code belongs to. If there are none at Code, the first level takes its place.
type Level struct {
	Code    string // JSON pointer
	Numbers bool   // codes may be integers
	Parse   func(string) apierr.Code
}

// FieldRule finds validation errors. At points to an object keyed by field name, or to
// a list. Name, for a list, Type and Message are the names of the members of each entry,
// or JSON pointers into it. In a list, "" stands for the usual names. An entry that is
// not an object is the message, and in an object keyed by field name also a list of messages.
type FieldRule struct{ At, Name, Type, Message string }

// OutcomeRule maps the status word at From to an outcome. A word that is not in
// Map stands for an unknown outcome. The outcome of a code in the catalog takes
// precedence.
type OutcomeRule struct {
	From string
	Map  []OutcomeWord
}

// OutcomeWord is the outcome of one status word.
type OutcomeWord struct {
	Word    string
	Outcome apierr.Outcome
}

// Sample is a plain-text body that stands for a code.
type Sample struct{ Code, Text string }

// Operation is what the spec declares for one operation.
type Operation struct {
	ID, Method, Path string
	Class            string                 // retry class: safe, keyed or keyless; "" derives it from the method
	KeyHeader        string                 // header of the idempotency key; "" if it is in the body or there is none
	Successes        []Success              // the declared 2xx and 3xx responses
	Shapes           []Shape                // the declared error bodies
	Bodies           []Body                 // the declared JSON bodies of failures, for apierr.Body
	Unknown          *apierr.UnknownOutcome // nil if the spec has no texts for an unknown outcome
}

// Success is a declared 2xx or 3xx response.
type Success struct {
	Status int  // HTTP status; 0 for 2XX, 3 for 3XX
	JSON   bool // JSON is declared
	Mixed  bool // other media types are declared as well
}

// Shape is an envelope that is declared for a response.
type Shape struct {
	Status   int    // HTTP status; 2 to 5 for 2XX to 5XX, 0 for default
	Envelope int    // index in Catalog.Envelopes
	Media    string // media type of the body
}

// Body is a declared body of a failure.
type Body struct {
	Status  int      // as in Shape
	Schemas []string // names that the type of the body may have; "" if it has none
}

// Operation returns the operation with an operationId; nil if there is none.
func (c *Catalog) Operation(id string) *Operation {
	for i := range c.Operations {
		if c.Operations[i].ID == id {
			return &c.Operations[i]
		}
	}
	return nil
}

// Envelope returns the envelope of a schema; nil if there is none.
func (c *Catalog) Envelope(schema string) *Envelope {
	for i := range c.Envelopes {
		if c.Envelopes[i].Schema == schema {
			return &c.Envelopes[i]
		}
	}
	return nil
}

// CodeText returns the text of a code for its Error method: the API, the code as
// received and its title. A code that is not in the catalog may contain anything, so
// it is quoted and cut to 64 bytes. The text does not call it unknown: the code of a
// success is not in the catalog either, and package fmt prints it with this text.
func CodeText(api, value string, code apierr.Code) string {
	if info, known := code.Info(); known {
		return api + ": " + value + ": " + info.Title
	}
	short := limit(value, 64)
	if short != value {
		short += "…"
	}
	return api + ": " + strconv.Quote(short)
}

// Parse turns a response that was received elsewhere, such as a stored one, into
// an error. It returns false if the response is a success: a 2xx whose body does
// not say that the call failed. The body may be empty, cut, of another type than
// the header says, or hostile. The operation is not known, so the outcome is that
// of a write.
func (c *Catalog) Parse(status int, header http.Header, body []byte) (*apierr.Error, bool) {
	r := c.Read(nil, Response{StatusCode: status, Header: header, Body: body})
	if !r.Failed {
		return nil, false
	}
	r.Error.RawBody = bytes.Clone(r.Error.RawBody)
	return r.Err(), true
}

// isSafe reports whether a call changes nothing: by its class, or else by its
// method. An unknown method counts as a write. The receiver may be nil.
func (op *Operation) isSafe(method string) bool {
	if op != nil && op.Class != "" {
		return op.Class == "safe"
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// scansSuccess reports whether 2xx bodies may carry a failure.
func (v *Envelope) scansSuccess() bool { return v.Success == "scan" || v.Outcome.From != "" }

func (v *Envelope) parse(code string) apierr.Code { return parse(v.Parse, code) }

func (l *Level) parse(code string) apierr.Code { return parse(l.Parse, code) }

func parse(parse func(string) apierr.Code, code string) apierr.Code {
	if code == "" || parse == nil {
		return nil
	}
	return parse(code)
}
