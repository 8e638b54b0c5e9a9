// Package api holds the request and response models of the openapi sandbox and
// the table of its operations, generated from specs/openapi.yaml.
package api

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
)

// Types for values that the provider's sources write in more than one form. They
// accept every form; the sandbox interprets the text itself.
type (
	// MinorUnits is a whole number, encoded as a JSON string or number.
	MinorUnits = jsontext.Value
	// DateTime is a point in time.
	DateTime = string
	// Secret is a user's token.
	Secret = string
	// RawJSON is a value whose form is a guess.
	RawJSON = jsontext.Value
	// Text is the text of an undocumented member.
	Text = string
)

// bind decodes a request body. Unknown members are ignored.
func bind[T any](r *http.Request) (T, error) { return sandbox.Bind[T](r) }
