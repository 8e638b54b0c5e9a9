package model

import (
	"cmp"
	"path"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// Body is one media type of a response.
type Body struct {
	Pos     finding.Pos // of the name of the media type
	Media   string
	Schema  *load.Node // nil if none is declared
	Names   []string   // that the Go type of the body may have; "" if the schema has none
	Shapes  []Shape
	Samples []Sample
}

// Sample is an example of a body, as example or examples of the media type declares it.
type Sample struct {
	Node  *load.Node
	Bytes []byte // the body on the wire
}

// The samples that are kept: how many of a media type, and how large each, in bytes. Others are not checked.
const (
	maxSamples = 100
	maxSample  = 64 << 10
)

// body reads a media type of a response.
func (b *builder) body(name, media *load.Node) Body {
	out := Body{Pos: name.Pos(), Media: name.Value, Schema: media.Get("schema")}
	if out.Schema != nil {
		out.Shapes, out.Names = b.shapes(out.Schema, name.Value), b.typeNames(out.Schema)
	}
	if len(b.spec.Catalogs) == 0 {
		return out
	}
	b.sample(&out, media.Get("example"))
	named := media.Get("examples")
	if named == nil || named.Kind != load.Map {
		return out
	}
	for _, item := range named.Items {
		if item, err := b.set.Follow(item); err == nil { // a broken reference is not errgen's matter
			b.sample(&out, item.Get("value")) // an externalValue is in another file, which may be of any format
		}
	}
	return out
}

// typeNames returns the names that the Go type of a schema may have: of the component that it refers to, and of those that this
// one only renames.
func (b *builder) typeNames(schema *load.Node) []string {
	var out []string
	for range maxPath {
		if goType := schema.Get("x-go-type").Text(); goType != "" {
			return append(out, goType[strings.LastIndexByte(goType, '.')+1:])
		}
		if name := cmp.Or(schema.Get("x-go-name"), schema.Get("x-go-type-name")).Text(); name != "" {
			out = append(out, name)
		}
		if all := schema.Get("allOf"); all != nil && len(all.Items) == 1 && schema.Get("properties") == nil {
			schema = all.Items[0]
		}
		ref := load.Ref(schema)
		if ref == nil {
			break
		}
		out = append(out, refName(ref))
		next, err := b.set.Next(schema)
		if err != nil {
			break
		}
		schema = next
	}
	if out == nil {
		return []string{""}
	}
	return out
}

// refName returns the last token of a reference, or the name of a file without its extension.
func refName(ref *load.Node) string {
	file, pointer, _ := strings.Cut(ref.Value, "#")
	if pointer == "" {
		return strings.TrimSuffix(path.Base(file), path.Ext(file))
	}
	tokens := load.Tokens(pointer)
	if len(tokens) == 0 {
		return ""
	}
	return tokens[len(tokens)-1]
}

func (b *builder) sample(to *Body, value *load.Node) {
	if value == nil || len(to.Samples) == maxSamples {
		return
	}
	data, ok := b.samples[value]
	if !ok {
		data = wire(value, isJSON(to.Media))
		b.samples[value] = data
	}
	if len(data) <= maxSample {
		to.Samples = append(to.Samples, Sample{value, data})
	}
}

// wire returns an example as it appears on the wire. A string is a text, or JSON as text.
func wire(value *load.Node, json bool) []byte {
	if value.Kind == load.Scalar {
		text := strings.TrimSpace(value.Value)
		if !json || value.Tag == load.Str && (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) {
			return []byte(value.Value)
		}
	}
	return value.JSON()
}
