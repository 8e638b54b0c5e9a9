package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specpay/specpay/errgen/internal/cli"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
)

// foreign is the spec of the catalog files and overlays below.
const foreign = `openapi: 3.0.3
info: {title: Theirs, version: '1'}
paths: {/a: {get: {responses: {default: {$ref: '#/components/responses/Bad'}}}}}
components:
  responses: {Bad: {description: no, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}}
  schemas: {Error: {type: object, properties: {code: {type: string}}}}
`

// TestHostileTexts puts code-like texts into every text field of a catalog file and of an overlay. Each must be an error or
// remain plain text.
func TestHostileTexts(t *testing.T) {
	places := []string{
		"codes: {%s: {http: 400, category: unknown, advice: never, description: x, resolution: y}}",
		"codes: {A: {name: %s, http: 400, category: unknown, advice: never, description: x, resolution: y}}",
		"codes: {A: {http: 400, category: unknown, advice: never, description: %s, resolution: y}}",
		"codes: {A: {http: 400, category: unknown, advice: never, description: x, resolution: %s, title: %[1]s}}",
		"codes: {A: {http: 400, category: unknown, advice: never, x-unverified: %s, deprecated: %[1]s, since: %[1]s}}",
		"codes: {A: {http: 400, category: unknown, advice: never, description: x, resolution: y, customer: {en: %s}, params: {a: %[1]s}, aliases: [%[1]s]}}",
		"page: %s, codes: {A: {http: 400, category: unknown, advice: never, description: x, resolution: y}}",
		"type: %s, codes: {A: {http: 400, category: unknown, advice: never, description: x, resolution: y}}",
	}
	texts := []string{
		"*/ func init() { panic(1) } /*", "x\nfunc init() { panic(1) }", "x\u2028func init() {}", "x\rfunc init() {}", "`+panic(1)+`", `"+panic("1")+"`,
		"\u202e evil", "evil \u2066", "//go:embed /etc/passwd", "+build ignore", "#cgo LDFLAGS: x", "line main.go:1", "</script><script>alert(1)</script>",
		"${{ secrets }}", "{{.}}", "%s%n%!d(MISSING)", "]]>--><!--", "\U000e0041",
	}
	for _, place := range places {
		for _, text := range texts {
			quoted := strings.NewReplacer("\U000e0041", `\U000e0041`, "\u2028", `\u2028`).Replace(fmt.Sprintf("%q", text))
			catalog := "{x-error-catalog: {id: a, " + fmt.Sprintf(place, quoted) + "}}"
			checkHarmless(t, load.Source{Catalog: load.Document{Name: "c.yaml", Data: []byte(
				"/components/schemas/Error: {x-error-envelope: {code: /code}}\n/components/schemas/Error/properties/code: " + catalog + "\n")}})
			checkHarmless(t, load.Source{Overlay: load.Document{Name: "o.yaml", Data: []byte("overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n" +
				"- {target: $.components.schemas.Error, update: {x-error-envelope: {code: /code}}}\n" +
				"- {target: $.components.schemas.Error.properties.code, update: " + catalog + "}\n")}})
		}
	}
}

// checkHarmless generates from a source. The result must be findings, or files in which the text is neither code nor markup.
func checkHarmless(t *testing.T, src load.Source) {
	t.Helper()
	src.Name, src.Data, src.Files = "spec.yaml", []byte(foreign), fstest.MapFS{}
	res, err := gen.Generate(src, everything(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.Findings {
		if f.Rule == finding.Syntax {
			t.Fatalf("the test is invalid: %s", f)
		}
	}
	data := res.Files["shop/errors.gen.go"]
	if data == nil {
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", data, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && (f.Name.Name == "init" || f.Name.Name == "main") {
			t.Errorf("the text became code:\n%s", data)
		}
	}
	for _, c := range file.Comments {
		if strings.HasPrefix(c.List[0].Text, "//go:") || strings.HasPrefix(c.List[0].Text, "// +build") {
			t.Errorf("the text became a directive: %s", c.List[0].Text)
		}
	}
	for name, data := range res.Files {
		if bytes.ContainsAny(data, "\u202e\u2066\u2028\U000e0041") || strings.Contains(string(data), "<script>alert") && strings.HasSuffix(name, ".html") {
			t.Errorf("%s contains the text unescaped", name)
		}
	}
}

// TestExtraFilesReadNothing checks that a catalog file or an overlay cannot make errgen read files outside the folder of the
// spec.
func TestExtraFilesReadNothing(t *testing.T) {
	files := &recorder{FS: fstest.MapFS{}}
	for _, ref := range []string{"/etc/passwd", "../secret.yaml", "..%2fsecret.yaml", "file:///etc/passwd", "https://example.test/x.yaml", "//example.test/x", `..\secret.yaml`} {
		for _, src := range []load.Source{
			{Overlay: load.Document{Name: "x/o.yaml", Data: []byte("overlay: 1.0.0\nextends: " + ref + "\ninfo: {title: t, version: '1'}\nactions: [{target: $.paths, update: {/b: {$ref: '" + ref + "'}}}]\n")}},
			{
				Overlay: load.Document{Name: "x/o.yaml", Data: []byte("overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.components, update: {x: {$ref: '" + ref + "'}}}]\n")},
				Catalog: load.Document{Name: "x/c.yaml", Data: []byte("/components/x/y: {x-error-codes: []}\n")},
			},
		} {
			src.Name, src.Data, src.Files = "api/spec.yaml", []byte(foreign), files
			res, err := gen.Generate(src, gen.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := res.Findings.Count(); n == 0 {
				t.Errorf("$ref %q was accepted", ref)
			}
		}
	}
	if len(files.names) > 0 {
		t.Errorf("files were opened: %q", files.names)
	}
}

// TestExtraFilesFollowNoLinks checks the same for a symbolic link, with the command.
func TestExtraFilesFollowNoLinks(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "secret.yaml"), []byte("get: {operationId: secret}\n"))
	writeFile(t, filepath.Join(dir, "api", "spec.yaml"), []byte(foreign))
	overlay := filepath.Join(dir, "overlay.yaml")
	writeFile(t, overlay, []byte("overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.paths, update: {/b: {$ref: link.yaml}}}]\n"))
	if err := os.Symlink(filepath.Join("..", "secret.yaml"), filepath.Join(dir, "api", "link.yaml")); err != nil {
		t.Skip("symbolic links are not supported: ", err)
	}
	var stderr bytes.Buffer
	if code := cli.Main([]string{"lint", "-overlay", overlay, filepath.Join(dir, "api", "spec.yaml")}, nil, &stderr, &stderr); code != 1 || !strings.Contains(stderr.String(), "EG006") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

// bomb returns YAML whose aliases expand to 10^levels values, nearly 1 GB at nine levels.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "x-%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

// TestExpandingDocuments would exhaust memory or never end if errgen accepted one of these documents.
func TestExpandingDocuments(t *testing.T) {
	overlay := "overlay: 1.0.0\ninfo: {title: t, version: '1'}\n"
	big := "openapi: 3.0.3\nlist: [" + strings.Repeat("{a: {b: {}}},", 20_000) + "{}]\n"
	nested := strings.Repeat("{a: ", 150) + "{}" + strings.Repeat("}", 150)
	for name, src := range map[string]load.Source{
		"spec":               {Data: []byte("openapi: 3.0.3\n" + bomb(9))},
		"spec with catalog":  {Data: []byte("openapi: 3.0.3\n" + bomb(9)), Catalog: load.Document{Name: "c.yaml", Data: []byte("{}")}},
		"catalog":            {Data: []byte(foreign), Catalog: load.Document{Name: "c.yaml", Data: []byte(bomb(9))}},
		"overlay":            {Data: []byte(foreign), Overlay: load.Document{Name: "o.yaml", Data: []byte(overlay + bomb(9))}},
		"big update":         {Data: []byte(big), Overlay: load.Document{Name: "o.yaml", Data: []byte(overlay + bomb(2) + "actions: [{target: '$.list.*', update: {c: *a1}}, {target: $.list, update: [1]}]\n")}},
		"wide paths":         {Data: []byte(big), Overlay: load.Document{Name: "o.yaml", Data: []byte(overlay + "actions: [{target: '$" + strings.Repeat("..*", 50) + "', remove: true}]\n")}},
		"filters of filters": {Data: []byte(big), Overlay: load.Document{Name: "o.yaml", Data: []byte(overlay + "actions: [{target: '$.list[?" + strings.Repeat("@..[?", 20) + "@.a" + strings.Repeat("]", 21) + "', remove: true}]\n")}},
		"functions":          {Data: []byte(big), Overlay: load.Document{Name: "o.yaml", Data: []byte(overlay + "actions: [" + strings.Repeat("{target: '$..[?match(@.a, \"(a|b)*c\")]', update: {c: 1}},", 100) + "]\n")}},
		"parentheses":        {Data: []byte(big), Overlay: load.Document{Name: "o.yaml", Data: []byte(overlay + "actions: [{target: '$[?" + strings.Repeat("(", 490) + "', remove: true}]\n")}},
		"deeper and deeper":  {Data: []byte("openapi: 3.0.3\na: {}\n"), Overlay: load.Document{Name: "o.yaml", Data: []byte(overlay + "actions: [{target: $.a, update: " + nested + "}, {target: '$.a" + strings.Repeat(".a", 150) + "', update: " + nested + "}, {target: $.a, update: {}}]\n")}},
	} {
		t.Run(name, func(t *testing.T) {
			src.Name = "spec.yaml"
			res, err := gen.Generate(src, gen.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := finding.Limit
			if name == "parentheses" {
				want = finding.Syntax
			}
			if !slices.ContainsFunc(res.Findings, func(f finding.Finding) bool { return f.Rule == want && f.Severity == finding.Error }) {
				t.Errorf("no %s; findings: %v", want, res.Findings)
			}
		})
	}
}
