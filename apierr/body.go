package apierr

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Body returns the body of the first *Error in err's chain as a value of T, the type
// that the generated client has for it:
//
//	if problem, ok := apierr.Body[api.Problem](err); ok {
//
// It returns false if the spec declares another schema or none for the operation and
// the status, if the body does not fit T, and if it is larger than 16 KiB. A type
// belongs to a schema by its name. If the schema has no name, T may be any type. Only
// code that errgen generates for a client of oapi-codegen knows the schemas; the
// errors of other clients always return false. The value comes from the server and
// may contain personal data: keep it out of logs.
func Body[T any](err error) (T, bool) {
	var out, none T
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Truncated || !e.mayBe(reflect.TypeFor[T]()) {
		return none, false
	}
	doc := bytes.TrimSpace(bytes.TrimPrefix(e.RawBody, []byte("\ufeff")))
	if bytes.Equal(doc, []byte("null")) || json.Unmarshal(doc, &out) != nil {
		return none, false
	}
	return out, true
}

// mayBe reports whether a type belongs to a schema of the body.
func (e *Error) mayBe(t reflect.Type) bool {
	return slices.ContainsFunc(e.details.Schemas, func(schema string) bool {
		return schema == "" || letters(schema) == letters(t.Name())
	})
}

// letters returns the letters and digits of a name in lower case. Generated names
// differ from those in the spec in other characters and in case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}
