package contract

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// required lists the pointers of the members that a schema requires and a
// document has.
func required(s *openapi3.Schema, doc any) (out []string) {
	eachObject(s, "", doc, func(at string, s *openapi3.Schema, m map[string]any) {
		for _, name := range s.Required {
			if _, found := m[name]; found {
				out = append(out, at+"/"+name)
			}
		}
	})
	return out
}

// eachObject visits the objects of a document together with their schemas.
func eachObject(s *openapi3.Schema, at string, doc any, visit func(at string, s *openapi3.Schema, m map[string]any)) {
	if s == nil {
		return
	}
	for _, part := range s.AllOf {
		eachObject(part.Value, at, doc, visit)
	}
	if len(s.AnyOf) > 0 {
		eachObject(s.AnyOf[0].Value, at, doc, visit) // the others are failures
	}
	switch v := doc.(type) {
	case map[string]any:
		visit(at, s, v)
		for name, p := range s.Properties {
			if below, found := v[name]; found {
				eachObject(p.Value, at+"/"+name, below, visit)
			}
		}
	case []any:
		if s.Items != nil {
			for i := range v {
				eachObject(s.Items.Value, fmt.Sprintf("%s/%d", at, i), v[i], visit)
			}
		}
	}
}
