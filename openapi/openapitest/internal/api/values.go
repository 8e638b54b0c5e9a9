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
	// VoidDetail is one void. Its members are a guess.
	VoidDetail = map[string]any
)

// bind decodes a request body. Unknown members are ignored.
func bind[T any](r *http.Request) (T, error) { return sandbox.Bind[T](r) }
