package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/cli"
	"github.com/specpay/specpay/errgen/internal/explain"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
)

const guide = "../docs/errgen.md"

// TestGuideContainsRules compares the rules in the guide with the output of errgen explain.
func TestGuideContainsRules(t *testing.T) {
	const start, end = "<!-- rules: the output of errgen explain; go test ./errgen -run Guide -update writes it -->\n\n", "\n<!-- end of rules -->\n"
	data, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), start)
	have, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the lines %q and %q around the rules", guide, start, end)
	}
	switch want := explain.Rules(); {
	case have == want:
	case *update:
		if err := os.WriteFile(guide, []byte(before+start+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the rules in %s differ from those of errgen explain (go test ./errgen -run Guide -update writes them)", guide)
	}
}

// text returns the guide without its rules. Their snippets are tested in package explain.
func text(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(data), "\n## Rules\n")
	return before
}

// block returns a block of code of a section of the guide: the first one of a language.
func block(t *testing.T, section, language string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text(t), "\n## "+section+"\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	found := regexp.MustCompile("(?ms)^( *)```" + language + "\n(.*?)^ *```").FindStringSubmatch(rest)
	if !ok || found == nil {
		t.Fatalf("section %q of the guide has no block of %s", section, language)
	}
	return strings.ReplaceAll("\n"+found[2], "\n"+found[1], "\n")[1:]
}

// TestGuideSpecsAreClean lints every snippet of the guide that is a complete spec.
func TestGuideSpecsAreClean(t *testing.T) {
	blocks := regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)^ *```").FindAllStringSubmatch(text(t), -1)
	specs := 0
	for _, b := range blocks {
		spec := strings.ReplaceAll("\n"+b[2], "\n"+b[1], "\n")[1:]
		if !strings.HasPrefix(spec, "openapi:") || !strings.Contains(spec, "x-error-catalog") {
			continue // TestCompilesBesideStockClient runs the one without a catalog
		}
		specs++
		res, err := gen.Generate(load.Source{Name: "errgen.md", Data: []byte(spec)}, gen.Options{})
		if err != nil || len(res.Findings) > 0 || res.Codes == 0 {
			t.Errorf("%v, %d codes, findings %v in\n%s", err, res.Codes, res.Findings, spec)
		}
	}
	if specs < 3 {
		t.Errorf("only %d complete specs were found", specs)
	}
}

// TestGuideCatalogFile applies the guide's catalog file to a spec without extensions.
func TestGuideCatalogFile(t *testing.T) {
	_, rest, _ := strings.Cut(text(t), "- **A catalog file**")
	_, rest, _ = strings.Cut(rest, "  ```yaml\n")
	sidecar, _, ok := strings.Cut(rest, "  ```\n")
	if !ok {
		t.Fatal("the guide shows no catalog file")
	}
	const spec = `openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get: {operationId: listPets, responses: {default: {description: any, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}}}
components:
  schemas:
    Error: {type: object, properties: {code: {type: string}, message: {type: string}}}
`
	src := load.Source{
		Name: "pets.yaml", Data: []byte(spec),
		Catalog: load.Document{Name: "sidecar.yaml", Data: []byte(strings.ReplaceAll("\n"+sidecar, "\n  ", "\n"))},
	}
	res, err := gen.Generate(src, gen.Options{})
	if err != nil || len(res.Findings) > 0 || res.Codes != 1 {
		t.Errorf("%v, %d codes, findings %v", err, res.Codes, res.Findings)
	}
}

// TestGuideIsComplete searches the guide for every flag in the usage and every field that errgen reads.
func TestGuideIsComplete(t *testing.T) {
	page := text(t)
	var usage bytes.Buffer
	if code := cli.Main([]string{"help"}, nil, &usage, &usage); code != 0 {
		t.Fatal(usage.String())
	}
	for _, flag := range regexp.MustCompile(`(?m)[\s\[](-[a-z]+(?:-[a-z]+)*)`).FindAllStringSubmatch(usage.String(), -1) {
		if !strings.Contains(page, "`"+flag[1]) {
			t.Errorf("the flag %s is not in the guide", flag[1])
		}
	}
	const spec = `{openapi: 3.0.3, paths: {/a: {get: {x-idempotency-key: {zzzzzzzz: 1}, x-unknown-outcome: {zzzzzzzz: 1}}}}, components: {schemas: {
		A: {x-error-envelope: {zzzzzzzz: 1, fields: {zzzzzzzz: 1}, outcome: {zzzzzzzz: 1}}},
		B: {x-error-catalog: {zzzzzzzz: 1, codes: {A: {zzzzzzzz: 1, match: [{zzzzzzzz: 1}], examples: [{zzzzzzzz: 1}]}}}}}}}`
	res, err := gen.Generate(load.Source{Name: "all.yaml", Data: []byte(spec)}, gen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	maps := 0
	for _, f := range res.Findings {
		_, fields, ok := strings.Cut(f.Text, "; it may have ")
		if !ok {
			continue
		}
		maps++
		for _, field := range strings.Split(fields, ", ") {
			if !regexp.MustCompile("[`{ ]" + regexp.QuoteMeta(field) + "[`:]").MatchString(page) {
				t.Errorf("%s: the field %s is not in the guide", f.Text, field)
			}
		}
	}
	if maps != 9 {
		t.Errorf("%d maps reported their fields, want 9: %v", maps, res.Findings)
	}
}

// TestProjectSpecsAreStrict lints the specs of this project as make check does, then with an example of a code that has
// another status, with the examples of a response removed, and with a code that the catalog does not have.
func TestProjectSpecsAreStrict(t *testing.T) {
	spec, err := os.ReadFile("../specs/xpay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new, want string }{
		{"", "", ""},
		{"'404': {$ref: '#/components/responses/NotFound'}", "'404': {$ref: '#/components/responses/Forbidden'}", "EG022"},
		{"code: rate_limit\n", "code: rate_limits\n", "EG022"},
		{"examples:\n            internalError: {$ref: '#/components/examples/internalError'}\n", "x-none: true\n", "EG023"},
	} {
		changed := bytes.Replace(spec, []byte(test.old), []byte(test.new), 1)
		if test.old != "" && bytes.Equal(changed, spec) {
			t.Fatalf("xpay.yaml does not contain %s", test.old)
		}
		file := filepath.Join(t.TempDir(), "xpay.yaml")
		writeFile(t, file, changed)
		var out bytes.Buffer
		code := cli.Main([]string{"lint", "-werror", "-q", file}, nil, &out, &out)
		if test.want == "" && code != 0 || test.want != "" && (code != 1 || !strings.Contains(out.String(), test.want)) {
			t.Errorf("%s: exit code %d, want a finding of rule %q and no other exit:\n%s", test.new, code, test.want, out.String())
		}
	}
	var out bytes.Buffer
	if code := cli.Main([]string{"lint", "-config", "../errgen.yaml", "-werror", "-q"}, nil, &out, &out); code != 0 {
		t.Errorf("exit code %d\n%s", code, out.String())
	}
}
