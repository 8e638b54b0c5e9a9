package sandboxcontract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// errorExamplesAreAnswered compares each example of an error response in the spec with
// the sandbox's response to its code: both have the same members of the same types, or
// the same text. Examples without a code, and those with the code at a place that the
// sandbox uses only with a switch, are left to the tests of the sandbox.
func errorExamplesAreAnswered(t *testing.T, e *harness.Session) {
	bodies := map[string]string{}
	for _, code := range e.Codes {
		value := harness.CodeValue(code)
		err := e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", value))
		if err == nil {
			continue // the code of a success
		}
		bodies[value] = string(e.RequireError(t, err).RawBody)
	}
	doc, compared := specmodel.Load(t, e.Spec).T, 0
	pointers := codePointers(doc)
	for name, example := range errorExamples(doc) {
		if text, ok := example.(string); ok {
			if !slices.ContainsFunc(slices.Collect(maps.Values(bodies)), func(body string) bool { return fixed(body) == fixed(text) }) {
				t.Errorf("example %s: no code of the sandbox has the text %s", name, harness.Short(text))
			}
			compared++
			continue
		}
		code := codeIn(example, pointers)
		if code == "" {
			continue
		}
		body, known := bodies[code]
		switch {
		case !known && strings.Contains(name, " 2"):
			continue // a success that has a code
		case !known:
			t.Errorf("example %s: the sandbox does not return the code %s by name", name, code)
			continue
		}
		var got any
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("example %s: the response of the sandbox to code %s: %v", name, code, err)
		}
		harness.Expect(t, "example "+name+" with code "+code, "members", membersOf(got), membersOf(example))
		compared++
	}
	if compared < 10 {
		t.Errorf("got %d compared examples, want at least 10", compared)
	}
}

// errorExamples returns the examples of the responses of the client's operations that may
// have a code, by operation, status and name. Responses share examples, which are
// returned once. Texts are those of error responses only.
func errorExamples(doc *openapi3.T) map[string]any {
	out, seen := map[string]any{}, map[string]bool{}
	specmodel.EachOperation(doc, func(_, _ string, op *openapi3.Operation) {
		if slices.Contains(op.Tags, "inbound") || slices.Contains(op.Tags, "operator") {
			return // the client excludes these tags
		}
		for status, response := range op.Responses.Map() {
			for _, media := range response.Value.Content {
				for name, value := range examplesOf(media) {
					_, text := value.(string)
					id := fmt.Sprint(value)
					if seen[id] || text && status[0] == '2' {
						continue
					}
					seen[id] = true
					out[op.OperationID+" "+status+" "+name] = value
				}
			}
		}
	})
	return out
}

func examplesOf(media *openapi3.MediaType) map[string]any {
	out := map[string]any{}
	if media.Example != nil {
		out["example"] = media.Example
	}
	for name, ref := range media.Examples {
		out[name] = ref.Value.Value
	}
	return out
}

// codePointers returns the first pointer of the code in each envelope of the spec.
func codePointers(doc *openapi3.T) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		envelope, _ := doc.Components.Schemas[name].Value.Extensions["x-error-envelope"].(map[string]any)
		at, _ := envelope["at"].(string)
		switch code := envelope["code"].(type) {
		case string:
			out = append(out, at+code)
		case []any:
			out = append(out, at+fmt.Sprint(code[0]))
		}
	}
	return out
}

// codeIn returns the code of a body; "" if it has none at one of the pointers.
func codeIn(body any, pointers []string) string {
	for _, pointer := range pointers {
		if code, _ := valueAt(body, pointer).(string); code != "" {
			return code
		}
	}
	return ""
}

func valueAt(v any, pointer string) any {
	for _, name := range strings.Split(pointer, "/")[1:] {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// membersOf describes the members of a value and their JSON types, ordered by name.
func membersOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var members []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			members = append(members, name+": "+membersOf(v[name]))
		}
		return "{" + strings.Join(members, ", ") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + membersOf(v[0]) + "]"
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	}
	return "number"
}

// fixed returns the part of a text before what the provider fills in.
func fixed(text string) string {
	start, _, _ := strings.Cut(strings.TrimSpace(text), ": ")
	return start
}
