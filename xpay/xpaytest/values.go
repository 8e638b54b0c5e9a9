package xpaytest

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// keep changes what was there; nil and the zero value leave it.
func keep[T comparable](to *T, value T) {
	if value != *new(T) {
		*to = value
	}
}

// object is a JSON object.
type object = map[string]any

// null is the JSON null.
func null() jsontext.Value { return jsontext.Value("null") }

// orNull is a text, or null when it is empty.
func orNull(text string) any {
	if text == "" {
		return null()
	}
	return text
}

// rawOrNull is free JSON, or null when there is none.
func rawOrNull(v jsontext.Value) any {
	if len(v) == 0 {
		return null()
	}
	return v
}

// ptrOrNull is what a pointer points to, or null.
func ptrOrNull[T any](p *T) any {
	if p == nil {
		return null()
	}
	return *p
}

// momentForm is how XPay writes moments.
const momentForm = "2006-01-02T15:04:05.000Z07:00"

func moment(at time.Time) string { return at.UTC().Format(momentForm) }

// momentOrNull is a moment, or null for the zero one.
func momentOrNull(at time.Time) any {
	if at.IsZero() {
		return null()
	}
	return moment(at)
}

// parseMoment reads a moment; empty text is the zero one.
func parseMoment(param, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, refuse(codeParameterInvalid, param, "%s must be ISO 8601 with seconds and a zone", param)
	}
	return at, nil
}
