package model

import (
	"strconv"

	"github.com/specpay/specpay/errgen/internal/load"
)

// Resolver finds the schemas that JSON pointers into a body lead to.
type Resolver struct {
	set      *load.Set
	siblings bool // members next to a $ref count
}

// At returns the schemas of the value at pointer in a value of schema n, including branches of allOf, anyOf and oneOf. It
// returns nil if the schema has no such value.
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

// All returns the schemas that every value of schema n matches: n itself and the branches of allOf.
func (r Resolver) All(n *load.Node) []*load.Node {
	out, seen := []*load.Node(nil), map[*load.Node]bool{}
	for nodes := []*load.Node{n}; len(nodes) > 0; nodes = nodes[1:] {
		n, err := r.set.Follow(nodes[0])
		if err != nil || seen[n] {
			continue
		}
		seen[n] = true
		out = append(out, n)
		if all := n.Get("allOf"); all != nil && all.Kind == load.List {
			nodes = append(nodes, all.Items...)
		}
	}
	return out
}

// member returns the schema of one member of a value.
func member(schema *load.Node, token string) []*load.Node {
	if p := schema.Get("properties").Get(token); p != nil {
		return []*load.Node{p}
	}
	if token == "*" {
		token = "0"
	}
	if i, err := strconv.ParseUint(token, 10, 31); err == nil {
		if first := schema.Get("prefixItems"); first != nil && i < uint64(len(first.Items)) {
			return []*load.Node{first.Items[i]}
		}
		if items := schema.Get("items"); items != nil {
			return []*load.Node{items}
		}
	}
	if more := schema.Get("additionalProperties"); more != nil && more.Kind == load.Map {
		return []*load.Node{more}
	}
	return nil
}

// expand follows references and adds the branches of composed schemas. An unresolved reference is omitted and
// is a finding of its own.
func (r Resolver) expand(nodes []*load.Node) []*load.Node {
	var out []*load.Node
	seen := map[*load.Node]bool{}
	for len(nodes) > 0 {
		n := nodes[0]
		nodes = nodes[1:]
		if seen[n] {
			continue
		}
		seen[n] = true
		if load.Ref(n) != nil {
			if next, err := r.set.Next(n); err == nil {
				nodes = append(nodes, next)
			}
			if !r.siblings || len(n.Keys) == 1 {
				continue
			}
		}
		out = append(out, n)
		nodes = append(nodes, branches(n)...)
	}
	return out
}

// branches returns the subschemas that apply to the same value as n.
func branches(n *load.Node) []*load.Node {
	var out []*load.Node
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		if list := n.Get(key); list != nil && list.Kind == load.List {
			out = append(out, list.Items...)
		}
	}
	for _, key := range []string{"then", "else"} {
		if branch := n.Get(key); branch != nil {
			out = append(out, branch)
		}
	}
	return out
}

// IsString reports whether a value of the schema is a string or null.
func (r Resolver) IsString(schema *load.Node) bool {
	found := false
	for _, s := range r.expand([]*load.Node{schema}) {
		for _, t := range typesOf(s) {
			switch t {
			case "string":
				found = true
			case "null":
			default:
				return false
			}
		}
	}
	return found
}

// isInteger reports whether a schema allows integers by its type or its values.
func isInteger(schema *load.Node) bool {
	types := typesOf(schema)
	return contains(types, "integer") || contains(types, "number")
}

// typesOf returns the JSON types of the schema's own type, enum or const.
func typesOf(schema *load.Node) []string {
	if t := schema.Get("type"); t != nil {
		if t.Kind != load.List {
			return []string{t.Text()}
		}
		var out []string
		for _, item := range t.Items {
			out = append(out, item.Text())
		}
		return out
	}
	values := schema.Get("enum")
	if v := schema.Get("const"); v != nil {
		values = &load.Node{Kind: load.List, Items: []*load.Node{v}}
	}
	if values == nil {
		return nil
	}
	var out []string
	for _, v := range values.Items {
		out = append(out, jsonType(v))
	}
	return out
}

func jsonType(v *load.Node) string {
	switch v.Kind {
	case load.Map:
		return "object"
	case load.List:
		return "array"
	}
	return [...]string{load.Str: "string", load.Int: "integer", load.Float: "number", load.Bool: "boolean", load.Null: "null", load.Other: "string"}[v.Tag]
}

// MayBe reports whether one of the schemas allows a value of the JSON type, or does not restrict the type.
func MayBe(schemas []*load.Node, jsonType string) bool {
	for _, s := range schemas {
		types := typesOf(s)
		if contains(types, jsonType) || len(types) == 0 && load.Ref(s) == nil && len(branches(s)) == 0 {
			return true
		}
	}
	return false
}
