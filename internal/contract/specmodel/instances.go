package specmodel

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Maker makes JSON values that match schemas. A value that an example of a response has
// for a schema is used wherever the schema occurs.
type Maker map[*openapi3.Schema]any

// Learn remembers the values of an example.
func (k Maker) Learn(s *openapi3.Schema, example any) {
	for _, part := range append(append(openapi3.SchemaRefs{}, s.AnyOf...), s.AllOf...) {
		k.Learn(part.Value, example)
	}
	m, _ := example.(map[string]any)
	for name, p := range s.Properties {
		if v := m[name]; v != nil && p.Ref != "" && k[p.Value] == nil {
			k[p.Value] = v
		}
	}
}

// Instance makes a value with every member of the schema down to a depth, from the
// examples of the spec where it has any.
func (k Maker) Instance(s *openapi3.Schema, depth int) any {
	if v, found := k[s]; found && !s.Type.Is("array") && (!s.Type.Is("object") || s.Extensions["x-error-envelope"] != nil) {
		return v
	}
	switch {
	case s.Example != nil && (!s.Type.Is("object") || depth < 2):
		return s.Example
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Extensions["x-error-catalog"] != nil:
		return anyCode(s.Extensions["x-error-catalog"])
	case len(s.AllOf) == 1 && len(s.Properties) == 0:
		return k.Instance(s.AllOf[0].Value, depth)
	case len(s.OneOf) > 0:
		return k.Instance(s.OneOf[0].Value, depth)
	case len(s.AnyOf) > 0 && !s.Type.Is("object"):
		return k.Instance(s.AnyOf[0].Value, depth)
	case s.Type.Is("array"):
		return k.items(s, depth)
	case s.Type.Is("boolean"):
		return true
	case s.Type.Is("integer"), s.Type.Is("number"):
		return number(s)
	case s.Type.Is("string"):
		return text(s)
	}
	return k.object(s, depth)
}

// anyCode returns a code that means success if the catalog has one, otherwise the
// first by name.
func anyCode(catalog any) any {
	codes, _ := catalog.(map[string]any)["codes"].(map[string]any)
	names := slices.Sorted(maps.Keys(codes))
	for _, name := range names {
		if code, _ := codes[name].(map[string]any); code["outcome"] == "ok" {
			return name
		}
	}
	return names[0]
}

func (k Maker) items(s *openapi3.Schema, depth int) any {
	if depth <= 0 && s.MinItems == 0 || s.Items == nil {
		return []any{}
	}
	list := []any{}
	for range max(1, s.MinItems) {
		list = append(list, k.Instance(s.Items.Value, depth-1))
	}
	return list
}

func (k Maker) object(s *openapi3.Schema, depth int) map[string]any {
	out := map[string]any{}
	for _, part := range s.AllOf {
		if m, ok := k.Instance(part.Value, depth).(map[string]any); ok {
			maps.Copy(out, m)
		}
	}
	for name, p := range s.Properties {
		if depth > 0 || slices.Contains(s.Required, name) {
			out[name] = k.Instance(p.Value, depth-1)
		}
	}
	return out
}

func number(s *openapi3.Schema) any {
	if s.Min != nil && *s.Min > 1 {
		return *s.Min
	}
	return float64(1)
}

// text tries some strings until one matches the schema.
func text(s *openapi3.Schema) any {
	for _, try := range []string{
		"text", "100", "1", "100.00", "A1", "EUR", "usd", "2026-01-02", "2026-01-02T03:04:05Z", "a@shop.example", "https://shop.example/x",
		"0123456789abcdef0123456789abcdef", "#102030", "true", "+201000000000", strings.Repeat("a", int(s.MinLength)),
	} {
		if s.VisitJSON(try, openapi3.EnableFormatValidation()) == nil {
			return try
		}
	}
	return "text"
}

// Encode encodes a value, with members ordered by name.
func Encode(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return out
}

// Decode decodes JSON without converting numbers to floats.
func Decode(b []byte) any {
	var v any
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}
