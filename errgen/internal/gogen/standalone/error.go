package standalone

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// APIError is a failed call. A client under ErrorDoer returns it from every call; get it with errors.As, and tell codes
// and classes apart with errors.Is. A test of code that handles such errors may build one from its exported fields.
//
// RawBody, Message, Fields, Captures and Header come from the other side as they are and may hold personal data: keep
// them out of logs that everybody reads.
type APIError struct {
	Operation  string            // the operation's id in the spec; "" when the request fits none
	Code       error             // a code of this package, known or not; nil when the answer carried none
	RawCode    string            // the code as it stood on the wire
	Type       string            // the API's own error type
	StatusCode int               // HTTP status; 0 when there was no answer
	Message    string            // the API's text, at most 2 KiB
	Param      string            // the request field it is about
	Fields     []ErrorField      // validation problems, by field
	Captures   map[string]string // values found inside a text error
	RequestID  string            // for the support of the API
	Header     http.Header       // the answer's headers, without cookies
	RawBody    []byte            // the answer's body, at most 64 KiB
	Truncated  bool              // RawBody is not the whole body

	cause      error
	outcome    ErrorOutcome // "" = judge by code and status
	class      ErrorClass   // "" = judge by status; a known code beats it
	advice     ErrorAdvice  // "" = judge by status; a known code beats it
	safe       bool         // a call that changes nothing
	keyed      bool         // an idempotency key makes a repetition harmless
	unknown    *errorUnknown
	docURL     string
	retryAfter time.Duration
}

// ErrorField is a problem with one field of the request.
type ErrorField struct{ Field, Type, Message string }

// errorUnknown is what the spec says of a call of one operation that got no readable answer.
type errorUnknown struct {
	Advice                          ErrorAdvice
	Description, Resolution, DocURL string
	Customer                        []ErrorSentence
}

// Error returns one short line without the body, the API's own text and the request.
func (e *APIError) Error() string {
	line := strings.TrimSpace(errorAPI+" "+e.Operation) + ": " + e.reason()
	if e.StatusCode > 0 {
		line += fmt.Sprintf(" (HTTP %d)", e.StatusCode)
	}
	if e.Outcome() == OutcomeUnknown {
		line += "; outcome unknown"
	}
	line += "; advice: " + string(e.Advice())
	if e.RequestID != "" {
		line += "; request " + errorClean(e.RequestID, 64)
	}
	return line
}

func (e *APIError) reason() string {
	info, known := e.info()
	switch {
	case known && info.Class == ClassUnknown && e.cause != nil: // a catalog's "something else" says less
		return errorClean(e.cause.Error(), 300)
	case known:
		return strings.TrimSuffix(info.Value+": "+info.Title, ": ")
	case e.RawCode != "":
		return "unknown code " + errorClean(e.RawCode, 64)
	case len(e.Fields) > 0:
		return "refused fields: " + e.fieldNames()
	case e.cause != nil:
		return errorClean(e.cause.Error(), 300)
	}
	meaning, _ := e.Class().words()
	return strings.TrimSuffix(meaning, ".")
}

func (e *APIError) fieldNames() string {
	var names []string
	for _, f := range e.Fields {
		if names = append(names, errorClean(strings.TrimSpace(f.Field+" "+f.Type), 64)); len(names) == 5 {
			break
		}
	}
	return strings.Join(names, ", ")
}

// GoString keeps %#v as short as %v.
func (e *APIError) GoString() string { return "APIError{" + e.Error() + "}" }

// LogValue lists the facts that are safe in a log.
func (e *APIError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", e.Operation), slog.String("code", errorClean(e.RawCode, 64)), slog.Int("status", e.StatusCode),
		slog.String("class", string(e.Class())), slog.String("outcome", string(e.Outcome())), slog.String("advice", string(e.Advice())),
		slog.String("request", errorClean(e.RequestID, 64)), slog.String("see", e.DocURL()))
}

// Is matches a code and the classes. A call that is both of a class and of unknown outcome matches both.
func (e *APIError) Is(target error) bool {
	if class, ok := target.(ErrorClass); ok {
		return class == e.kind() || class == ClassOutcomeUnknown && e.Outcome() == OutcomeUnknown
	}
	return e.Code != nil && e.Code == target
}

// Unwrap returns what caused the failure on this side: a context's error, a failed dial, an answer that cannot be read.
// nil for a plain refusal.
func (e *APIError) Unwrap() error { return e.cause }

// RetryAfter returns how long the server asked to wait; 0 when it did not.
func (e *APIError) RetryAfter() time.Duration { return e.retryAfter }

// Retryable reports whether the same request may be sent again as it is: see Advice.
func (e *APIError) Retryable() bool { return e.Advice().Retryable() }

// Known reports whether the code is in a catalog.
func (e *APIError) Known() bool {
	_, known := e.info()
	return known
}

func (e *APIError) info() (ErrorInfo, bool) {
	if code, ok := e.Code.(interface{ Info() (ErrorInfo, bool) }); ok {
		return code.Info()
	}
	return ErrorInfo{}, false
}

// errorIn returns the first APIError in err's chain, or nil.
func errorIn(err error) *APIError {
	var e *APIError
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// errorClean makes foreign text fit for one line of a log.
func errorClean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\ufffd' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	if len(s) > limit {
		s = errorLimit(s, limit) + "…"
	}
	return s
}

// errorLimit cuts a text after n bytes, at the end of a character.
func errorLimit(s string, n int) string {
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}
