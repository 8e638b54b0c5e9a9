package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
)

// Reply is one declared response of an operation.
type Reply struct {
	Status string // its key: 200, 2XX or default
	Name   string // of the component that it refers to; "" for none
	JSON   bool   // declares JSON
	Mixed  bool   // declares JSON and other media types
	Shapes []Shape
	Bodies []Body // the media types, in the order of the spec
}

// Shape is what a body of a response may be read with, and the media type of that body.
type Shape struct {
	Reader
	Media string
}

// Success returns the status of a declared success, 0 for 2XX; ok is false for any other response, default included.
func (r *Reply) Success() (status int, ok bool) {
	if strings.EqualFold(r.Status, "2XX") {
		return 0, true
	}
	n, err := strconv.Atoi(r.Status)
	return n, err == nil && n >= 200 && n <= 299
}

// TypeNames returns the names that the Go types of the JSON bodies may have, "" for one without a name; nil if there is none.
func (r *Reply) TypeNames() []string {
	var out []string
	for _, body := range r.Bodies {
		if !isJSON(body.Media) {
			continue
		}
		for _, name := range body.Names {
			out = appendNew(out, name)
		}
	}
	if out != nil && r.Name != "" {
		out = appendNew(out, r.Name)
	}
	return out
}

// Answers reports whether a response of the operation may have the envelope.
func (o *Operation) Answers(e *Envelope) bool {
	return slices.ContainsFunc(o.Replies, func(r Reply) bool {
		return slices.ContainsFunc(r.Shapes, func(s Shape) bool { return s.Envelope == e })
	})
}

// reply reads a response.
func (b *builder) reply(status string, response *load.Node) Reply {
	r := Reply{Status: status}
	content := response.Get("content")
	if content == nil || content.Kind != load.Map {
		return r
	}
	other := false
	for i, k := range content.Keys {
		if isJSON(k.Value) {
			r.JSON = true
		} else {
			other = true
		}
		body := b.body(k, content.Items[i])
		r.Shapes = append(r.Shapes, body.Shapes...)
		r.Bodies = append(r.Bodies, body)
	}
	r.Mixed = r.JSON && other
	return r
}

func isJSON(media string) bool {
	media, _, _ = strings.Cut(strings.ToLower(media), ";")
	media = strings.TrimSpace(media)
	return strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
}

// shapes finds the envelopes of a body, and the catalogs of its codes. An envelope is on the schema of the body, on one that
// it is composed of, or on the part that its at points to.
func (b *builder) shapes(schema *load.Node, media string) []Shape {
	var out []Shape
	body := b.res.At(schema, "")
	for _, e := range b.spec.Envelopes {
		nodes := body
		if e.At.Value != "" {
			nodes = slices.Concat(body, b.res.At(schema, e.At.Value))
		}
		if slices.Contains(nodes, e.Node) {
			for _, r := range b.readers(schema, e) {
				out = append(out, Shape{r, media})
			}
		}
	}
	return out
}

// readers returns the readers of a body. If the schema of the envelope has no catalog, because several bodies share it, the
// catalog is that of the body's own schema.
func (b *builder) readers(schema *load.Node, e *Envelope) []Reader {
	if !b.shared[e] {
		return e.Readers()
	}
	var out []Reader
	for _, p := range e.Code {
		if _, ok := HeaderName(p.Value); ok {
			continue
		}
		for _, n := range b.res.At(schema, e.At.Value+p.Value) {
			e.Numbers[p.Value] = e.Numbers[p.Value] || isInteger(n)
			if c := b.byNode[n]; c != nil && (c.Envelope == nil || b.shared[c.Envelope]) {
				b.lead(e, p.Value, n)
				out = appendNew(out, Reader{e, c})
			}
		}
	}
	if out == nil {
		out = append(out, Reader{e, nil}) // see complete
	}
	return out
}

// complete replaces the readers of bodies without a catalog by those that other bodies have with the same envelope.
func (b *builder) complete() {
	for _, op := range b.spec.Operations {
		for i := range op.Replies {
			r := &op.Replies[i]
			var shapes []Shape
			for _, s := range r.Shapes {
				if s.Catalog != nil {
					shapes = append(shapes, s)
					continue
				}
				for _, reader := range s.Envelope.Readers() {
					shapes = append(shapes, Shape{reader, s.Media})
				}
			}
			r.Shapes = shapes
		}
	}
}
