package main

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// TestShapesGenerate generates every output from the drafts of errgen init in the shape_ archives. Other archives check the
// contents of the outputs.
func TestShapesGenerate(t *testing.T) {
	namer, err := model.NewNamer("ToCamelCaseWithInitialisms", nil)
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("testdata/shape_*.txtar")
	if err != nil || len(names) < 6 {
		t.Fatalf("%d shapes, %v", len(names), err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{}
		var src load.Source
		for _, f := range archive.Files {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
			switch {
			case f.Name == "want/catalog.yaml":
				src.Catalog = load.Document{Name: "catalog.yaml", Data: f.Data}
			case strings.HasPrefix(f.Name, "spec."):
				src.Name, src.Data = f.Name, f.Data
			}
		}
		src.Files = files
		for _, client := range []bool{false, true} {
			res, err := gen.Generate(src, gen.Options{
				Label: src.Name, Namer: namer, Go: "shop/errors.gen.go", Package: "shop", Client: client, Server: client,
				Sandbox: "shoptest/codes.gen.go", SandboxPackage: "shoptest", SandboxImport: "example.test/sandbox",
				Markdown: "shop.md", HTML: "shop.html", JSON: "shop.json",
			})
			if n, _ := res.Findings.Count(); err != nil || n > 0 || len(res.Files) != 5 || res.Codes == 0 {
				t.Errorf("%s, client %v: %d codes, %d files, %v, findings %v", name, client, res.Codes, len(res.Files), err, res.Findings)
			}
		}
	}
}
