// Package api holds the request and response models of the XPay sandbox and the
// table of its operations, generated from specs/xpay.yaml.
package api

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
)

// Types for values that the client accepts in more than one form. In requests
// each has exactly one form, so plain types are enough here.
type (
	// Amount is money in minor units.
	Amount = int64
	// Int is a whole number.
	Int = int64
	// Number is a decimal number as JSON.
	Number = jsontext.Value
	// DateTime is a point in time as ISO 8601 text.
	DateTime = string
	// Metadata is arbitrary JSON.
	Metadata = jsontext.Value
	// Raw is arbitrary JSON.
	Raw = jsontext.Value
	// Secret is a webhook secret.
	Secret = string
)

// Flag is a boolean, which may also be text.
type Flag bool

// UnmarshalJSONFrom decodes true, false, "true" or "false".
func (f *Flag) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != '"' {
		return json.UnmarshalDecode(d, (*bool)(f))
	}
	var text string
	if err := json.UnmarshalDecode(d, &text); err != nil {
		return err
	}
	if text != "true" && text != "false" {
		return &json.SemanticError{JSONPointer: d.StackPointer(), JSONKind: '"'}
	}
	*f = text == "true"
	return nil
}

// CustomerAddress is the address of a customer, with the members that the spec does not
// define.
type CustomerAddress struct {
	Address
	More map[string]jsontext.Value `json:",embed"`
}

// Nullable is a member of an update request: absent, null or a value.
type Nullable[T any] struct {
	Given, Null bool
	Value       T
}

// UnmarshalJSONFrom decodes a member that is present.
func (n *Nullable[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	n.Given, n.Null = true, d.PeekKind() == 'n'
	return json.UnmarshalDecode(d, &n.Value)
}

// Apply sets *to if the member is present. Null sets the zero value.
func (n Nullable[T]) Apply(to *T) {
	if n.Given {
		*to = n.Value
	}
}

// ApplyPointer sets *to if the member is present. Null sets nil.
func (n Nullable[T]) ApplyPointer(to **T) {
	if !n.Given {
		return
	}
	*to = nil
	if value := n.Value; !n.Null {
		*to = &value
	}
}

// bind decodes a request body and rejects members that the spec does not define.
func bind[T any](r *http.Request) (T, error) {
	return sandbox.Bind[T](r, json.RejectUnknownMembers(true))
}
