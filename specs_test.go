package specpay_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/specpay/specpay/internal/contract/sample"
)

// The specs must be portable: tools that know nothing of this repository read them.
// make portable runs the linters and a generator of another language.

// hint matches what only our own generation reads, and keywords that no other tool knows.
var hint = regexp.MustCompile(`^(x-go-.*|x-omit.*|x-oapi-codegen-.*|x-enum-varnames|x-enumNames|x-order|x-extensible-enum)$`)

// TestSpecsUseStandardKeywords checks that Go types and names are in the overlays only,
// and that no schema relies on a keyword whose meaning depends on the tool.
func TestSpecsUseStandardKeywords(t *testing.T) {
	for _, provider := range providers {
		data, err := os.ReadFile("specs/" + provider + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		maps := 0
		eachMap(&doc, func(n *yaml.Node) {
			maps++
			keys := map[string]bool{}
			for i := 0; i < len(n.Content); i += 2 {
				key := n.Content[i].Value
				keys[key] = true
				if hint.MatchString(key) {
					t.Errorf("specs/%s.yaml:%d: %s belongs in specs/overlays/%[1]s.yaml; an open enumeration is an anyOf of the enum and any string", provider, n.Line, key)
				}
			}
			if keys["$ref"] && len(keys) > 1 {
				t.Errorf("specs/%s.yaml:%d: OpenAPI 3.0 ignores what stands beside $ref; write allOf: [{$ref: ...}]", provider, n.Line)
			}
			if keys["nullable"] && !keys["type"] {
				t.Errorf("specs/%s.yaml:%d: nullable without type has no effect", provider, n.Line)
			}
		})
		if maps < 100 {
			t.Errorf("specs/%s.yaml: visited %d maps, want at least 100", provider, maps)
		}
	}
}

func eachMap(n *yaml.Node, visit func(*yaml.Node)) {
	if n.Kind == yaml.MappingNode {
		visit(n)
	}
	for _, c := range n.Content {
		eachMap(c, visit)
	}
}

// imperative matches a summary like "Create an invoice.". The generated comment of a
// method adds an s to the verb, so a verb like search does not fit.
var imperative = regexp.MustCompile(`^[A-Z][a-z]*[^s\Whxyzo] .*[^.]\.$`)

// TestOperationsArePresentable checks what pages and generators of any language show:
// summaries, tags with a description, and whom to ask.
func TestOperationsArePresentable(t *testing.T) {
	for _, provider := range providers {
		doc, err := openapi3.NewLoader().LoadFromFile("specs/" + provider + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if doc.Info.Contact == nil || doc.Info.Contact.URL == "" || doc.Info.License == nil || doc.Info.License.URL == "" {
			t.Errorf("specs/%s.yaml: info needs contact and license with a URL", provider)
		}
		seen := map[string]bool{} // IDs: generators write a callback again for each operation that refers to it
		check := func(op *openapi3.Operation) {
			if seen[op.OperationID] {
				t.Errorf("specs/%s.yaml: %s occurs twice; only one operation may refer to a callback", provider, op.OperationID)
			}
			seen[op.OperationID] = true
			// A notification is delivered or received, not called: notify has no comment in Go.
			if !imperative.MatchString(op.Summary) && !strings.HasPrefix(op.Summary, "Notify ") {
				t.Errorf("specs/%s.yaml: summary of %s: got %q, want a sentence that starts with a verb in the imperative", provider, op.OperationID, op.Summary)
			}
			if len(op.Tags) != 1 || doc.Tags.Get(op.Tags[0]) == nil || doc.Tags.Get(op.Tags[0]).Description == "" {
				t.Errorf("specs/%s.yaml: tags of %s: got %q, want one that has a description", provider, op.OperationID, op.Tags)
			}
		}
		for _, item := range doc.Paths.Map() {
			for _, op := range item.Operations() {
				check(op)
				for name, callback := range op.Callbacks {
					for url, item := range callback.Value.Map() {
						if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "{$request.body#/") {
							t.Errorf("specs/%s.yaml: callback %s: got %s, want a runtime expression or a URL", provider, name, url)
						}
						for _, op := range item.Operations() {
							check(op)
						}
					}
				}
			}
		}
	}
}

// TestTextsNameOperationsByID: the descriptions are read with every language, so they use operation IDs and not the names of
// Go methods.
func TestTextsNameOperationsByID(t *testing.T) {
	for _, provider := range providers {
		text, err := os.ReadFile("specs/" + provider + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]string{} // by the name of the method
		for _, id := range regexp.MustCompile(`operationId: (\w+)`).FindAllSubmatch(text, -1) {
			ids[strings.ToUpper(string(id[1][:1]))+string(id[1][1:])] = string(id[1])
		}
		if len(ids) < 3 {
			t.Errorf("specs/%s.yaml: %d operations", provider, len(ids))
		}
		for _, word := range regexp.MustCompile(`\b[A-Z][a-z]+[A-Z]\w*`).FindAll(text, -1) { // not Pay and Refund
			if id := ids[string(word)]; id != "" {
				t.Errorf("specs/%s.yaml: a text has %s; write %s", provider, word, id)
			}
		}
	}
}

// TestDefaultTemplatesCompile generates clients as anybody else would, without our
// config, overlays and templates, and compiles them. The files exist only in the
// overlay of the go command.
func TestDefaultTemplatesCompile(t *testing.T) {
	temp := t.TempDir()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	some := []string{"openapi"} // has the most callbacks; make check compiles all
	if sample.Full() {
		some = providers
	}
	replace := map[string]string{}
	args := []string{"build", "-overlay", filepath.Join(temp, "overlay.json")}
	for _, provider := range some {
		generated := filepath.Join(temp, provider+".go")
		run(t, "run", "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen", "-generate", "types,client", "-package", provider, "-o", generated, "specs/"+provider+".yaml")
		replace[filepath.Join(root, "portable", provider, "client.go")] = generated
		args = append(args, "./portable/"+provider)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(temp, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, args...)
}

// run runs the go command.
func run(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestExamplesMatchTheirSchemas validates every example of every spec against its schema.
func TestExamplesMatchTheirSchemas(t *testing.T) {
	for _, p := range providers {
		doc, err := openapi3.NewLoader().LoadFromFile("specs/" + p + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if len(doc.Components.Examples) == 0 {
			t.Errorf("%s has no examples in components", p)
		}
		if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
}
