package apierr

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// The methods that encoders call have value receivers, so that a copy of an Error
// is redacted too. For a nil pointer, encoders do not call them.

// LogValue returns the fields that can be logged: provider, operation, code, status,
// category, outcome, advice, attempts, request_id and doc_url. They contain no part
// of the request. Of the response they contain only the code and the request ID, cut
// to 64 bytes, and the documentation URL.
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.AnyValue(nil)
	}
	return slog.GroupValue(
		slog.String("provider", e.Provider), slog.String("operation", e.Operation),
		slog.String("code", clean(e.RawCode, 64)), slog.Int("status", e.StatusCode),
		slog.String("category", string(e.Category())), slog.String("outcome", string(e.Outcome())),
		slog.String("advice", string(e.Advice())), slog.Int("attempts", e.Attempts),
		slog.String("request_id", clean(e.RequestID, 64)), slog.String("doc_url", e.DocURL()))
}

// MarshalJSON returns an object with the fields of LogValue.
func (e Error) MarshalJSON() ([]byte, error) {
	fields := map[string]any{}
	for _, a := range e.LogValue().Group() {
		fields[a.Key] = a.Value.Any()
	}
	return json.Marshal(fields)
}

// MarshalText returns the text of Error, for XML, YAML and other encodings.
func (e Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// GobEncode returns an error: gob would write the whole response.
func (Error) GobEncode() ([]byte, error) {
	return nil, errors.New("apierr.Error holds the response and cannot be encoded with gob; encode its text or single fields")
}

// Format writes the text of Error for every verb of package fmt, except %p and %w
// where they do not belong, which go vet reports.
func (e Error) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		_, _ = fmt.Fprintf(f, "apierr.Error{%s}", e.Error())
		return
	}
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), e.Error())
}

func (f FieldError) text() string { return clean(strings.TrimSpace(f.Field+" "+f.Type), 64) }

// MarshalText returns the field and the type, for JSON and other encodings.
func (f FieldError) MarshalText() ([]byte, error) { return []byte(f.text()), nil }

// GobEncode returns an error: gob would write the message.
func (FieldError) GobEncode() ([]byte, error) {
	return nil, errors.New("apierr.FieldError holds a part of the response and cannot be encoded with gob; encode its members")
}

// Format writes the field and the type for every verb of package fmt.
func (f FieldError) Format(s fmt.State, verb rune) {
	_, _ = fmt.Fprintf(s, fmt.FormatString(s, verb), f.text())
}
