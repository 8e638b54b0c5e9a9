// Package apicatalog makes the catalog with which a generated client reads responses. Package gogen writes it as Go; the other
// packages that read a body or an example do so with it, and find the code that a client finds.
package apicatalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// Of returns the catalog of an API: an envelope for every reader of the spec, and its operations. The codes that it finds
// are of type Code.
func Of(spec *model.Spec, api string) *catalog.Catalog {
	c := &catalog.Catalog{API: api}
	readers := spec.Readers()
	implied := len(spec.Catalogs) > 0 && spec.Catalogs[0].Implied
	for _, r := range readers {
		c.Envelopes = append(c.Envelopes, envelope(r, implied))
	}
	for _, op := range spec.Operations {
		c.Operations = append(c.Operations, catalog.Operation{
			ID: op.Name(), Method: strings.ToUpper(op.Method), Path: op.Path, Class: op.Class.Value, KeyHeader: keyHeader(op),
			Successes: successes(op), Shapes: shapes(readers, op), Bodies: bodies(op), Unknown: unknown(spec, op),
		})
	}
	return c
}

// Code is a code that was read from a response, with its entry in the spec; nil if the catalog does not have it.
type Code struct {
	Value   string
	Catalog *model.Catalog
	Entry   *model.Code
}

// Error returns the code as it was received.
func (c Code) Error() string { return c.Value }

// Info returns the entry of the code.
func (c Code) Info() (apierr.CodeInfo, bool) {
	e := c.Entry
	if e == nil {
		return apierr.CodeInfo{}, false
	}
	info := apierr.CodeInfo{
		Value: e.Value, Name: e.Const, Aliases: model.Values(e.Aliases), Statuses: e.Statuses(), Type: e.Type.Value,
		Category: apierr.Category(e.Category.Value), Outcome: apierr.Outcome(e.Outcome.Value), Advice: apierr.Advice(cmp.Or(e.Advice.Value, "never")),
		Title: e.Headline(), Description: e.Description.Line(), Resolution: e.Resolution.Line(), DocURL: c.Catalog.DocURL(e),
		Customer: texts(e.Customer), Unverified: e.Unverified.Line(),
	}
	for _, s := range e.ByStatus {
		info.AdviceByStatus = append(info.AdviceByStatus, apierr.StatusAdvice{Status: s.Status.Value, Advice: apierr.Advice(s.Advice.Value)})
	}
	return info, true
}

func texts(pairs []model.Pair) []apierr.Text {
	var out []apierr.Text
	for _, p := range pairs {
		out = append(out, apierr.Text{Lang: p.Key.Value, Text: p.Text.Line()})
	}
	return out
}

func unknown(spec *model.Spec, op *model.Operation) *apierr.UnknownOutcome {
	u := op.Unknown
	if u == nil {
		return nil
	}
	return &apierr.UnknownOutcome{
		Operation: op.Name(), Advice: apierr.Advice(u.Advice.Value), Description: u.Description.Line(), Resolution: u.Resolution.Line(),
		DocURL: spec.UnknownURL(op), Customer: texts(u.Customer),
	}
}

// Find returns the code with a wire value or alias. Its Entry is nil if the catalog does not have it.
func Find(c *model.Catalog, value string) Code {
	entry := c.Find(value)
	if entry == nil {
		entry = c.FindAlias(value)
	}
	return Code{value, c, entry}
}

func envelope(r model.Reader, implied bool) catalog.Envelope {
	e := r.Envelope
	out := catalog.Envelope{
		Schema: e.Schema, At: e.At.Value, Code: model.Values(e.Code), Numbers: numbers(e), Type: model.Values(e.Type), Message: model.Values(e.Message), Param: model.Values(e.Param),
		RequestID: model.Values(e.RequestID), DocURL: model.Values(e.DocURL), DocHosts: model.Values(e.DocHosts), Success: e.Success.Value,
		Anywhere: e.Anywhere, Media: e.Media,
	}
	for _, p := range e.Levels {
		level := catalog.Level{Code: p.Value, Numbers: e.Numbers[p.Value]}
		if c := LevelCatalog(e, p.Value); c != nil {
			level.Parse = func(value string) apierr.Code { return Find(c, value) }
		}
		out.Levels = append(out.Levels, level)
	}
	if f := e.Fields; f != nil {
		out.Fields = catalog.FieldRule{At: f.At.Value, Name: f.Name.Value, Type: f.Type.Value, Message: f.Message.Value}
	}
	if o := e.Outcome; o != nil {
		out.Outcome.From = o.From.Value
		for _, p := range o.Map {
			out.Outcome.Map = append(out.Outcome.Map, catalog.OutcomeWord{Word: p.Key.Value, Outcome: apierr.Outcome(p.Text.Value)})
		}
	}
	if r.Catalog != nil {
		out.ShowMessage = r.Catalog.MessagePublic.Value
		out.Parse = func(value string) apierr.Code { return Find(r.Catalog, value) }
		if e.Text.IsSet() {
			rules := textrule.Of(r.Catalog)
			out.Text = &rules
		}
	} else if e.Text.IsSet() {
		out.Text, out.ShowMessage = &catalog.TextRules{}, implied
	}
	return out
}

// LevelCatalog returns the catalog of a level of an envelope; nil if it has none.
func LevelCatalog(e *model.Envelope, pointer string) *model.Catalog {
	if found := e.Leads[pointer]; len(found) > 0 {
		return found[0]
	}
	return nil
}

// numbers reports whether the codes of an envelope may be integers.
func numbers(e *model.Envelope) bool {
	return slices.ContainsFunc(e.Code, func(p model.Text) bool { return e.Numbers[p.Value] })
}

func keyHeader(op *model.Operation) string {
	if op.Key == nil {
		return ""
	}
	return op.Key.Header.Value
}

func successes(op *model.Operation) []catalog.Success {
	var out []catalog.Success
	for _, r := range op.Replies {
		if status, ok := r.Success(); ok {
			out = append(out, catalog.Success{Status: status, JSON: r.JSON, Mixed: r.Mixed})
		} else if status, ok := statusKey(r.Status); ok && (status == 3 || status/100 == 3) {
			out = append(out, catalog.Success{Status: status})
		}
	}
	return out
}

// shapes lists the shapes of the declared responses. A response that has exactly those of default is omitted.
func shapes(readers []model.Reader, op *model.Operation) []catalog.Shape {
	var out []catalog.Shape
	add := func(status int, shapes []model.Shape) {
		for _, s := range shapes {
			out = append(out, catalog.Shape{Status: status, Envelope: slices.Index(readers, s.Reader), Media: s.Media})
		}
	}
	var byDefault []model.Shape
	for _, r := range op.Replies {
		if r.Status == "default" {
			byDefault = r.Shapes
			add(0, r.Shapes)
		}
	}
	for _, r := range op.Replies {
		if status, ok := statusKey(r.Status); ok && status != 0 && !slices.Equal(r.Shapes, byDefault) {
			add(status, r.Shapes)
		}
	}
	return out
}

// bodies lists the declared JSON bodies of failures. A response that has exactly those of default is omitted.
func bodies(op *model.Operation) []catalog.Body {
	var out []catalog.Body
	var byDefault []string
	add := func(status int, r model.Reply) []string {
		names := r.TypeNames()
		if len(names) > 0 && !slices.Equal(names, byDefault) {
			out = append(out, catalog.Body{Status: status, Schemas: names})
		}
		return names
	}
	for _, r := range op.Replies {
		if r.Status == "default" {
			byDefault = add(0, r)
		}
	}
	for _, r := range op.Replies {
		if _, success := r.Success(); success {
			continue
		}
		if status, ok := statusKey(r.Status); ok && status != 0 {
			add(status, r)
		}
	}
	return out
}

// statusKey returns the key of a response as a number: 0 for default, 4 for 4XX.
func statusKey(key string) (int, bool) {
	if key == "default" {
		return 0, true
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.ToUpper(key), "XX"))
	return n, err == nil && (n >= 2 && n <= 5 || n >= 200 && n <= 599)
}
