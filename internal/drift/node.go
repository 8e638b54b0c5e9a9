package drift

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// node is a schema with its places in the spec.
type node struct {
	schema *openapi3.Schema
	at     location // of the schema itself
	use    location // of the reference to it, or the same as at
	extra  map[string]any
}

func newNode(ref *openapi3.SchemaRef, use location) node {
	if ref == nil {
		return node{}
	}
	n := node{schema: ref.Value, at: use, use: use, extra: ref.Extensions}
	if ref.Ref != "" && use != nil {
		n.at = refLocation(ref.Ref)
	}
	return n
}

// extension returns an extension of the schema, or one beside the reference to it.
func (n node) extension(name string) any {
	if v, ok := n.extra[name]; ok {
		return v
	}
	return n.schema.Extensions[name]
}

// component returns the name of the component schema; "" if it is not one.
func (n node) component() string {
	if len(n.at) == 3 && n.at[0] == "components" && n.at[1] == "schemas" {
		return n.at[2]
	}
	return ""
}

func (n node) allOf() []node { return n.list("allOf", n.schema.AllOf) }

// branches returns the alternatives of anyOf and oneOf.
func (n node) branches() []node {
	return append(n.list("anyOf", n.schema.AnyOf), n.list("oneOf", n.schema.OneOf)...)
}

func (n node) list(key string, refs openapi3.SchemaRefs) (out []node) {
	for i, ref := range refs {
		if ref != nil && ref.Value != nil {
			out = append(out, newNode(ref, n.at.with(key, index(i))))
		}
	}
	return out
}

func (n node) types() []string {
	if n.schema.Type == nil {
		return nil
	}
	return *n.schema.Type
}

// maxCompose is how deep schemas may contain each other without describing a value.
const maxCompose = 32

// permitsNull reports whether a schema permits null. A schema without any constraint
// does.
func (n node) permitsNull(depth int) bool {
	s := n.schema
	if s == nil || depth > maxCompose || s.Nullable || slices.Contains(n.types(), "null") || slices.Contains(s.Enum, nil) {
		return true
	}
	if len(n.types()) > 0 || len(s.Enum) > 0 || len(s.Properties) > 0 {
		return false
	}
	branches, all := n.branches(), n.allOf()
	if len(branches) > 0 && !slices.ContainsFunc(branches, func(b node) bool { return b.permitsNull(depth + 1) }) {
		return false
	}
	return !slices.ContainsFunc(all, func(part node) bool { return !part.permitsNull(depth + 1) })
}

// openEnum returns the values of an enumeration that is open by its form: alternatives
// of strings, of which one has the known values and another has no constraint. Alternatives
// that are never text, such as null, do not count.
func (n node) openEnum() (values []any, at node, ok bool) {
	free := false
	for _, b := range n.branches() {
		b = b.unwrapped()
		s := b.schema
		switch {
		case len(b.types()) > 0 && !slices.Contains(b.types(), "string"):
		case len(b.types()) == 0 && len(s.Enum) == 0:
			return nil, node{}, false
		case len(s.Enum) > 0:
			values, at = append(values, s.Enum...), b
		case s.Pattern == "" && s.Format == "":
			free = true
		}
	}
	return values, at, free && values != nil
}

// unwrapped returns the schema that an allOf with nothing else but annotations wraps.
func (n node) unwrapped() node {
	for range maxCompose {
		s := n.schema
		if all := n.allOf(); len(all) == 1 && len(n.types()) == 0 && len(s.Enum)+len(s.AnyOf)+len(s.OneOf)+len(s.Properties) == 0 && s.Pattern == "" && s.Format == "" {
			n = all[0]
			continue
		}
		break
	}
	return n
}

// hasCatalog reports whether the schema is that of the codes of a catalog.
func (n node) hasCatalog() bool {
	_, ok := n.schema.Extensions["x-error-catalog"].(map[string]any)
	return ok
}

// declaredTypes returns the types that a value may have, through compositions.
func (n node) declaredTypes(depth int) (out []string) {
	if n.schema == nil || depth > maxCompose {
		return nil
	}
	out = append(out, n.types()...)
	for _, part := range append(n.allOf(), n.branches()...) {
		for _, t := range part.declaredTypes(depth + 1) {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// item returns the schema of the items of an array, through compositions.
func (n node) item(depth int) node {
	if n.schema == nil || depth > maxCompose {
		return node{}
	}
	if n.schema.Items != nil {
		return newNode(n.schema.Items, n.at.with("items"))
	}
	for _, part := range append(n.allOf(), n.branches()...) {
		if found := part.item(depth + 1); found.schema != nil {
			return found
		}
	}
	return node{}
}

// property returns the schema of a member, through compositions.
func (n node) property(name string, depth int) node {
	if n.schema == nil || depth > maxCompose {
		return node{}
	}
	if ref := n.schema.Properties[name]; ref != nil {
		return newNode(ref, n.at.with("properties", name))
	}
	for _, part := range append(n.allOf(), n.branches()...) {
		if found := part.property(name, depth+1); found.schema != nil {
			return found
		}
	}
	return node{}
}

// convert returns the value that a text of a parameter or a form stands for. A text that
// does not have the declared type stays a text.
func (n node) convert(texts []string) any {
	types := n.declaredTypes(0)
	text := strings.Join(texts, ",")
	if len(types) == 0 {
		return text
	}
	if slices.Contains(types, "array") {
		if len(texts) == 1 {
			texts = strings.Split(text, ",")
		}
		list := []any{}
		for _, t := range texts {
			list = append(list, n.item(0).convert([]string{t}))
		}
		return list
	}
	if slices.Contains(types, "string") {
		return text
	}
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) == nil && !d.More() && fits(types, v) {
		return v
	}
	return text
}

// typeOf returns the JSON type of a value; integer for a whole number.
func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		if isWhole(v) {
			return "integer"
		}
	}
	return "number"
}

func isWhole(n json.Number) bool {
	if !strings.ContainsAny(n.String(), ".eE") {
		return true
	}
	f, err := n.Float64()
	return err == nil && f == float64(int64(f))
}

// fits reports whether a value has one of the types; no types permit all.
func fits(types []string, v any) bool {
	t := typeOf(v)
	return len(types) == 0 || slices.Contains(types, t) || t == "integer" && slices.Contains(types, "number")
}
