package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// checkBody wants nothing at all, or one JSON document that is not declared to
// be something else.
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

// checkDocument wants exactly one JSON document without repeated keys and
// without bytes after it.
func checkDocument(raw []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadValue(); err != nil {
		return fmt.Errorf("the body is not one JSON document: %w", err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the body has more after its JSON document, from byte %d on", d.InputOffset())
	}
	return nil
}

// BindError is a member of a request body that has the wrong JSON type.
type BindError struct {
	// Field is the name of the member, without the path to it; empty when the
	// body itself is of the wrong type.
	Field string
	Err   error
}

// Error says which member does not fit.
func (e *BindError) Error() string {
	return fmt.Sprintf("member %q has the wrong type: %v", e.Field, e.Err)
}

// Unwrap gives the decoder's error.
func (e *BindError) Unwrap() error { return e.Err }

// Bind reads a request's body into T. No body gives the zero T, unknown
// members are passed over, and a wrong type is a *BindError.
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
	var wrong *json.SemanticError
	if !errors.As(err, &wrong) {
		return value, &BindError{Err: err}
	}
	return value, &BindError{Field: wrong.JSONPointer.LastToken(), Err: err}
}

// Decode reads a control body into T: no unknown member, no wrong type, no
// repeated key, nothing after the document. Form shows what would be right.
func Decode[T any](raw []byte, form string) (T, error) {
	var value T
	err := json.Unmarshal(raw, &value, json.RejectUnknownMembers(true))
	if err == nil {
		return value, nil
	}
	var wrong *json.SemanticError
	switch {
	case errors.As(err, &wrong) && errors.Is(err, json.ErrUnknownName):
		return value, inputErrorf("unknown member %q; the right form is %s", memberName(wrong), form)
	case errors.As(err, &wrong) && wrong.JSONPointer != "":
		return value, inputErrorf("member %q cannot be a JSON %s; the right form is %s", memberName(wrong), kindName(wrong.JSONKind), form)
	}
	return value, inputErrorf("the body is not one JSON object (%s); the right form is %s", strings.TrimPrefix(err.Error(), "jsontext: "), form)
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
	return "value of this form"
}
