// Package redact keeps secrets out of printed, logged and encoded values.
package redact

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
)

// Type has the methods of a type T whose values hold secrets. T embeds it, or calls
// its methods in methods of the same names. Then none of the usual ways to print or
// encode a value shows a secret: package fmt, logs, JSON, XML, YAML and gob. Reading
// a T from JSON or YAML is not affected.
type Type[T any] struct{}

// Format writes the name of T for every verb of package fmt, except %p and %w,
// which do not call it and which go vet reports.
func (Type[T]) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, reflect.TypeFor[T]().String()+"(redacted)")
}

// LogValue returns the value for logs.
func (Type[T]) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalText returns the text for JSON, XML, YAML and other encodings.
func (Type[T]) MarshalText() ([]byte, error) { return []byte("redacted"), nil }

// GobEncode returns an error, because gob would write the fields as they are.
func (Type[T]) GobEncode() ([]byte, error) {
	return nil, fmt.Errorf("a %s holds secrets and cannot be encoded with gob", reflect.TypeFor[T]())
}

// Fields returns a struct as a group for logs. A field whose type has a LogValue is
// logged as that says, which JSON of the whole struct would not do. Zero values and
// bytes as received are left out.
func Fields(v any) slog.Value {
	val, attrs := reflect.ValueOf(v), []slog.Attr(nil)
	for i := range val.NumField() {
		field, value := val.Type().Field(i), val.Field(i)
		if value.IsZero() || field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Uint8 {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		attrs = append(attrs, slog.Any(name, value.Interface()))
	}
	return slog.GroupValue(attrs...)
}

// Format prints a value as it is logged, for every verb of package fmt.
func Format(f fmt.State, v slog.LogValuer) {
	_, _ = fmt.Fprintf(f, "%s%s", reflect.TypeOf(v), v.LogValue())
}
