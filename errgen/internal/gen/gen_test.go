package gen_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// archives returns the largest specs of the corpus by archive: one with JSON bodies, one with plain-text bodies.
func archives() map[string]string {
	return map[string]string{"good_all": "specs/shop.yaml", "good_text_go": "spec.yaml"}
}

// generate returns every output for a spec of the corpus.
func generate(t *testing.T, name, specName, runtime string) map[string][]byte {
	t.Helper()
	archive, err := txtar.ParseFile("../../testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	var spec []byte
	for _, f := range archive.Files {
		if f.Name == specName {
			spec = f.Data
		}
	}
	namer, err := model.NewNamer("ToCamelCaseWithInitialisms", []string{"QR"})
	if err != nil {
		t.Fatal(err)
	}
	res, err := gen.Generate(load.Source{Name: "specs/shop.yaml", Data: spec}, gen.Options{
		Label: "specs/shop.yaml", Namer: namer,
		Go: "shop/errors.gen.go", Package: "shop", Runtime: runtime,
		Sandbox: "shop/shoptest/codes.gen.go", SandboxPackage: "shoptest", SandboxImport: "example.test/sandbox",
		Markdown: "shop.md", HTML: "shop.html", JSON: "shop.json",
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := res.Findings.Count(); n > 0 || len(res.Files) != 5 {
		t.Fatalf("got %d files, want 5; findings: %v", len(res.Files), res.Findings)
	}
	return res.Files
}

func TestGenerateIsDeterministic(t *testing.T) {
	for archive, spec := range archives() {
		for _, runtime := range []string{"example.test/pay", ""} {
			first := generate(t, archive, spec, runtime)
			for range 10 {
				for name, data := range generate(t, archive, spec, runtime) {
					if !bytes.Equal(data, first[name]) {
						t.Fatalf("%s of %s differs between two runs", name, archive)
					}
				}
			}
		}
	}
}

// TestGoIsStaticData checks that importing generated code runs nothing: declarations at package level contain only literals,
// constants and references to functions.
func TestGoIsStaticData(t *testing.T) {
	for archive, spec := range archives() {
		files := generate(t, archive, spec, "example.test/pay")
		staticFile(t, "a file without a runtime", generate(t, archive, spec, "")["shop/errors.gen.go"])
		for _, name := range []string{"shop/errors.gen.go", "shop/shoptest/codes.gen.go"} {
			staticFile(t, name, files[name])
		}
	}
}

// staticFile checks one generated file.
func staticFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if formatted, err := format.Source(data); err != nil || !bytes.Equal(formatted, data) {
		t.Errorf("%s is not formatted: %v", name, err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "init" {
				t.Errorf("%s has an init function", name)
			}
		case *ast.GenDecl:
			if d.Tok == token.VAR {
				ast.Inspect(d, func(n ast.Node) bool { checkStatic(t, name, n); return true })
			}
		}
	}
}

func checkStatic(t *testing.T, name string, n ast.Node) {
	t.Helper()
	switch n := n.(type) {
	case *ast.MapType, *ast.FuncLit:
		t.Errorf("%s has a %T at package level, which needs initialization", name, n)
	case *ast.CallExpr:
		// The conversion of a constant, as in the compile-time check of the interface, is not code.
		if arg, ok := n.Args[0].(*ast.BasicLit); !ok || len(n.Args) != 1 || arg.Value != `""` {
			t.Errorf("%s calls a function at package level", name)
		}
	}
}
