package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/cli"
)

// TestGeneratedCodeRuns generates a package from a spec, and compiles and runs it with a program outside this module. It
// downloads nothing, because the runtime imports only the standard library.
func TestGeneratedCodeRuns(t *testing.T) {
	_, self, _, _ := runtime.Caller(0)
	root := filepath.Dir(filepath.Dir(self))
	dir := t.TempDir()
	for _, name := range []string{"spec.yaml", "main.go"} {
		data, err := os.ReadFile(filepath.Join(root, "errgen", "testdata", "endtoend", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), data)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), []byte("module example.test/app\n\ngo 1.26.0\n\n"+
		"require github.com/specpay/specpay v0.0.0\n\nreplace github.com/specpay/specpay => "+root+"\n"))

	var stderr bytes.Buffer
	out := filepath.Join(dir, "shop", "errors.gen.go")
	code := cli.Main([]string{"gen", "-client=false", "-go", out, filepath.Join(dir, "spec.yaml")}, nil, &stderr, &stderr)
	if code != 0 {
		t.Fatalf("errgen exited with %d:\n%s", code, stderr.String())
	}
	run(t, dir, "go", "vet", "./...")
	program := filepath.Join(dir, "app.exe")
	run(t, dir, "go", "build", "-o", program, ".")
	if got := run(t, dir, program); got != "fine\n" {
		t.Errorf("the program printed %q", got)
	}
	if symbols := run(t, dir, "go", "tool", "nm", program); strings.Contains(symbols, " example.test/app/shop.init\n") {
		t.Error("the generated package runs code on import")
	}
}

func run(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = offline()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// offline makes the go command use only the module cache. GOFLAGS is set, so that no command resolves a version, the build cache hits although folders change, and the linker omits what only debuggers need.
func offline() []string {
	return append(os.Environ(), "GOFLAGS=-trimpath -ldflags=-w", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
}
