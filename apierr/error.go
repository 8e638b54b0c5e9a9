package apierr

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// Error is a failed call, of any provider. Calls return it as *Error; get it
// with errors.As.
//
// RawBody, Message, Fields and Header come from the other side as they are and
// may hold personal data: keep them out of logs that everybody reads, and never
// show them to a payer. CustomerMessage is for payers.
type Error struct {
	Provider       string            // "qpay"
	Operation      string            // the operation's id in the spec
	Code           Code              // nil when the answer carried none
	RawCode        string            // the code as it stood on the wire
	Type           string            // the provider's own error type
	StatusCode     int               // HTTP status; 0 when there was no answer
	Message        string            // the provider's text, at most 2 KiB
	Param          string            // the request field it is about
	Fields         []FieldError      // validation problems, by field
	Captures       map[string]string // values found inside a text error
	RequestID      string            // for the provider's support
	IdempotencyKey string            // the key all attempts were sent with; "" when the operation has none
	Attempts       int               // requests sent; 0 when none was
	Header         http.Header       // the answer's headers, without cookies
	RawBody        []byte            // the answer's body, at most 64 KiB
	Truncated      bool              // RawBody is not the whole body

	details Details
}

// FieldError is a problem with one field of the request.
type FieldError struct{ Field, Type, Message string }

// Details are what is known of a failed call beyond the answer itself. The zero
// value says nothing: Error then judges by code and status, as for a write.
type Details struct {
	Cause      error           // returned by Unwrap
	Outcome    Outcome         // "" = judge by code and status
	Category   Category        // "" = judge by code and status; a known code beats it
	Advice     Advice          // "" = judge by code and status; a known code beats it
	Unknown    *UnknownOutcome // the operation's words for an unknown outcome
	DocURL     string          // for a code that is not in the catalog
	RetryAfter time.Duration   // what the server asked for
}

// New returns a failed call as a client would report it. It is there for
// tests of code that handles such errors, and for the runtime.
func New(e Error, d Details) *Error {
	e.details = d
	return &e
}

// Error returns one short line without the body, the provider's own text and
// the request.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(join(e.Provider, e.Operation) + ": ")
	info, known := e.info()
	switch {
	case known && info.Category == ErrUnknown && e.details.Cause != nil: // a catalog's "something else" says less
		b.WriteString(clean(e.details.Cause.Error(), 300))
	case known && info.Title != "":
		b.WriteString(info.Value + ": " + info.Title)
	case known:
		b.WriteString(info.Value)
	case e.RawCode != "":
		b.WriteString("unknown code " + clean(e.RawCode, 64))
	case len(e.Fields) > 0:
		b.WriteString("refused fields: " + e.fieldNames())
	case e.details.Cause != nil:
		b.WriteString(clean(e.details.Cause.Error(), 300))
	default:
		b.WriteString(strings.TrimSuffix(e.Category().words().meaning, "."))
	}
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

// GoString keeps %#v as short as %v.
func (e *Error) GoString() string { return "apierr.Error{" + e.Error() + "}" }

// LogValue lists the facts that are safe in a log.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("provider", e.Provider), slog.String("operation", e.Operation),
		slog.String("code", clean(e.RawCode, 64)), slog.Int("status", e.StatusCode),
		slog.String("category", string(e.Category())), slog.String("outcome", string(e.Outcome())),
		slog.String("advice", string(e.Advice())), slog.Int("attempts", e.Attempts),
		slog.String("request", clean(e.RequestID, 64)), slog.String("see", e.DocURL()))
}

// Is matches a code of the catalog and the error classes. A call that is both
// of a class and of unknown outcome matches both, but is never ErrDeclined: what
// may have been paid was not declined.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Category:
		unknown := e.Outcome() == OutcomeUnknown
		return t == e.class() && !(unknown && t == ErrDeclined) || unknown && t == ErrOutcomeUnknown
	case Code:
		return e.Code == t
	}
	return false
}

// Unwrap returns what caused the failure on our side: a context's error, a
// failed dial, an answer that cannot be read. nil for a plain refusal.
func (e *Error) Unwrap() error { return e.details.Cause }

// RetryAfter returns how long the provider asked to wait; 0 when it did not.
func (e *Error) RetryAfter() time.Duration { return e.details.RetryAfter }

// Known reports whether the code is in the catalog.
func (e *Error) Known() bool {
	_, known := e.info()
	return known
}

func (e *Error) info() (CodeInfo, bool) {
	if e.Code == nil {
		return CodeInfo{}, false
	}
	return e.Code.Info()
}

func (e *Error) fieldNames() string {
	names := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		names = append(names, clean(strings.TrimSpace(f.Field+" "+f.Type), 64))
		if len(names) == 5 {
			break
		}
	}
	return strings.Join(names, ", ")
}

func join(a, b string) string { return strings.TrimSpace(a + " " + b) }

// clean makes foreign text fit for one line of a log.
func clean(s string, limit int) string {
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
