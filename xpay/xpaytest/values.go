package xpaytest

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// override sets *to to a value other than the zero value.
func override[T comparable](to *T, value T) {
	if value != *new(T) {
		*to = value
	}
}

// object is a JSON object.
type object = map[string]any

// null returns the JSON null.
func null() jsontext.Value { return jsontext.Value("null") }

// orNull returns a string, or null if it is empty.
func orNull(text string) any {
	if text == "" {
		return null()
	}
	return text
}

// rawOrNull returns JSON text, or null if it is empty.
func rawOrNull(v jsontext.Value) any {
	if len(v) == 0 {
		return null()
	}
	return v
}

// objectOrEmpty returns JSON text, or an empty object if it is empty or null.
func objectOrEmpty(v jsontext.Value) any {
	if !given(v) {
		return object{}
	}
	return v
}

// given reports whether a member is present and not null.
func given(v jsontext.Value) bool { return len(v) > 0 && v.Kind() != 'n' }

// pointerOrNull returns the value that p points to, or null.
func pointerOrNull[T any](p *T) any {
	if p == nil {
		return null()
	}
	return *p
}

// timeLayout is the form in which XPay writes times.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

func formatTime(at time.Time) string { return at.UTC().Format(timeLayout) }

// timeOrNull returns a time, or null for the zero time.
func timeOrNull(at time.Time) any {
	if at.IsZero() {
		return null()
	}
	return formatTime(at)
}

// parseTime parses a time. Empty text is the zero time.
func parseTime(param, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, errorf(codeParameterInvalid, param, "%s must be ISO 8601 with seconds and a zone", param)
	}
	return at, nil
}
