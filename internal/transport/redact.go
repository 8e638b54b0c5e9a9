package transport

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Redacted names a type whose values hold secrets. The methods of that type call
// the ones of the same name here, so that none of the usual ways to print or
// encode a value shows a secret.
type Redacted string

// Format writes the name of the type for every verb of package fmt, except %p
// and %w, which do not call it and which go vet reports.
func (r Redacted) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, string(r)+"(redacted)") }

// LogValue returns the value for logs.
func (Redacted) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalText returns the text for JSON and other encodings.
func (Redacted) MarshalText() ([]byte, error) { return []byte("redacted"), nil }

// GobEncode returns an error, because gob would write the fields as they are.
func (r Redacted) GobEncode() ([]byte, error) {
	return nil, errors.New(string(r) + " holds secrets and cannot be encoded with gob")
}
