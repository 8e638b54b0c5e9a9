package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewcomer is the first hour of a team that has a spec of its own and a stock oapi-codegen client: an empty module,
// errgen as a tool, three mistakes found, and a program that tells two codes apart.
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

	run(t, dir, "go", "mod", "init", "example.test/shop")
	run(t, dir, "go", "mod", "edit", "-replace", "github.com/specpay/specpay="+root)
	run(t, dir, "go", "get", "-tool", "github.com/specpay/specpay/errgen")
	pinned := strings.TrimSpace(run(t, root, "go", "list", "-m", "-f", "{{.Version}}", "github.com/oapi-codegen/oapi-codegen/v2"))
	run(t, dir, "go", "get", "-tool", "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@"+pinned)

	lint := exec.Command("go", "tool", "errgen", "lint", "spec.yaml")
	lint.Dir, lint.Env = dir, offline()
	out, err := lint.CombinedOutput()
	if err == nil {
		t.Errorf("lint found nothing:\n%s", out)
	}
	for _, place := range []string{"25:32: EG051", "39:13: EG004", "15:42: EG021"} {
		if !strings.Contains(string(out), "spec.yaml:"+place) {
			t.Errorf("lint does not name %s:\n%s", place, out)
		}
	}
	if n := strings.Count(string(out), "spec.yaml:"); n != 3 {
		t.Errorf("lint names %d places, want the 3 mistakes:\n%s", n, out)
	}

	mended := strings.NewReplacer("/eror/code", "/error/code", "advise:", "advice:", "[CARD_DECLINED, SOLD_OUT]", "[CARD_DECLINED]").Replace(spec)
	writeFile(t, filepath.Join(dir, "spec.yaml"), []byte(mended))
	if err := os.Mkdir(filepath.Join(dir, "api"), 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "go", "tool", "oapi-codegen", "-config", "client.yaml", "spec.yaml")
	run(t, dir, "go", "tool", "errgen", "gen", "-package", "api", "-go", "api/errors.gen.go", "spec.yaml")
	run(t, dir, "go", "mod", "tidy")
	run(t, dir, "go", "vet", "./...")
	shop := httptest.NewServer(http.HandlerFunc(refuse))
	defer shop.Close()
	program := filepath.Join(dir, "shop.exe")
	run(t, dir, "go", "build", "-o", program, ".")
	if got, want := run(t, dir, program, shop.URL, "1", "2", "3"), "1 true false\n2 false true\n3 false false\n"; got != want {
		t.Errorf("the program printed\n%swant\n%s", got, want)
	}
}

// refuse answers order 1 with one code, order 2 with another, and pays the rest.
func refuse(w http.ResponseWriter, r *http.Request) {
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
	data, err := os.ReadFile(filepath.Join("testdata", "newcomer", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
