package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// checkBody checks that a body is empty, or one JSON document without a different
// Content-Type.
func checkBody(contentType string, raw []byte) *Problem {
	if len(raw) == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(contentType)
	if contentType != "" && (err != nil || !strings.HasSuffix(media, "json")) {
		return &Problem{Kind: ProblemMedia, Detail: "Content-Type is " + contentType + "; it must be application/json"}
	}
	if err := checkDocument(raw); err != nil {
		return &Problem{Kind: ProblemJSON, Detail: err.Error()}
	}
	return nil
}

// checkDocument checks that raw is exactly one JSON document without duplicate
// names.
func checkDocument(raw []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadValue(); err != nil {
		return fmt.Errorf("the body is not one JSON document: %w", err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the body has data after its JSON document, from byte %d on", d.InputOffset())
	}
	return nil
}

// BindError reports a request body or parameter of the wrong type.
type BindError struct {
	// Field is the name of the member or parameter, without the path to it. It
	// is empty if the body itself has the wrong type.
	Field string
	Err   error
}

// Error names the member and gives the decoder's error.
func (e *BindError) Error() string {
	return fmt.Sprintf("member %q has the wrong type: %v", e.Field, e.Err)
}

// Unwrap returns the decoder's error.
func (e *BindError) Unwrap() error { return e.Err }

// Bind decodes the body of a request. Without a body it returns the zero value. It
// ignores unknown members. A wrong type is a *BindError.
func Bind[T any](r *http.Request, options ...json.Options) (T, error) {
	var value T
	raw := Body(r)
	if len(raw) == 0 {
		return value, nil
	}
	err := json.Unmarshal(raw, &value, options...)
	if err == nil {
		return value, nil
	}
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return value, &BindError{Err: err}
	}
	return value, &BindError{Field: semantic.JSONPointer.LastToken(), Err: err}
}

// checkObject checks that raw is exactly one JSON object without duplicate names.
func checkObject(raw []byte) error {
	if err := checkDocument(raw); err != nil {
		return fmt.Errorf("the body is not one JSON object: %w", err)
	}
	if kind := jsontext.Value(raw).Kind(); kind != '{' {
		return fmt.Errorf("the body is a JSON %s, not a JSON object", kindName(kind))
	}
	return nil
}

// Decode decodes the body of a control call. Everything but one JSON object, unknown
// members, wrong types and duplicate names are errors, which show form as the expected
// form.
func Decode[T any](raw []byte, form string) (T, error) {
	var value T
	if err := checkObject(raw); err != nil {
		return value, inputErrorf("%v; the expected form is %s", err, form)
	}
	err := json.Unmarshal(raw, &value, json.RejectUnknownMembers(true))
	if err == nil {
		return value, nil
	}
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &semantic) && errors.Is(err, json.ErrUnknownName):
		return value, &InputError{
			Detail: fmt.Sprintf("unknown member %q; the expected form is %s", memberName(semantic), form),
			Known:  jsonNames(reflect.TypeFor[T]()),
		}
	case errors.As(err, &semantic) && semantic.JSONPointer != "":
		return value, inputErrorf("member %q cannot be a JSON %s; the expected form is %s", memberName(semantic), kindName(semantic.JSONKind), form)
	}
	return value, inputErrorf("the body cannot be read: %v; the expected form is %s", err, form)
}

func memberName(err *json.SemanticError) string {
	return strings.TrimPrefix(string(err.JSONPointer), "/")
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "boolean"
	case '"':
		return "string"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return "value of this kind"
}
