package drift

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// schemaAt returns the schema of a node, or the component that its location names.
func (s *Spec) schemaAt(n node) *openapi3.Schema {
	if n.schema != nil {
		return n.schema
	}
	if name := n.component(); name != "" && s.doc.Components != nil && s.doc.Components.Schemas[name] != nil {
		return s.doc.Components.Schemas[name].Value
	}
	return nil
}

// nullable permits null at one use of a schema. A reference is wrapped, because nothing
// beside it counts in OpenAPI 3.0 and the schema itself may be used elsewhere.
func (s *Spec) nullable(n node) []action {
	if n.use == nil {
		return nil
	}
	if !slices.Equal(n.use, n.at) {
		ref := object{{"$ref", pointerTo(n.at)}}
		null := object{{"nullable", true}, {"allOf", []any{ref}}}
		if s.v31 {
			null = object{{"anyOf", []any{ref, object{{"type", "null"}}}}}
		}
		return []action{{at: n.use.with("$ref"), remove: true}, {at: n.use, update: null}}
	}
	if !s.v31 {
		return []action{{at: n.at, update: object{{"nullable", true}}}}
	}
	types := n.types()
	if len(types) == 0 {
		return []action{{at: n.at, update: object{{"anyOf", []any{object{{"type", "null"}}}}}}}
	}
	return s.retype(n, append(slices.Clone(types), "null"))
}

func (s *Spec) retype(n node, types []string) []action {
	return []action{{at: n.at.with("type"), remove: true}, {at: n.at, update: object{{"type", typeValue(types)}}}}
}

// otherType permits another type where the declared one is a scalar or a list of
// alternatives. The constraints of the declared type move into an alternative.
func (s *Spec) otherType(f *Finding) []action {
	n := f.problem.node
	if n.schema == nil || len(f.form.types) == 0 || f.form.types["object"] || f.form.types["array"] {
		return nil
	}
	seen := f.form.schema(s.v31)
	switch {
	case len(n.schema.AnyOf) > 0:
		return []action{{at: n.at, update: object{{"anyOf", []any{seen}}}}}
	case len(n.schema.OneOf) > 0:
		return []action{{at: n.at, update: object{{"oneOf", []any{seen}}}}}
	case len(n.types()) == 0 || len(n.schema.Properties) > 0 || n.schema.Items != nil:
		return nil
	case s.v31 && len(n.schema.Enum) == 0:
		types := slices.Clone(n.types())
		for _, t := range slices.Sorted(maps.Keys(f.form.types)) {
			if !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
		out := s.retype(n, types)
		for _, key := range f.dropped {
			out = append(out, action{at: n.at.with(key), remove: true})
		}
		return out
	}
	declared := append(object{{"type", typeValue(n.types())}}, constraints(n)...)
	var out []action
	for i, m := range declared {
		out = append(out, action{at: n.at.with(m.key), remove: true})
		if list, ok := m.value.([]any); ok && m.key == "enum" {
			for _, v := range f.values {
				list = append(list, v)
			}
			declared[i].value = list
		}
	}
	declared = slices.DeleteFunc(declared, func(m member) bool { return slices.Contains(f.dropped, m.key) })
	return append(out, action{at: n.at, update: object{{"anyOf", []any{declared, seen}}}})
}

// typeValue returns types as the value of type.
func typeValue(types []string) any {
	if len(types) == 1 {
		return types[0]
	}
	list := []any{}
	for _, t := range types {
		list = append(list, t)
	}
	return list
}

// pointerTo returns a location as a reference.
func pointerTo(l location) string {
	out := "#"
	for _, key := range l {
		if isIndex(key) {
			key = key[1:]
		}
		out += "/" + escaped(key)
	}
	return out
}
