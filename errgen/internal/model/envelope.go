package model

import (
	"errors"
	"slices"
	"strings"

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
		Code: f.texts("code"), CatalogID: f.text("catalog"), Levels: f.texts("levels"), Numbers: map[string]bool{}, Type: f.texts("type"), Message: f.texts("message"), Param: f.texts("param"),
		DocURL: f.texts("doc_url"), RequestID: f.texts("request_id"), DocHosts: f.texts("doc_hosts"),
		Text: f.text("text"), Trim: f.flag("trim"), MaxBytes: f.number("max_bytes"),
	}
	if n := f.get("fields"); n != nil {
		ff := newFields(b.found, "fields of "+envelopeKey, n, nil)
		e.Fields = &Fields{At: ff.text("at"), Name: ff.text("name"), Type: ff.text("type"), Message: ff.text("message")}
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
	}{{"code", e.Code}, {"levels", e.Levels}, {"type", e.Type}, {"message", e.Message}, {"param", e.Param}, {"doc_url", e.DocURL}, {"request_id", e.RequestID}} {
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
			for _, n := range b.at(e, p) {
				b.lead(e, p.Value, n)
			}
		}
		b.named(e)
		b.shared[e] = len(e.Catalogs) == 0
		for _, p := range e.Levels {
			for _, n := range b.at(e, p) {
				if c := b.byNode[n]; c != nil {
					e.leadTo(p.Value, c)
				}
			}
		}
	}
}

// at returns the schemas at a place of a code, and notes whether it may be an integer.
func (b *builder) at(e *Envelope, place Text) []*load.Node {
	if _, ok := HeaderName(place.Value); ok {
		return nil
	}
	nodes := b.res.At(e.Node, place.Value)
	e.Numbers[place.Value] = e.Numbers[place.Value] || slices.ContainsFunc(nodes, isInteger)
	return nodes
}

// HeaderName returns the name of the header that a place names; false if it is a JSON pointer.
func HeaderName(place string) (string, bool) { return strings.CutPrefix(place, "header:") }

// named makes an envelope lead to the catalog that it names. The enums at its places list codes of that catalog.
func (b *builder) named(e *Envelope) {
	if !e.CatalogID.IsSet() {
		return
	}
	for _, c := range b.spec.Catalogs {
		if c.ID.Value != e.CatalogID.Value {
			continue
		}
		c.Named = true
		for _, p := range e.Code {
			e.Catalogs = appendNew(e.Catalogs, c)
			e.leadTo(p.Value, c)
			for _, n := range b.at(e, p) {
				if values, _ := b.listedIn(n); len(values) > 0 && n != c.Node {
					c.Enums = append(c.Enums, values)
				}
			}
		}
		if c.Envelope == nil {
			c.Envelope = e
		}
		return
	}
	b.found.Errorf(e.CatalogID.Pos, finding.Envelope, "there is no x-error-catalog with the id %s; use the id of one, or omit catalog", finding.Quote(e.CatalogID.Value))
}

func (e *Envelope) leadTo(pointer string, c *Catalog) {
	if e.Leads == nil {
		e.Leads = map[string][]*Catalog{}
	}
	e.Leads[pointer] = appendNew(e.Leads[pointer], c)
	if c.Envelope == nil {
		c.Envelope = e
	}
}

// lead records that a code pointer of an envelope leads to a schema, if that has a catalog.
func (b *builder) lead(e *Envelope, pointer string, schema *load.Node) {
	c := b.byNode[schema]
	if c == nil {
		return
	}
	e.Catalogs = appendNew(e.Catalogs, c)
	if e.leadTo(pointer, c); e.Text.IsSet() { // match rules apply to texts
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
