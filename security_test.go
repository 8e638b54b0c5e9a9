package specpay_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNoInsecurePatterns looks for MACs that are compared with ==, keys from
// math/rand, TLS without verification and waits that cannot be canceled. It first
// checks that it finds planted ones.
func TestNoInsecurePatterns(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "planted.go", planted, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(insecure(f, false)); got != strings.Count(planted, "// found") {
		t.Fatalf("found %d of %d planted patterns: %v", got, strings.Count(planted, "// found"), insecure(f, false))
	}
	for _, path := range sources(t) {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "internal/contract/") { // which only tests import
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		seeded := strings.HasPrefix(path, "internal/sandbox/") // its randomness is seeded on purpose
		for _, m := range insecure(f, seeded) {
			t.Errorf("%s: %s", fset.Position(m.at), m.what)
		}
	}
}

const planted = `package p
import "math/rand/v2" // found
func f() bool {
	time.Sleep(1) // found
	_ = tls.Config{InsecureSkipVerify: true} // found
	c.InsecureSkipVerify = true // found
	if signature == want { // found
	}
	if r.Header.Get("X-PAY-Signature") != want { // found
	}
	if signature == "" || len(mac) == 32 || verifyHMAC(x) == nil {
	}
	return bytes.Equal(mac, want) || strings.EqualFold(h.Signature, want) || sign.HMAC(k) == want // found // found // found
}
`

type finding struct {
	at   token.Pos
	what string
}

func insecure(f *ast.File, seeded bool) (found []finding) {
	for _, imp := range f.Imports {
		if strings.HasPrefix(imp.Path.Value, `"math/rand`) && !seeded {
			found = append(found, finding{imp.Pos(), "math/rand is not for keys; use crypto/rand"})
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		what := ""
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (isMAC(n.X) && !isPlain(n.Y) || isMAC(n.Y) && !isPlain(n.X)) {
				what = "a MAC is compared with ==; use hmac.Equal, which takes constant time"
			}
		case *ast.CallExpr:
			if compares[dotted(n.Fun)] && slices.ContainsFunc(n.Args, isMAC) {
				what = "a MAC is compared with " + dotted(n.Fun) + "; use hmac.Equal, which takes constant time"
			}
		case *ast.Ident:
			if n.Name == "InsecureSkipVerify" {
				what = "TLS without verification of the certificate"
			}
		case *ast.SelectorExpr:
			if dotted(n) == "time.Sleep" {
				what = "time.Sleep cannot be canceled"
			}
		}
		if what != "" {
			found = append(found, finding{n.Pos(), what})
		}
		return true
	})
	return found
}

var compares = map[string]bool{
	"bytes.Equal": true, "bytes.Compare": true, "strings.EqualFold": true, "strings.Compare": true, "slices.Equal": true, "reflect.DeepEqual": true,
}

var macName = regexp.MustCompile(`(?i)(^|[^a-z])(mac|hmac|sig|signature|digest)$|[a-z](MAC|HMAC|Signature|Digest)$|(?i)[-_]sig(nature)?"$`)

// isMAC decides by the name of a variable, field, function or header.
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

// isPlain reports whether x is a literal or nil, which is not a secret.
func isPlain(x ast.Expr) bool {
	_, literal := x.(*ast.BasicLit)
	return literal || dotted(x) == "nil"
}
