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
	JSON   bool   // declares JSON
	Mixed  bool   // declares JSON and other media types
	Shapes []Shape
	Bodies []Body // the media types, in the order of the spec
}

// Shape is an envelope that a response may have, with the media type that has it.
type Shape struct {
	Envelope *Envelope
	Media    string
}

// Success returns the status of a declared success, 0 for 2XX; ok is false for any other response, default included.
func (r *Reply) Success() (status int, ok bool) {
	if strings.EqualFold(r.Status, "2XX") {
		return 0, true
	}
	n, err := strconv.Atoi(r.Status)
	return n, err == nil && n >= 200 && n <= 299
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

// shapes finds the envelopes of a body. An envelope is on the schema of the body, or on the part that its at points to.
func (b *builder) shapes(schema *load.Node, media string) []Shape {
	var out []Shape
	for _, e := range b.spec.Envelopes {
		nodes := append(b.res.At(schema, ""), b.res.At(schema, e.At.Value)...)
		if slices.Contains(nodes, e.Node) {
			out = append(out, Shape{e, media})
		}
	}
	return out
}
