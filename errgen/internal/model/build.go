package model

import (
	"errors"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// builder carries what the readers of the parts share.
type builder struct {
	set    *load.Set
	res    Resolver
	namer  Namer
	found  *finding.List
	spec   *Spec
	byNode map[*load.Node]*Catalog
}

// Build reads the model out of a document. What has the wrong shape is reported to found and left out.
func Build(set *load.Set, namer Namer, found *finding.List) (*Spec, Resolver) {
	*found = append(*found, set.Found...)
	b := &builder{
		set: set, res: Resolver{set}, namer: namer, found: found,
		spec:   &Spec{Pos: set.Root.Pos(), References: map[*load.Node]bool{}},
		byNode: map[*load.Node]*Catalog{},
	}
	if !b.version() {
		return b.spec, b.res
	}
	if title := set.Root.Get("info").Get("title"); title.Text() != "" {
		b.spec.Title = textOf(title)
		b.spec.Raw = append(b.spec.Raw, title)
	}
	b.schemaNames(set.Root)
	set.Walk(b.visit, b.loose)
	b.link()
	b.operations(set.Root)
	b.listed()
	return b.spec, b.res
}

func (b *builder) version() bool {
	root := b.set.Root
	if root.Kind != load.Map {
		b.found.Errorf(root.Pos(), finding.Shape, "an OpenAPI document is a map that starts with its openapi version, not %s", root.Describe())
		return false
	}
	v := root.Get("openapi")
	if v == nil {
		b.found.Errorf(root.Pos(), finding.Shape, "the document has no openapi version; errgen reads OpenAPI 3.0, for example openapi: 3.0.3")
		return false
	}
	if v.Kind != load.Scalar || !strings.HasPrefix(v.Value, "3.") {
		b.found.Errorf(v.Pos(), finding.Shape, "openapi is %s; errgen reads versions 3.x", v.Describe())
		return false
	}
	return true
}

// loose reports a reference that the walk could not follow. It is only a warning, since errgen may not need
// what it leads to; whoever needs it reports it as an error.
func (b *builder) loose(err error) {
	var f finding.Finding
	if errors.As(err, &f) {
		f.Severity = finding.Warning
		*b.found = append(*b.found, f)
	}
}

func (b *builder) visit(path []string, n *load.Node) {
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
	if load.Ref(n) != nil {
		if end, err := b.set.Follow(n); err == nil {
			b.spec.References[end] = true
		}
	}
}

// schemaName makes a name from the way to a schema: the component's, with the properties that lead further in.
func schemaName(path []string) string {
	for i := 0; i+2 < len(path); i++ {
		if path[i] == "components" && path[i+1] == "schemas" {
			path = path[i+2:]
			break
		}
	}
	var parts []string
	for _, p := range path {
		if p != "properties" && p != "items" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "_")
}
