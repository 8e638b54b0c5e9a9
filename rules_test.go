package specpay_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The rules of the repository that no linter checks. Those about imports are in
// .golangci.yml.

const module = "github.com/specpay/specpay/"

var providers = []string{"qpay", "openapi", "xpay", "gateway"}

// linked lists what a program that imports a provider may link besides the standard
// library and this module.
var linked = map[string][]string{
	"qpay":    {"github.com/go-json-experiment/json", "github.com/shopspring/decimal"},
	"openapi": {"github.com/go-json-experiment/json"},
	"xpay":    {"github.com/go-json-experiment/json"},
	"gateway": {"github.com/go-json-experiment/json"},
}

type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Dir        string
	GoFiles    []string
}

// list runs go list.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Standard,Imports,Dir,GoFiles"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// sources returns the Go files of the repository.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestClientsLinkNothingElse(t *testing.T) {
	for _, provider := range providers {
		for _, p := range list(t, "-deps", "./"+provider) {
			if p.Standard || strings.HasPrefix(p.ImportPath, module) {
				continue
			}
			if !slices.ContainsFunc(linked[provider], func(allowed string) bool {
				return p.ImportPath == allowed || strings.HasPrefix(p.ImportPath, allowed+"/")
			}) {
				t.Errorf("a program that imports %s links %s; it may link %v", provider, p.ImportPath, linked[provider])
			}
		}
	}
}

// TestSandboxSharesNoSigningCode: if both sides shared it, a bug in it would agree
// with itself.
func TestSandboxSharesNoSigningCode(t *testing.T) {
	for _, provider := range providers {
		for _, p := range list(t, "-deps", "./"+provider+"/"+provider+"test") {
			if to, ours := strings.CutPrefix(p.ImportPath, module); ours && (slices.Contains(providers, to) || to == "internal/sign" || to == "internal/transport" || to == "internal/webhook") {
				t.Errorf("the sandbox of %s links %s", provider, to)
			}
		}
	}
}

// TestImportHasNoSideEffects: no package that a client links imports what reads the
// environment or files, and no package of this module has an init function or
// assigns to a variable of another package.
func TestImportHasNoSideEffects(t *testing.T) {
	access := []string{"os", "os/exec", "os/user", "syscall", "io/ioutil", "plugin", "embed", "C"}
	for _, provider := range providers {
		for _, p := range list(t, "-deps", "./"+provider) {
			if p.Standard {
				continue
			}
			for _, imp := range p.Imports {
				if slices.Contains(access, imp) {
					t.Errorf("%s, which %s links, imports %s", p.ImportPath, provider, imp)
				}
			}
			if !strings.HasPrefix(p.ImportPath, module) {
				continue
			}
			for _, name := range p.GoFiles {
				fset := token.NewFileSet()
				f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
				if err != nil {
					t.Fatal(err)
				}
				for _, found := range sideEffects(f) {
					t.Errorf("%s: an init function, or an assignment to a variable of another package", fset.Position(found.Pos()))
				}
			}
		}
	}
}

// sideEffects finds init functions and assignments to variables of other packages.
func sideEffects(f *ast.File) (found []ast.Node) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				found = append(found, n)
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if name, _, dot := strings.Cut(dotted(left), "."); dot && imports(f, name) {
					found = append(found, n)
				}
			}
		}
		return true
	})
	return found
}

// imports reports whether a file imports a package under a name.
func imports(f *ast.File, name string) bool {
	return slices.ContainsFunc(f.Imports, func(imp *ast.ImportSpec) bool {
		path := strings.Trim(imp.Path.Value, `"`)
		return imp.Name != nil && imp.Name.Name == name || imp.Name == nil && path[strings.LastIndex(path, "/")+1:] == name
	})
}

// dotted returns the text of an identifier or a selector, such as a.b.c.
func dotted(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return dotted(x.X) + "." + x.Sel.Name
	}
	return ""
}

func TestProvidersLookAlike(t *testing.T) {
	for _, provider := range providers {
		want := []string{"auth.go", "client.gen.go", "doc.go", "errors.gen.go", provider + ".go", "values.go", "webhook.go"}
		files, err := filepath.Glob(provider + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				got = append(got, filepath.Base(f))
			}
		}
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s has the files %v, want %v", provider, got, want)
		}
		for _, f := range []string{"example_test.go", "contract_test.go", provider + "test/internal/api/server.gen.go", provider + "test/codes.gen.go"} {
			if _, err := os.Stat(filepath.Join(provider, f)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestGeneratedFilesAreMarked(t *testing.T) {
	for _, path := range sources(t) {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if named := strings.HasSuffix(path, ".gen.go"); named != ast.IsGenerated(f) {
			t.Errorf("%s: the name and the marker disagree about whether the file is generated", path)
		}
	}
}

func TestNoProviderNameInSharedCode(t *testing.T) {
	for _, path := range sources(t) {
		if !strings.HasPrefix(path, "internal/") && !strings.HasPrefix(path, "pay/") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && slices.Contains([]string{"qpay", "xpay"}, strings.ToLower(id.Name)) {
				t.Errorf("%s: %s: shared code names a provider", fset.Position(id.Pos()), id.Name)
			}
			if lit, ok := n.(*ast.BasicLit); ok && slices.Contains([]string{`"qpay"`, `"xpay"`}, lit.Value) {
				t.Errorf("%s: %s: shared code names a provider", fset.Position(lit.Pos()), lit.Value)
			}
			return true
		})
	}
}

// TestTemplatesAreUsed guards against an override that the generator would silently
// ignore: one that is missing, misspelt or empty.
func TestTemplatesAreUsed(t *testing.T) {
	var configs []byte
	for _, kind := range []string{"client", "server"} {
		config, err := os.ReadFile("specs/codegen/" + kind + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		configs = append(configs, config...)
	}
	for _, line := range strings.Split(string(configs), "\n") {
		if _, path, found := strings.Cut(line, ".tmpl: "); found {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		}
	}
	for _, kind := range []string{"client", "server"} {
		files, err := filepath.Glob("specs/codegen/" + kind + "/*.tmpl")
		if err != nil || len(files) == 0 {
			t.Fatalf("no templates for the %s: %v", kind, err)
		}
		for _, f := range files {
			if data, err := os.ReadFile(f); err != nil || len(bytes.TrimSpace(data)) == 0 {
				t.Errorf("%s is empty (%v); the generator would use its own", f, err)
			}
			if !bytes.Contains(configs, []byte(f)) {
				t.Errorf("%s is in no config", f)
			}
		}
	}
	for _, provider := range providers {
		for _, f := range []string{"client.gen.go", provider + "test/internal/api/server.gen.go"} {
			data, err := os.ReadFile(filepath.Join(provider, f))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(data, []byte("version v")) || f == "client.gen.go" && !bytes.Contains(data, []byte("transport.Operation{")) {
				t.Errorf("%s/%s was not generated with our templates", provider, f)
			}
		}
	}
}

// fuzzed lists the fuzz targets that must exist, by what they read. The targets of
// errgen are listed in errgen.
var fuzzed = map[string][]string{
	"error decode":              {"qpay FuzzError", "openapi FuzzError", "xpay FuzzError", "gateway FuzzError"},
	"result envelope":           {"openapi FuzzResult"},
	"every response model":      {"qpay FuzzModels", "openapi FuzzModels", "xpay FuzzModels", "gateway FuzzModels"},
	"webhook header":            {"openapi FuzzSignatureHeader", "xpay FuzzWebhookHeader", "gateway FuzzWebhookHeader"},
	"webhook payload":           {"openapi FuzzNotification", "xpay FuzzNotification", "gateway FuzzNotification"},
	"Retry-After":               {"internal/transport FuzzRetryAfter"},
	"token response":            {"qpay FuzzToken"},
	"expires_in":                {"qpay FuzzExpiresIn"},
	"money text":                {"qpay FuzzMoney", "gateway FuzzMoney"},
	"money number":              {"qpay FuzzAmount", "openapi FuzzMoney", "xpay FuzzMoney", "xpay FuzzConversion", "gateway FuzzMetadata"},
	"canonical string":          {"openapi FuzzCanonical", "gateway FuzzCanonical"},
	"signature header":          {"openapi FuzzSignatureHeader", "internal/sign FuzzRSASignature"},
	"callback query":            {"qpay FuzzCallback"},
	"sandbox request reader":    {"qpay FuzzSandbox", "openapi FuzzSandbox", "xpay FuzzSandbox", "gateway FuzzSandbox", "qpay/qpaytest FuzzRequests", "xpay/xpaytest FuzzRequests"},
	"verify(sign(x))":           {"internal/sign FuzzHMAC", "internal/sign FuzzRSA"},
	"the key put into the body": {"internal/transport FuzzKeyInTheBody"},
	"redaction":                 {"apierr FuzzErrorText"},
	"recorded traffic":          {"internal/drift FuzzDrift"},
}

// TestEveryFuzzTargetHasACorpus: each target listed in fuzzed exists, and each that
// exists has committed inputs, which every test run executes.
func TestEveryFuzzTargetHasACorpus(t *testing.T) {
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	found := map[string]bool{}
	for _, path := range sources(t) {
		if !strings.HasSuffix(path, "_test.go") {
			continue
		}
		code, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range target.FindAllSubmatch(code, -1) {
			dir, name := filepath.ToSlash(filepath.Dir(path)), string(m[1])
			found[dir+" "+name] = true
			files, err := filepath.Glob(filepath.Join(dir, "testdata/fuzz", name, "*"))
			if err != nil || len(files) < 3 {
				t.Errorf("%s %s has %d committed inputs, want 3 or more (%v)", dir, name, len(files), err)
			}
		}
	}
	for what, targets := range fuzzed {
		for _, name := range targets {
			if !found[name] {
				t.Errorf("%s: the target %s does not exist", what, name)
			}
		}
	}
}
