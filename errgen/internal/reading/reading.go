// Package reading builds from a model the catalog that generated code would contain, so that errgen reads a response with
// the code that clients use.
package reading

import (
	"net/http"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// Catalog returns the envelopes of a spec, in its order. The codes that they read are of type Code.
func Catalog(spec *model.Spec) *catalog.Catalog {
	out := &catalog.Catalog{API: "spec"}
	for _, e := range spec.Envelopes {
		out.Envelopes = append(out.Envelopes, envelope(e))
	}
	return out
}

// Params returns the request fields that the examples of error responses name, by code. The first example of a code counts.
func Params(spec *model.Spec) map[*model.Code]string {
	c, out := Catalog(spec), map[*model.Code]string{}
	for _, op := range spec.Operations {
		for _, reply := range op.Replies {
			if _, success := reply.Success(); success {
				continue
			}
			for _, body := range reply.Bodies {
				for _, s := range body.Samples {
					r := c.Read(nil, catalog.Response{StatusCode: http.StatusBadRequest, Body: s.Bytes})
					if code, ok := r.Error.Code.(Code); ok && code.Entry != nil && r.Error.Param != "" && out[code.Entry] == "" {
						out[code.Entry] = r.Error.Param
					}
				}
			}
		}
	}
	return out
}

func envelope(e *model.Envelope) catalog.Envelope {
	out := catalog.Envelope{
		Schema: e.Schema, At: e.At.Value, Code: values(e.Code), Type: values(e.Type), Message: values(e.Message),
		Param: values(e.Param), RequestID: values(e.RequestID), Success: e.Success.Value,
	}
	if f := e.Fields; f != nil {
		out.Fields = catalog.FieldRule{At: f.At.Value, Type: f.Type.Value, Message: f.Message.Value}
	}
	if o := e.Outcome; o != nil {
		out.Outcome.From = o.From.Value
		for _, p := range o.Map {
			out.Outcome.Map = append(out.Outcome.Map, catalog.OutcomeWord{Word: p.Key.Value, Outcome: apierr.Outcome(p.Text.Value)})
		}
	}
	if c := e.Catalog; c != nil {
		if e.Text.IsSet() {
			rules := textrule.Of(c)
			out.Text = &rules
		}
		out.Parse = func(value string) apierr.Code { return parse(c, value) }
	}
	return out
}

func parse(c *model.Catalog, value string) apierr.Code {
	entry := c.Find(value)
	if entry == nil {
		entry = c.FindAlias(value)
	}
	return Code{entry, value}
}

// Code is a code that was read from a body. Entry is nil if the catalog does not have it.
type Code struct {
	Entry *model.Code
	Value string // as read
}

// Error returns the code.
func (c Code) Error() string { return c.Value }

// Info returns the parts of the entry that decide how a body is read.
func (c Code) Info() (apierr.CodeInfo, bool) {
	if c.Entry == nil {
		return apierr.CodeInfo{}, false
	}
	return apierr.CodeInfo{Value: c.Entry.Value, Statuses: c.Entry.Statuses(), Outcome: apierr.Outcome(c.Entry.Outcome.Value)}, true
}

func values(texts []model.Text) []string {
	var out []string
	for _, t := range texts {
		out = append(out, t.Value)
	}
	return out
}
