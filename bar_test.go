package specpay_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The rows of the reliability bar that are about the repository as a whole.

// TestS8_NothingReadsTheWorld: what a program links for a client cannot read a
// variable of the environment or a file, since no package of it has the means;
// and no package of ours does anything by being imported, or sets what belongs
// to another.
func TestS8_NothingReadsTheWorld(t *testing.T) {
	means := []string{"os", "os/exec", "os/user", "syscall", "io/ioutil", "plugin", "embed", "C"}
	n := 0
	for _, provider := range providers {
		for _, p := range list(t, "-deps", "./"+provider) {
			if p.Standard {
				continue
			}
			n++
			for _, imp := range p.Imports {
				if slices.Contains(means, imp) {
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
				for _, found := range meddling(f) {
					t.Errorf("%s: %s", fset.Position(found.Pos()), p.ImportPath)
				}
			}
		}
	}
	t.Attr("figure", fmt.Sprintf("%d packages, none with the means to read the environment or a file; no init function, no global of another package set", n))
}

// meddling finds init functions and assignments to variables of other packages.
func meddling(f *ast.File) (found []ast.Node) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				found = append(found, n)
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if name, _, dot := strings.Cut(dotted(left), "."); dot && imported(f, name) {
					found = append(found, n)
				}
			}
		}
		return true
	})
	return found
}

// imported reports whether a name is that of an imported package.
func imported(f *ast.File, name string) bool {
	return slices.ContainsFunc(f.Imports, func(imp *ast.ImportSpec) bool {
		path := strings.Trim(imp.Path.Value, `"`)
		return imp.Name != nil && imp.Name.Name == name || imp.Name == nil && path[strings.LastIndex(path, "/")+1:] == name
	})
}

// TestS10_NoneOfTheClassicMistakes is a linter of four rules, and sees first that
// it finds what it looks for.
func TestS10_NoneOfTheClassicMistakes(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "sins.go", sins, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(mistakes(f, false)); got != strings.Count(sins, "// sin") {
		t.Fatalf("the linter finds %d of %d mistakes: %v", got, strings.Count(sins, "// sin"), mistakes(f, false))
	}
	files := 0
	for _, path := range sources(t) {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "internal/contract/") { // which only tests import
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files++
		seeded := strings.HasPrefix(path, "internal/sandbox/") // its chance is the same in every run, on purpose
		for _, m := range mistakes(f, seeded) {
			t.Errorf("%s: %s", fset.Position(m.at), m.what)
		}
	}
	t.Attr("figure", fmt.Sprintf("0 findings in %d files; the linter finds %d of %d planted ones", files, strings.Count(sins, "// sin"), strings.Count(sins, "// sin")))
}

const sins = `package p
import "math/rand/v2" // sin
func f() bool {
	time.Sleep(1) // sin
	_ = tls.Config{InsecureSkipVerify: true} // sin
	c.InsecureSkipVerify = true // sin
	if signature == want { // sin
	}
	if r.Header.Get("X-PAY-Signature") != want { // sin
	}
	if signature == "" || len(mac) == 32 || verifyHMAC(x) == nil {
	}
	return bytes.Equal(mac, want) || strings.EqualFold(h.Signature, want) || sign.HMAC(k) == want // sin // sin // sin
}
`

type mistake struct {
	at   token.Pos
	what string
}

func mistakes(f *ast.File, seeded bool) (found []mistake) {
	for _, imp := range f.Imports {
		if strings.HasPrefix(imp.Path.Value, `"math/rand`) && !seeded {
			found = append(found, mistake{imp.Pos(), "math/rand makes no keys; crypto/rand does"})
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		what := ""
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (isMAC(n.X) && !isPlain(n.Y) || isMAC(n.Y) && !isPlain(n.X)) {
				what = "a MAC is compared with ==; hmac.Equal takes the same time for all"
			}
		case *ast.CallExpr:
			if compares[dotted(n.Fun)] && slices.ContainsFunc(n.Args, isMAC) {
				what = "a MAC is compared with " + dotted(n.Fun) + "; hmac.Equal takes the same time for all"
			}
		case *ast.Ident:
			if n.Name == "InsecureSkipVerify" {
				what = "TLS without a check of the certificate"
			}
		case *ast.SelectorExpr:
			if dotted(n) == "time.Sleep" {
				what = "time.Sleep cannot be cancelled"
			}
		}
		if what != "" {
			found = append(found, mistake{n.Pos(), what})
		}
		return true
	})
	return found
}

var compares = map[string]bool{
	"bytes.Equal": true, "bytes.Compare": true, "strings.EqualFold": true, "strings.Compare": true, "slices.Equal": true, "reflect.DeepEqual": true,
}

var macName = regexp.MustCompile(`(?i)(^|[^a-z])(mac|hmac|sig|signature|digest)$|[a-z](MAC|HMAC|Signature|Digest)$|(?i)[-_]sig(nature)?"$`)

// isMAC goes by the name: of a variable, a field, a function, or a header.
func isMAC(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.CallExpr:
		return macName.MatchString(dotted(x.Fun)) || len(x.Args) == 1 && (isMAC(x.Args[0]) && !strings.HasSuffix(dotted(x.Fun), "len"))
	case *ast.BasicLit:
		return x.Kind == token.STRING && macName.MatchString(x.Value)
	case *ast.IndexExpr:
		return isMAC(x.X)
	}
	return macName.MatchString(dotted(x))
}

// isPlain reports whether x is a literal or nil, which is no secret.
func isPlain(x ast.Expr) bool {
	_, literal := x.(*ast.BasicLit)
	return literal || dotted(x) == "nil"
}

// dotted is the name of an identifier or a selector: "a.b.c".
func dotted(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return dotted(x.X) + "." + x.Sel.Name
	}
	return ""
}

// TestT10_SandboxSharesNoSigningCode: if both sides shared it, one bug would
// agree with itself.
func TestT10_SandboxSharesNoSigningCode(t *testing.T) {
	for _, provider := range providers {
		for _, p := range list(t, "-deps", "./"+provider+"/"+provider+"test") {
			if to, ours := strings.CutPrefix(p.ImportPath, module); ours && (slices.Contains(providers, to) || to == "internal/sign" || to == "internal/transport" || to == "internal/webhook") {
				t.Errorf("the sandbox of %s links %s", provider, to)
			}
		}
	}
	t.Attr("figure", "4 sandboxes link no client and no signing code")
}

// TestC1_RaceThreeTimes: a test cannot run all tests three times under the race
// detector; `make race COUNT=3` can, and this row sees that it would.
func TestC1_RaceThreeTimes(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	door := regexp.MustCompile(`(?m)^race:.*\n\t\$\(GO\) test -race -shuffle=on -count=\$\(COUNT\) (-timeout=\S+ )?\./\.\.\.$`)
	if !door.Match(makefile) {
		t.Error("make race does not run everything under -race -shuffle=on as often as COUNT says")
	}
	t.Attr("figure", "make race COUNT=3 runs every test under -race -shuffle=on; its result stands in docs/reliability.md")
}

// fuzzed says where the targets are that the row names; errgen's own stand with
// errgen.
var fuzzed = map[string][]string{
	"error decode":              {"qpay FuzzError", "openapi FuzzError", "xpay FuzzError", "gateway FuzzError"},
	"result envelope":           {"openapi FuzzResult"},
	"every response model":      {"qpay FuzzModels", "openapi FuzzModels", "xpay FuzzModels", "gateway FuzzModels"},
	"webhook header":            {"openapi FuzzSignatureHeader", "xpay FuzzWebhookHeader", "gateway FuzzWebhookHeader"},
	"webhook payload":           {"openapi FuzzNotification", "xpay FuzzNotification", "gateway FuzzNotification"},
	"Retry-After":               {"internal/transport FuzzRetryAfter"},
	"token answer":              {"qpay FuzzToken"},
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
}

// TestF_EveryTargetHasACorpus: each target that the row names is there, and each
// that is there has inputs that are committed. Every run of the tests runs those;
// make fuzz goes on from them.
func TestF_EveryTargetHasACorpus(t *testing.T) {
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	found, inputs := map[string]bool{}, 0
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
			inputs += len(files)
		}
	}
	for what, targets := range fuzzed {
		for _, name := range targets {
			if !found[name] {
				t.Errorf("%s: there is no %s", what, name)
			}
		}
	}
	t.Attr("figure", fmt.Sprintf("%d targets with %d committed inputs, all run by every test run; make fuzz FUZZTIME=60s goes on from them", len(found), inputs))
}
