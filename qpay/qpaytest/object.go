package qpaytest

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/specpay/specpay/internal/sandbox"
)

// object is a JSON object with ordered members.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSONTo encodes the members. It omits members whose value is nil.
func (o object) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if m.value == nil {
			continue
		}
		if err := e.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(e, m.value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// members returns the members of a request body. Unlike the typed body, they
// distinguish absent from zero.
func members(r *http.Request) map[string]jsontext.Value {
	var found map[string]jsontext.Value
	// A body that is not an object was rejected by bind.
	_ = json.Unmarshal(sandbox.Body(r), &found)
	return found
}
