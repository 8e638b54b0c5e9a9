package model

import (
	"strconv"

	"github.com/specpay/specpay/errgen/internal/load"
)

// Resolver finds the schemas behind JSON pointers into the bodies that a schema describes.
type Resolver struct{ set *load.Set }

// At returns the schemas that a value at pointer may have when the whole value has schema n, branches of allOf,
// anyOf and oneOf included. It returns nil when the schema knows no such place.
func (r Resolver) At(n *load.Node, pointer string) []*load.Node {
	now := r.expand([]*load.Node{n})
	for _, token := range load.Tokens(pointer) {
		var next []*load.Node
		for _, schema := range now {
			next = append(next, member(schema, token)...)
		}
		now = r.expand(next)
	}
	return now
}

// member returns the schema of one member of a value.
func member(schema *load.Node, token string) []*load.Node {
	if p := schema.Get("properties").Get(token); p != nil {
		return []*load.Node{p}
	}
	if items := schema.Get("items"); items != nil {
		if _, err := strconv.ParseUint(token, 10, 31); err == nil {
			return []*load.Node{items}
		}
	}
	if more := schema.Get("additionalProperties"); more != nil && more.Kind == load.Map {
		return []*load.Node{more}
	}
	return nil
}

// expand follows references and adds the branches of composed schemas. A reference that leads nowhere is left out:
// it has its own finding.
func (r Resolver) expand(nodes []*load.Node) []*load.Node {
	var out []*load.Node
	seen := map[*load.Node]bool{}
	for len(nodes) > 0 {
		n := nodes[0]
		nodes = nodes[1:]
		end, err := r.set.Follow(n)
		if err != nil || seen[end] {
			continue
		}
		seen[end] = true
		out = append(out, end)
		for _, key := range []string{"allOf", "anyOf", "oneOf"} {
			if branches := end.Get(key); branches != nil && branches.Kind == load.List {
				nodes = append(nodes, branches.Items...)
			}
		}
	}
	return out
}

// MayBe reports whether one of the schemas allows a value of the JSON type, or says nothing about types.
func MayBe(schemas []*load.Node, jsonType string) bool {
	for _, s := range schemas {
		composed := s.Get("allOf") != nil || s.Get("anyOf") != nil || s.Get("oneOf") != nil
		switch t := s.Get("type").Text(); {
		case t == jsonType, t == "" && !composed:
			return true
		}
	}
	return false
}
