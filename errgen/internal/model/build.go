package model

import (
	"errors"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// builder is the state that the readers of the parts share.
type builder struct {
	set    *load.Set
	res    Resolver
	namer  Namer
	found  *finding.List
	spec   *Spec
	byNode map[*load.Node]*Catalog

	samples map[*load.Node][]byte // examples as they appear on the wire, because operations share them
	shared  map[*Envelope]bool    // envelopes whose own schemas have no catalog
}

// Build reads the model from a document. Invalid parts are reported to found and omitted.
func Build(set *load.Set, namer Namer, found *finding.List) (*Spec, Resolver) {
	*found = append(*found, set.Found...)
	b := &builder{
		set: set, res: Resolver{set, set.Siblings()}, namer: namer, found: found,
		spec:   &Spec{Pos: set.Root.Pos(), References: map[*load.Node]bool{}},
		byNode: map[*load.Node]*Catalog{}, samples: map[*load.Node][]byte{}, shared: map[*Envelope]bool{},
	}
	if !b.version() {
		return b.spec, b.res
	}
	if title := set.Root.Get("info").Get("title"); title.Text() != "" {
		b.spec.Title = textOf(title)
		b.spec.Raw = append(b.spec.Raw, title)
	}
	set.Walk(b.visit, b.loose)
	b.link()
	if len(b.spec.Catalogs) > 0 {
		b.spec.Declared = Declared(set, namer)
		b.defaultTypes()
	}
	b.operations(set.Root)
	b.complete()
	b.listed()
	return b.spec, b.res
}

func (b *builder) version() bool {
	root := b.set.Root
	if root.Kind != load.Map {
		b.found.Errorf(root.Pos(), finding.Shape, "an OpenAPI document must be a map that starts with its openapi version, not %s", root.Describe())
		return false
	}
	const reads = "errgen reads OpenAPI 3.0 and 3.1"
	v, old := root.Get("openapi"), root.Get("swagger")
	switch {
	case v == nil && old != nil:
		b.found.Errorf(old.Pos(), finding.Shape, "this is a Swagger %s document, but %s; convert it", old.Value, reads)
		return false
	case v == nil:
		b.found.Errorf(root.Pos(), finding.Shape, "the document has no openapi version; add one, for example openapi: 3.0.3 (%s)", reads)
		return false
	case v.Kind != load.Scalar || !strings.HasPrefix(v.Value, "3.0") && !strings.HasPrefix(v.Value, "3.1"):
		b.found.Errorf(v.Pos(), finding.Shape, "openapi is %s; %s", v.Describe(), reads)
		return false
	}
	return true
}

// loose reports an unresolved reference as a warning, because errgen may not need its target. Code that needs the target
// reports an error.
func (b *builder) loose(err error) {
	var f finding.Finding
	if errors.As(err, &f) {
		f.Severity = finding.Warning
		*b.found = append(*b.found, f)
	}
}

func (b *builder) visit(path []string, n *load.Node) {
	b.beside(n)
	if n.Get(catalogKey) != nil {
		b.catalog(schemaName(path), n)
		b.byNode[n].Component = len(path) == 3 && path[0] == "components" && path[1] == "schemas"
	}
	if n.Get(envelopeKey) != nil {
		b.envelope(schemaName(path), n)
	}
	if list := n.Get(listKey); list != nil {
		b.spec.Lists = append(b.spec.Lists, codeList(b.found, list, listKey)...)
	}
	b.unverified(path, n)
	if load.Ref(n) != nil {
		if next, err := b.set.Next(n); err == nil {
			b.spec.References[next] = true
		}
	}
}

// beside reports extensions that are ignored because they are next to a $ref.
func (b *builder) beside(n *load.Node) {
	if load.Ref(n) == nil || b.res.siblings {
		return
	}
	for _, key := range []string{catalogKey, envelopeKey, unverifiedKey} {
		if k, _ := n.Entry(key); k != nil {
			b.found.Errorf(k.Pos(), finding.Shape, "%s is next to a $ref, where it is ignored before OpenAPI 3.1; "+remedy(key), key)
		}
	}
}

func remedy(key string) string {
	if key == unverifiedKey {
		return "put it next to allOf with the $ref as its only item"
	}
	return "move it to the schema that the $ref leads to"
}

// schemaName derives a name from the path of a schema: that of the component, followed by the properties below it.
func schemaName(path []string) string {
	for i := 0; i+2 < len(path); i++ {
		if path[i] == "components" && path[i+1] == "schemas" {
			path = path[i+2:]
			break
		}
	}
	var parts []string
	for _, p := range path {
		if p != "properties" && p != "items" && p != "$defs" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "_")
}
