package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"

	"github.com/specpay/specpay/errgen/internal/cli"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// client returns what stock oapi-codegen generates from a spec.
func client(t *testing.T, spec string, options codegen.OutputOptions) []byte {
	t.Helper()
	doc, err := util.LoadSwagger(spec)
	if err != nil {
		t.Fatal(err)
	}
	out, err := codegen.Generate(doc, codegen.Configuration{
		PackageName: "api", Generate: codegen.GenerateOptions{Client: true, Models: true}, OutputOptions: options,
	}.UpdateDefaults())
	if err != nil {
		t.Fatalf("oapi-codegen: %v", err)
	}
	return []byte(out)
}

// TestNamesOfInlineTypes compares the names that errgen expects oapi-codegen to declare with those that it declares.
func TestNamesOfInlineTypes(t *testing.T) {
	const spec = "testdata/beside/shapes.yaml"
	for normalizer, initialisms := range map[string][]string{"": nil, "ToCamelCase": nil, "ToCamelCaseWithDigits": nil, "ToCamelCaseWithInitialisms": {"PET"}} {
		namer, err := model.NewNamer(normalizer, initialisms)
		if err != nil {
			t.Fatal(err)
		}
		set, err := load.Open(load.Source{Name: spec, Data: readFile(t, spec)})
		if err != nil {
			t.Fatal(err)
		}
		options := codegen.OutputOptions{NameNormalizer: normalizer, AdditionalInitialisms: initialisms, SkipPrune: true, ExcludeSchemas: []string{"Category"}}
		expected := model.Declared(set, namer.Client(options.ExcludeSchemas, false))
		file, err := parser.ParseFile(token.NewFileSet(), "", client(t, spec, options), 0)
		if err != nil {
			t.Fatal(err)
		}
		declared := declaredBy(file)
		for name, d := range expected {
			if !slices.Contains(declared, name) {
				t.Errorf("%q: errgen expects %s for %s, which oapi-codegen does not declare", normalizer, name, d.What)
			}
		}
		for _, name := range declared {
			if _, ok := expected[name]; !ok && ast.IsExported(name) && !slices.Contains(fixedNames(), name) {
				t.Errorf("%q: oapi-codegen declares %s, which errgen does not expect", normalizer, name)
			}
		}
	}
}

// fixedNames returns the names that oapi-codegen declares for every client and for every operation.
func fixedNames() []string {
	names := []string{
		"RequestEditorFn", "HttpRequestDoer", "Client", "ClientOption", "NewClient", "WithHTTPClient", "WithRequestEditorFn", "ClientInterface",
		"ClientWithResponses", "NewClientWithResponses", "WithBaseURL", "ClientWithResponsesInterface",
	}
	for _, id := range []string{"PutPet", "PutPET"} {
		for _, name := range []string{"New*Request", "New*RequestWithBody", "New*RequestWithTextBody", "Parse*Response", "*Params", "*Response", "*JSONBody", "*TextBody", "*JSONRequestBody", "*TextRequestBody"} {
			names = append(names, strings.Replace(name, "*", id, 1))
		}
	}
	return names
}

// declaredBy returns the types, constants and functions of a file.
func declaredBy(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// TestCompilesBesideStockClient runs the commands of the README for several specs, and builds what they write together
// with the output of stock oapi-codegen: one build for all.
func TestCompilesBesideStockClient(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), readFile(t, filepath.Join(root, "go.mod")))
	writeFile(t, filepath.Join(dir, "go.sum"), readFile(t, filepath.Join(root, "go.sum")))
	run(t, dir, "go", "mod", "edit", "-module=example.test/beside", "-require=github.com/specpay/specpay@v0.0.0", "-replace=github.com/specpay/specpay="+root)
	names, err := filepath.Glob("testdata/beside/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".yaml")
		spec := filepath.Join(dir, base+".yaml")
		writeFile(t, spec, readFile(t, name))
		writeFile(t, filepath.Join(dir, base, "client.gen.go"), client(t, spec, codegen.OutputOptions{SkipPrune: true}))
		var stderr bytes.Buffer
		commands := [][]string{
			{"init", "-o", filepath.Join(dir, base+".errors.yaml"), spec},
			{"gen", "-catalog", filepath.Join(dir, base+".errors.yaml"), "-package", "api", "-go", filepath.Join(dir, base, "errors.gen.go"), spec},
		}
		if base == "plain" || bytes.Contains(readFile(t, name), []byte("x-error-catalog")) {
			commands = [][]string{{"gen", "-package", "api", "-go", filepath.Join(dir, base, "errors.gen.go"), spec}}
		}
		for _, args := range commands {
			if code := cli.Main(args, nil, &stderr, &stderr); code != 0 {
				t.Fatalf("%s: errgen %s exited with %d:\n%s", name, args[0], code, stderr.String())
			}
		}
	}
	writeGuide(t, filepath.Join(dir, "guide"))
	for _, name := range []string{"main.go", "plain.go", "coded.go"} {
		writeFile(t, filepath.Join(dir, name), readFile(t, "testdata/beside/"+name+".txt"))
	}
	program := filepath.Join(dir, "beside.exe")
	run(t, dir, "go", "build", "-o", program, ".")
	lines := strings.Split(strings.TrimSpace(run(t, dir, program)), "\n")
	if len(lines) < 77 {
		t.Errorf("the program printed only %q", lines)
	}
	for _, line := range lines {
		operation, rest, _ := strings.Cut(line, " ")
		status, rest, _ := strings.Cut(rest, " ")
		body, ok := strings.CutSuffix(rest, " true")
		if !ok {
			t.Errorf("the client finds something else: %s", line)
		}
		if operation == "plain" || operation == "refined" || operation == "guide" {
			continue
		}
		var out bytes.Buffer
		spec := filepath.Join(dir, "envelopes.yaml")
		if code := cli.Main([]string{"explain", "-", "-operation", operation, "-status", status, spec}, strings.NewReader(body), &out, &out); code != 0 || strings.Count(out.String(), "Go constant") != 1 {
			t.Errorf("%s: errgen explain exited with %d and printed\n%s", line, code, out.String())
		}
	}
}

// writeGuide runs the blocks of the guide's first section in a folder of the module example.test/beside.
func writeGuide(t *testing.T, dir string) {
	t.Helper()
	const section = "Without a catalog"
	spec := filepath.Join(dir, "api", "pets.yaml")
	writeFile(t, spec, []byte(block(t, section, "yaml")))
	writeFile(t, filepath.Join(dir, "api", "client.gen.go"), client(t, spec, codegen.OutputOptions{}))
	writeFile(t, filepath.Join(dir, "shop.go"), []byte(strings.ReplaceAll(block(t, section, "go"), "example.com/shop/", "example.test/beside/guide/")))
	commands := strings.Split(strings.TrimSpace(block(t, section, "sh")), "\n")
	args, ok := strings.CutPrefix(commands[len(commands)-1], "go tool errgen ")
	if len(commands) != 2 || !ok || commands[0] != "go get -tool github.com/specpay/specpay/errgen@latest" { // needs a network; TestNewcomer has the tool
		t.Fatalf("the guide has other commands: %q", commands)
	}
	var stderr bytes.Buffer
	if code := cli.Main(strings.Fields(strings.ReplaceAll(args, "api/", dir+"/api/")), nil, &stderr, &stderr); code != 0 {
		t.Fatalf("the command of the guide exited with %d:\n%s", code, stderr.String())
	}
}
