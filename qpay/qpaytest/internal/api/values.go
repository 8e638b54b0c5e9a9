// Package api holds the request models of the QPay sandbox and the routes of its
// operations. Everything but this file is generated from the spec.
package api

import (
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
)

// The values that QPay writes in more than one form. The sandbox keeps the JSON
// text and parses it where it uses the value.
type (
	// Amount is a decimal as a JSON string or number.
	Amount = jsontext.Value
	// DateTime is a date, with or without a time of day.
	DateTime = jsontext.Value
	// Flag is a boolean in any of its forms.
	Flag = jsontext.Value
	// ExpiresIn is the expiry of a token.
	ExpiresIn = jsontext.Value
	// Party is a branch, a member of staff or a terminal.
	Party = jsontext.Value
)

// bind decodes a request body. A boolean may be a JSON string, as two documents
// show it.
func bind[T any](r *http.Request) (T, error) {
	return sandbox.Bind[T](r, json.WithUnmarshalers(json.UnmarshalFromFunc(unmarshalBool)))
}

// errNotBool reports a JSON string that is not a boolean.
var errNotBool = errors.New(`want true, false, "true" or "false"`)

func unmarshalBool(d *jsontext.Decoder, value *bool) error {
	if d.PeekKind() != '"' {
		return errors.ErrUnsupported
	}
	text, err := d.ReadToken()
	if err != nil {
		return err
	}
	switch text.String() {
	case "true":
		*value = true
	case "false", "":
		*value = false
	default:
		return &json.SemanticError{JSONPointer: d.StackPointer(), Err: errNotBool}
	}
	return nil
}
