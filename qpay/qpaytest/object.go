package qpaytest

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/specpay/specpay/internal/sandbox"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSONTo writes the members; one whose value is nil is left out.
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

// members are the members of a request's body; they tell absent from zero.
func members(r *http.Request) map[string]jsontext.Value {
	var found map[string]jsontext.Value
	// A body that is no object was refused when it was bound.
	_ = json.Unmarshal(sandbox.Body(r), &found)
	return found
}
