package apierr

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Error describes a failed call. Clients return it as *Error; retrieve it with
// errors.As or errors.AsType.
//
// Message, Param, Fields, Captures, Header and RawBody come from the server as
// they are and may contain personal data. They are reached by name only: printed,
// logged or encoded, an Error is the text of [Error.Error] or the fields of
// [Error.LogValue]. (Package fmt calls no method of an unexported field: keep the
// pointer there, not a copy.) Keep them out of logs and away from end users.
// [Error.CustomerMessage] is written for end users.
//
// Tests can construct an Error from its exported fields, or with [New] where the
// cause or the outcome matters.
type Error struct {
	Provider       string            // name of the API, such as "qpay"
	Operation      string            // operationId in the spec; "" if the request matches no operation
	Code           Code              // nil if the response had no code
	RawCode        string            // the code as received, before aliases are resolved
	Codes          []Code            // all codes of a response with several, or with codes on several levels; Code is the first that is in the catalog
	Type           string            // the API's own error type
	StatusCode     int               // HTTP status; 0 if there was no response
	Message        string            // the API's message, at most 2 KiB
	Param          string            // the request field at fault
	Fields         []FieldError      // validation errors, sorted by field
	Captures       map[string]string // values found in a plain-text error
	RequestID      string            // identifies the request to the API's support
	IdempotencyKey string            // the idempotency key of all attempts; "" if the operation has none
	Attempts       int               // requests sent; 0 if there was none, or if the client does not count them
	Header         http.Header       // response headers, without cookies
	RawBody        []byte            // response body, at most 16 KiB
	Truncated      bool              // RawBody is incomplete

	details Details
}

// FieldError is a validation error of one request field. Message comes from the
// server and may repeat the value of the field. It is reached by name only: printed,
// logged or encoded, a FieldError is its field and type.
type FieldError struct{ Field, Type, Message string }

// Details holds what is known about a failed call besides the response. The zero
// value derives everything from the code and the status, and treats the call as a
// write without an idempotency key.
type Details struct {
	Cause      error           // returned by Unwrap
	Outcome    Outcome         // overrides the outcome; "" derives it from code and status
	Category   Category        // used if the code is not in the catalog; "" derives it from the status
	Advice     Advice          // used if the code is not in the catalog; "" derives it from the status
	Safe       bool            // the call changes nothing, so it has never taken effect
	Keyed      bool            // the call carries an idempotency key, so retrying it is harmless
	Unknown    *UnknownOutcome // the operation's texts for an unknown outcome
	DocURL     string          // used if the code is not in the catalog
	RetryAfter time.Duration   // the pause that the server asked for
	Schemas    []string        // names of the schemas that the spec declares for the body, "" for one without a name; see [Body]

	ShowMessage bool // the API's message may be logged: Error contains it, on one line and at most 200 bytes of it
}

// New returns a copy of e with the given details. Clients use it to report
// failures, and tests to construct them.
func New(e Error, d Details) *Error {
	e.details = d
	return &e
}

// Error returns one short line: API, operation, code, title, status, advice and
// request ID. Without a known code it has the names and types of invalid fields, or
// the local cause, instead of the title. It contains neither the body nor any part
// of the request. It contains the API's message only if [Details] says so, as it does for
// a spec without a catalog, and for a catalog with message_public.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(e.Provider+" "+e.Operation) + ": " + e.reason())
	if e.StatusCode > 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.StatusCode)
	}
	if e.Outcome() == OutcomeUnknown {
		b.WriteString("; outcome unknown")
	}
	fmt.Fprintf(&b, "; advice: %s", e.Advice())
	if e.RequestID != "" {
		b.WriteString("; request " + clean(e.RequestID, 64))
	}
	return b.String()
}

func (e *Error) reason() string {
	info, known := e.info()
	message := e.shownMessage()
	switch {
	case info.Category == ErrUnknown && e.details.Cause != nil: // more specific than a catch-all code
		return clean(e.details.Cause.Error(), 300)
	case known:
		return strings.TrimSuffix(strings.TrimSuffix(info.Value+": "+info.Title, ": ")+": "+message, ": ")
	case e.RawCode != "" && message != "":
		return clean(e.RawCode, 64) + ": " + message
	case message != "":
		return message
	case e.RawCode != "":
		return "unknown code " + clean(e.RawCode, 64)
	case len(e.Fields) > 0:
		return "invalid fields: " + e.fieldNames()
	case e.details.Cause != nil:
		return clean(e.details.Cause.Error(), 300)
	}
	return strings.TrimSuffix(e.Category().texts().description, ".")
}

// shownMessage returns the API's message on one line; "" if it must not be shown.
func (e *Error) shownMessage() string {
	if !e.details.ShowMessage {
		return ""
	}
	return strings.Join(strings.Fields(clean(e.Message, 200)), " ")
}

func (e *Error) fieldNames() string {
	names := make([]string, 0, 5)
	for _, f := range e.Fields[:min(len(e.Fields), 5)] {
		names = append(names, f.text())
	}
	return strings.Join(names, ", ")
}

// Is reports whether target is a code of the error or its category. If the outcome
// is unknown, the error matches both [ErrOutcomeUnknown] and its own category,
// but never [ErrDeclined]: a payment that may have gone through was not declined.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Category:
		unknown := e.Outcome() == OutcomeUnknown
		return unknown && t == ErrOutcomeUnknown || t == e.category() && !(unknown && t == ErrDeclined)
	case Code:
		return e.Code == t || slices.Contains(e.Codes, t)
	}
	return false
}

// Unwrap returns the local cause of the failure: a context's error, a failed
// dial, an unreadable response. It returns nil if the API refused the call.
func (e *Error) Unwrap() error { return e.details.Cause }

// RetryAfter returns how long the server asked to wait; 0 if it did not ask.
func (e *Error) RetryAfter() time.Duration { return e.details.RetryAfter }

// Known reports whether the code is in the catalog.
func (e *Error) Known() bool {
	_, known := e.info()
	return known
}

// info returns the catalog's entry for the code; an empty one if it has none.
func (e *Error) info() (CodeInfo, bool) {
	if e.Code != nil {
		if info, known := e.Code.Info(); known {
			return info, true
		}
	}
	return CodeInfo{}, false
}

// CodeOf returns the code of the first *Error in err's chain; nil if there is
// none. Packages with generated codes have a CodeOf that returns their own type.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return nil
}

// CodeAs returns the first code of type T of the first *Error in err's chain; the zero
// value if there is none. It finds codes on other levels than that of [CodeOf], such as
// the reason why a card was declined.
func CodeAs[T Code](err error) T {
	var none T
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return none
	}
	for _, code := range append([]Code{e.Code}, e.Codes...) {
		if c, ok := code.(T); ok {
			return c
		}
	}
	return none
}

// maxClean is how much of a text is cleaned, in bytes. A server can send megabytes.
const maxClean = 4 << 10

// clean makes text from a server fit for one line of a log: printable, valid
// UTF-8, at most limit bytes and an ellipsis.
func clean(s string, limit int) string {
	s = s[:min(len(s), maxClean)]
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == '\ufffd' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
