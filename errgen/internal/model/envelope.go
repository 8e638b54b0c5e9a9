package model

import (
	"errors"
	"slices"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

const envelopeKey = "x-error-envelope"

// envelope reads the x-error-envelope of a schema.
func (b *builder) envelope(name string, schema *load.Node) {
	key, n := schema.Entry(envelopeKey)
	f := newFields(b.found, envelopeKey, n, nil)
	e := &Envelope{
		Pos: key.Pos(), Schema: name, Node: schema, At: f.text("at"), Success: f.text("success"),
		Code: f.texts("code"), Type: f.texts("type"), Message: f.texts("message"), Param: f.texts("param"),
		DocURL: f.texts("doc_url"), RequestID: f.texts("request_id"), DocHosts: f.texts("doc_hosts"),
		Text: f.text("text"), Trim: f.flag("trim"), MaxBytes: f.number("max_bytes"),
	}
	if n := f.get("fields"); n != nil {
		ff := newFields(b.found, "fields of "+envelopeKey, n, nil)
		e.Fields = &Fields{At: ff.text("at"), Type: ff.text("type"), Message: ff.text("message")}
		ff.done()
	}
	if n := f.get("outcome"); n != nil {
		of := newFields(b.found, "outcome of "+envelopeKey, n, nil)
		e.Outcome = &Outcome{From: of.text("from"), Map: of.pairs("map")}
		of.done()
	}
	f.done()
	b.spec.Envelopes = append(b.spec.Envelopes, e)
	b.spec.Raw = append(b.spec.Raw, n)
}

// Pointer is a pointer of an envelope with its field.
type Pointer struct {
	Field string
	Text  Text
}

// Pointers returns every pointer of e into its schema.
func (e *Envelope) Pointers() []Pointer {
	var out []Pointer
	for _, group := range []struct {
		field string
		list  []Text
	}{{"code", e.Code}, {"type", e.Type}, {"message", e.Message}, {"param", e.Param}, {"doc_url", e.DocURL}, {"request_id", e.RequestID}} {
		for _, t := range group.list {
			out = append(out, Pointer{group.field, t})
		}
	}
	if e.Fields != nil && e.Fields.At.IsSet() {
		out = append(out, Pointer{"fields.at", e.Fields.At})
	}
	if e.Outcome != nil && e.Outcome.From.IsSet() {
		out = append(out, Pointer{"outcome.from", e.Outcome.From})
	}
	return out
}

// link connects envelopes and catalogs after both have been read.
func (b *builder) link() {
	for _, e := range b.spec.Envelopes {
		if e.Text.IsSet() {
			b.lead(e, "", e.Node)
		}
		for _, p := range e.Code {
			for _, n := range b.res.At(e.Node, p.Value) {
				b.lead(e, p.Value, n)
			}
		}
		b.shared[e] = len(e.Catalogs) == 0
	}
}

// lead records that a code pointer of an envelope leads to a schema, if that has a catalog.
func (b *builder) lead(e *Envelope, pointer string, schema *load.Node) {
	c := b.byNode[schema]
	if c == nil {
		return
	}
	if e.Leads == nil {
		e.Leads = map[string][]*Catalog{}
	}
	e.Catalogs, e.Leads[pointer] = appendNew(e.Catalogs, c), appendNew(e.Leads[pointer], c)
	if c.Envelope == nil || e.Text.IsSet() { // match rules apply to texts
		c.Envelope = e
	}
}

func appendNew[T comparable](list []T, item T) []T {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

func (b *builder) report(err error) {
	var f finding.Finding
	if errors.As(err, &f) {
		*b.found = append(*b.found, f)
	}
}

// Word returns the value on the wire for an outcome of the catalog. If the outcome is empty or has no value, it returns the
// one for failed, or "".
func (o *Outcome) Word(outcome string) string {
	if o == nil {
		return ""
	}
	for _, want := range []string{outcome, "failed"} {
		for _, p := range o.Map {
			if p.Text.Value == want {
				return p.Key.Value
			}
		}
	}
	return ""
}
