package specpay_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The repository's own rules. What they say in words is in CONTRIBUTING.md.

const module = "github.com/specpay/specpay/"

var providers = []string{"qpay", "openapi", "xpay", "gateway"}

// linked is what a program that imports a provider may link beside the standard
// library and this module.
var linked = map[string][]string{
	"qpay":    {"github.com/go-json-experiment/json", "github.com/shopspring/decimal"},
	"openapi": {"github.com/go-json-experiment/json"},
	"xpay":    {"github.com/go-json-experiment/json"},
	"gateway": {"github.com/go-json-experiment/json"},
}

type pkg struct {
	ImportPath   string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
	Dir          string
	GoFiles      []string
}

func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Standard,Imports,TestImports,XTestImports,Dir,GoFiles"}, args...)...)
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

func TestG5_ClientsLinkNothingElse(t *testing.T) {
	others := map[string]bool{}
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
			others[p.ImportPath] = true
		}
	}
	t.Attr("figure", fmt.Sprintf("%d packages from outside, all listed", len(others)))
}

// mayImport says, for a folder, which other folders of the module its packages
// import. A trailing slash stands for everything below.
var mayImport = map[string][]string{
	"apierr":             {},
	"internal/jsonscan":  {},
	"apierr/catalog":     {"apierr", "internal/jsonscan"},
	"pay":                {"apierr", "internal/settings"},
	"internal/settings":  {},
	"pay/paytest":        {"pay", "apierr"},
	"internal/transport": {"pay", "apierr", "apierr/catalog", "internal/settings"},
	"internal/sign":      {"pay", "apierr"},
	"internal/webhook":   {"pay", "apierr"},
	"internal/sandbox":   {},
	"internal/contract":  {"pay", "apierr", "apierr/catalog", "internal/sandbox", "internal/transport"},
	"internal/bar":       {},
	"errgen":             {"errgen/", "apierr", "apierr/catalog"},
	"cmd/sandbox":        {"internal/sandbox", "*test"},
	"cmd/demo":           {"pay", "apierr", "*", "*test"},
	"*":                  {"pay", "apierr", "apierr/catalog", "internal/transport", "internal/sign", "internal/webhook"}, // a provider
	"*test":              {"internal/sandbox", "*api"},                                                                   // its sandbox
	"*api":               {"internal/sandbox"},                                                                           // the sandbox's generated server code
}

// kind is the name under which mayImport has a folder.
func kind(dir string) string {
	for _, p := range providers {
		switch dir {
		case p:
			return "*"
		case p + "/" + p + "test":
			return "*test"
		case p + "/" + p + "test/internal/api":
			return "*api"
		}
	}
	if strings.HasPrefix(dir, "errgen") {
		return "errgen"
	}
	return dir
}

func TestWhoImportsWhom(t *testing.T) {
	for _, p := range list(t, "./...") {
		dir := strings.TrimPrefix(p.ImportPath, module)
		rule, ok := mayImport[kind(dir)]
		if !ok && p.ImportPath != strings.TrimSuffix(module, "/") && len(p.GoFiles) > 0 {
			t.Errorf("%s: a new package; say in rules_test.go what it may import", dir)
		}
		for _, imp := range p.Imports {
			if to, ours := strings.CutPrefix(imp, module); ours && !allowed(rule, to) {
				t.Errorf("%s imports %s; it may import %v", dir, to, rule)
			}
		}
		for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if to, ours := strings.CutPrefix(imp, module); ours && to == "internal/contract" && slices.Contains(p.Imports, imp) {
				t.Errorf("%s imports internal/contract outside its tests", dir)
			}
		}
	}
}

func allowed(rule []string, to string) bool {
	return slices.ContainsFunc(rule, func(r string) bool {
		return to == r || kind(to) == r || strings.HasSuffix(r, "/") && strings.HasPrefix(to+"/", r)
	})
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
			t.Errorf("%s holds %v, want %v", provider, got, want)
		}
		for _, f := range []string{"example_test.go", "contract_test.go", provider + "test/codes.gen.go"} {
			if _, err := os.Stat(filepath.Join(provider, f)); err != nil {
				t.Error(err)
			}
		}
	}
}

// sources returns the Go files that git would track.
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

func TestGeneratedFilesSayTheyAre(t *testing.T) {
	for _, path := range sources(t) {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if named := strings.HasSuffix(path, ".gen.go"); named != ast.IsGenerated(f) {
			t.Errorf("%s: name and marker disagree about whether it is generated", path)
		}
	}
}

func TestHandWrittenFilesStaySmall(t *testing.T) {
	var sizes []int
	total := map[string]int{}
	for _, path := range sources(t) {
		if strings.HasSuffix(path, ".gen.go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n := bytes.Count(data, []byte("\n"))
		sizes = append(sizes, n)
		total[filepath.Dir(path)] += n
		if n > 400 {
			t.Errorf("%s has %d lines; split it by idea, at 400 at most", path, n)
		}
	}
	slices.Sort(sizes)
	if median := sizes[len(sizes)/2]; median > 120 {
		t.Errorf("the median file has %d lines, want at most 120", median)
	}
	t.Logf("lines: %v", total)
}

func TestFunctionsStayShort(t *testing.T) {
	var long, all int
	for _, path := range sources(t) {
		if strings.HasSuffix(path, ".gen.go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				all++
				if fset.Position(fn.End()).Line-fset.Position(fn.Pos()).Line+1 > 40 {
					long++
				}
			}
		}
	}
	if long*20 > all {
		t.Errorf("%d of %d functions have more than 40 lines, want at most 5 %%", long, all)
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
				t.Errorf("%s: %s: shared code knows a provider", fset.Position(id.Pos()), id.Name)
			}
			if lit, ok := n.(*ast.BasicLit); ok && slices.Contains([]string{`"qpay"`, `"xpay"`}, lit.Value) {
				t.Errorf("%s: %s: shared code knows a provider", fset.Position(lit.Pos()), lit.Value)
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range list(t, "./...") {
		comments := 0
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if f.Doc != nil && !ast.IsGenerated(f) {
				comments++
			}
		}
		if len(p.GoFiles) > 0 && comments != 1 {
			t.Errorf("%s has %d package comments, want 1", p.ImportPath, comments)
		}
	}
}

// TestTemplatesAreUsed guards against an override that the generator would
// silently ignore: one that is missing, misspelt or empty.
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
		for _, f := range []string{"client.gen.go", serverFile(provider)} {
			data, err := os.ReadFile(filepath.Join(provider, f))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(data, []byte("version v")) || f == "client.gen.go" && !bytes.Contains(data, []byte("transport.Operation{")) {
				t.Errorf("%s/%s was not made with our templates", provider, f)
			}
		}
	}
}

// serverFile is the generated server code of a sandbox, below the provider's folder.
// It moves to internal/api, out of the sandbox's public names.
func serverFile(provider string) string {
	f := provider + "test/internal/api/server.gen.go"
	if _, err := os.Stat(filepath.Join(provider, f)); err != nil {
		return provider + "test/server.gen.go"
	}
	return f
}

// TestG9_ChangelogSpeaksOfTheNextRelease: what was tagged has a section, and what comes next has one that says something.
func TestG9_ChangelogSpeaksOfTheNextRelease(t *testing.T) {
	data, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.Split(string(data), "\n## ")[1:]
	if len(sections) == 0 {
		t.Fatal("CHANGELOG.md has no section; start one with ## Unreleased")
	}
	entries := strings.Count(sections[0], "\n- ")
	if entries == 0 {
		t.Errorf("the newest section of CHANGELOG.md is empty:\n%s", sections[0])
	}
	tags, err := exec.CommandContext(t.Context(), "git", "tag", "--list", "v*").Output()
	if err != nil {
		t.Logf("tags are not looked at: %v", err) // an unpacked module has no repository
	}
	for _, tag := range strings.Fields(string(tags)) {
		if !slices.ContainsFunc(sections, func(s string) bool {
			return strings.HasPrefix(strings.TrimLeft(s, "["), strings.TrimPrefix(tag, "v")) || strings.HasPrefix(s, tag)
		}) {
			t.Errorf("CHANGELOG.md has no section for %s", tag)
		}
	}
	t.Attr("figure", fmt.Sprintf("%d entries under %q", entries, strings.SplitN(sections[0], "\n", 2)[0]))
}
