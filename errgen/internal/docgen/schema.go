package docgen

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// SchemaURL is where the JSON Schema of the JSON form is published.
const SchemaURL = "https://specpay.github.io/specpay/errors/schema.json"

// Schema returns the JSON Schema of the JSON form. Members that a later version adds are valid.
func Schema() []byte {
	s := schemaOf(reflect.TypeFor[jsonFile](), "")
	s["$schema"], s["$id"], s["title"] = "https://json-schema.org/draft/2020-12/schema", SchemaURL, "Error codes of an API, as errgen writes them"
	data, _ := json.MarshalIndent(s, "", "  ") // no error: maps, lists and strings
	return append(data, '\n')
}

func schemaOf(t reflect.Type, name string) map[string]any {
	simple := map[reflect.Kind]string{reflect.Int: "integer", reflect.Bool: "boolean", reflect.String: "string"}
	kind := t.Kind()
	if kind == reflect.Pointer {
		return schemaOf(t.Elem(), name)
	}
	if kind == reflect.Slice {
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), name)}
	}
	if kind == reflect.Struct {
		return object(t)
	}
	s := map[string]any{"type": simple[kind]}
	switch name {
	case "category":
		s["enum"] = wires(model.Categories())
	case "advice":
		s["enum"] = wires(model.Advices())
	case "outcome":
		s["enum"] = wires(model.Outcomes())
	}
	return s
}

func object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := schemaOf(f.Type, name)
		if doc := f.Tag.Get("doc"); doc != "" {
			p["description"] = doc
		}
		properties[name] = p
		if options != "omitempty" {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

func wires(words []model.Word) []string {
	var out []string
	for _, w := range words {
		out = append(out, w.Wire)
	}
	return out
}
