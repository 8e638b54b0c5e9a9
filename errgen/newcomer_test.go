package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen" // for cmd/oapi-codegen in TestNewcomer
	_ "github.com/oapi-codegen/oapi-codegen/v2/pkg/util"    // the same
	_ "github.com/oapi-codegen/runtime"                     // for the client that it generates
)

// TestNewcomer follows a team that has its own spec and a stock oapi-codegen client: a module outside this one installs
// errgen as a tool, finds three mistakes, generates, and builds a program that distinguishes two codes.
//
// It uses no network. The blank imports above make "go test" download what the programs import.
func TestNewcomer(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	spec := fixture(t, "spec.yaml.txt")
	writeFile(t, filepath.Join(dir, "spec.yaml"), []byte(spec))
	writeFile(t, filepath.Join(dir, "client.yaml"), []byte(fixture(t, "client.yaml.txt")))
	writeFile(t, filepath.Join(dir, "main.go"), []byte(fixture(t, "main.go.txt")))

	// The module lists what this one lists, as "go get -tool" would: resolving it here would need a network.
	writeFile(t, filepath.Join(dir, "go.mod"), readFile(t, filepath.Join(root, "go.mod")))
	writeFile(t, filepath.Join(dir, "go.sum"), readFile(t, filepath.Join(root, "go.sum")))
	run(t, dir, "go", "mod", "edit", "-module=example.test/shop",
		"-require=github.com/specpay/specpay@v0.0.0", "-replace=github.com/specpay/specpay="+root,
		"-tool=github.com/specpay/specpay/errgen", "-tool=github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen")

	lint := exec.Command("go", "tool", "errgen", "lint", "spec.yaml")
	lint.Dir, lint.Env = dir, offline()
	out, err := lint.CombinedOutput()
	if err == nil {
		t.Errorf("lint found nothing:\n%s", out)
	}
	for _, place := range []string{"25:32: EG051", "39:13: EG004", "15:42: EG021"} {
		if !strings.Contains(string(out), "spec.yaml:"+place) {
			t.Errorf("lint does not report %s:\n%s", place, out)
		}
	}
	if n := strings.Count(string(out), "spec.yaml:"); n != 3 {
		t.Errorf("lint reports %d places, want the 3 mistakes:\n%s", n, out)
	}

	mended := strings.NewReplacer("/eror/code", "/error/code", "advise:", "advice:", "[CARD_DECLINED, SOLD_OUT]", "[CARD_DECLINED]").Replace(spec)
	writeFile(t, filepath.Join(dir, "spec.yaml"), []byte(mended))
	if err := os.Mkdir(filepath.Join(dir, "api"), 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "go", "tool", "oapi-codegen", "-config", "client.yaml", "spec.yaml")
	run(t, dir, "go", "tool", "errgen", "gen", "-package", "api", "-go", "api/errors.gen.go", "spec.yaml")
	run(t, dir, "go", "vet", "./...")
	shop := httptest.NewServer(http.HandlerFunc(pay))
	defer shop.Close()
	program := filepath.Join(dir, "shop.exe")
	run(t, dir, "go", "build", "-o", program, ".")
	if got, want := run(t, dir, program, shop.URL, "1", "2", "3"), "1 true false\n2 false true\n3 false false\n"; got != want {
		t.Errorf("the program printed\n%swant\n%s", got, want)
	}
}

// pay fails order 1 with one code and order 2 with another, and accepts all others.
func pay(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.Contains(r.URL.Path, "/1/"):
		w.WriteHeader(http.StatusPaymentRequired)
		_, _ = w.Write([]byte(`{"error": {"code": "CARD_DECLINED"}}`))
	case strings.Contains(r.URL.Path, "/2/"):
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"error": {"code": "SOLD_OUT"}}`))
	default:
		_, _ = w.Write([]byte(`{"id": "3"}`))
	}
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	return string(readFile(t, filepath.Join("testdata", "newcomer", name)))
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
