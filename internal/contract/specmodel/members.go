package specmodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Member is one member of an object of a document.
type Member struct {
	Pointer, Object, Name string // pointer of the value, pointer of its object, name
	Value                 any
}

// Members returns every member of every object of a document.
func Members(v any) (out []Member) {
	Walk("", v, func(object string, m map[string]any) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			out = append(out, Member{Pointer: object + "/" + name, Object: object, Name: name, Value: m[name]})
		}
	})
	return out
}

// Walk visits every object of a document.
func Walk(at string, v any, visit func(at string, m map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			Walk(at+"/"+name, v[name], visit)
		}
	case []any:
		for i := range v {
			Walk(fmt.Sprintf("%s/%d", at, i), v[i], visit)
		}
	}
}

// At returns the value at a pointer.
func At(v any, pointer string) (any, bool) {
	for _, name := range strings.Split(pointer, "/")[1:] {
		switch d := v.(type) {
		case map[string]any:
			next, found := d[name]
			if !found {
				return nil, false
			}
			v = next
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(d) {
				return nil, false
			}
			v = d[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// OtherCase returns a name with its first letter in the other case: status, Status.
func OtherCase(name string) string {
	if up := strings.ToUpper(name[:1]) + name[1:]; up != name {
		return up
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// What no spec has: an enum value, and a member with a comma after it.
const (
	UnknownValue = "BRAND_NEW_2027"
	NewMember    = `"brand_new_2027":{"deep":[1,{"x":null}],"status":"?"},`
)

// OpenEnum returns the known values of an open enumeration: a string whose anyOf lists
// them in its first branch and permits any other in its second. It returns nil for any
// other schema.
func OpenEnum(s *openapi3.Schema) []any {
	if s.Type.Is("string") && len(s.AnyOf) == 2 {
		return s.AnyOf[0].Value.Enum
	}
	return nil
}

// OpenEnums returns the pointers of members with an open enumeration, without those of
// the error envelope, where an unknown value is not a success.
func OpenEnums(s *openapi3.Schema, doc any) (out []string) {
	EachObject(s, "", doc, func(at string, s *openapi3.Schema, m map[string]any) {
		for name, p := range s.Properties {
			_, text := m[name].(string)
			if text && OpenEnum(p.Value) != nil && s.Extensions["x-error-envelope"] == nil {
				out = append(out, at+"/"+name)
			}
		}
	})
	return out
}

// Required returns the pointers of the members of a document that the schema requires.
func Required(s *openapi3.Schema, doc any) (out []string) {
	EachObject(s, "", doc, func(at string, s *openapi3.Schema, m map[string]any) {
		for _, name := range s.Required {
			if _, found := m[name]; found {
				out = append(out, at+"/"+name)
			}
		}
	})
	return out
}

// EachObject visits the objects of a document with their schemas.
func EachObject(s *openapi3.Schema, at string, doc any, visit func(at string, s *openapi3.Schema, m map[string]any)) {
	if s == nil {
		return
	}
	for _, part := range s.AllOf {
		EachObject(part.Value, at, doc, visit)
	}
	if len(s.AnyOf) > 0 {
		EachObject(s.AnyOf[0].Value, at, doc, visit) // the other alternatives are failures
	}
	switch v := doc.(type) {
	case map[string]any:
		visit(at, s, v)
		for name, p := range s.Properties {
			if below, found := v[name]; found {
				EachObject(p.Value, at+"/"+name, below, visit)
			}
		}
	case []any:
		if s.Items != nil {
			for i := range v {
				EachObject(s.Items.Value, fmt.Sprintf("%s/%d", at, i), v[i], visit)
			}
		}
	}
}
