package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/cli"
)

// TestVendoredCopyBehavesTheSame runs one program over one set of responses twice: with code that imports apierr, and
// with code that has a copy of it, in a module that requires nothing.
func TestVendoredCopyBehavesTheSame(t *testing.T) {
	_, self, _, _ := runtime.Caller(0)
	root := filepath.Dir(filepath.Dir(self))
	program, err := os.ReadFile(filepath.Join(root, "errgen", "testdata", "endtoend", "responses.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	output := map[string]string{}
	for form, files := range map[string]struct {
		module string
		flags  []string
	}{
		"imported": {"\nrequire github.com/specpay/specpay v0.0.0\n\nreplace github.com/specpay/specpay => " + root + "\n", nil},
		"vendored": {"", []string{"-vendor", "internal"}},
	} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "go.mod"), []byte("module example.test/app\n\ngo 1.26.0\n"+files.module))
		writeFile(t, filepath.Join(dir, "main.go"), program)
		args := []string{"gen", "-q", "-server"}
		for _, f := range files.flags {
			args = append(args, strings.Replace(f, "internal", filepath.Join(dir, "internal"), 1))
		}
		args = append(args, "-go", filepath.Join(dir, "petstore", "errors.gen.go"), filepath.Join(root, "errgen", "examples", "petstore", "petstore.yaml"))
		var stderr bytes.Buffer
		if code := cli.Main(args, nil, &stderr, &stderr); code != 0 {
			t.Fatalf("%s: errgen exited with %d:\n%s", form, code, stderr.String())
		}
		run(t, dir, "go", "vet", "./...")
		app := filepath.Join(dir, "app.exe")
		run(t, dir, "go", "build", "-o", app, ".")
		output[form] = run(t, dir, app)
		if symbols := run(t, dir, "go", "tool", "nm", app); strings.Contains(symbols, " example.test/app/petstore.init\n") {
			t.Errorf("%s: the generated package runs code on import", form)
		}
		if linked := run(t, dir, "go", "list", "-deps", "."); form == "vendored" && strings.Contains(linked, "github.com") {
			t.Errorf("the vendored form links another module:\n%s", linked)
		}
	}
	imported, vendored := strings.Split(output["imported"], "\n"), strings.Split(output["vendored"], "\n")
	if len(imported) != len(vendored) {
		t.Fatalf("imported prints %d lines, vendored %d", len(imported), len(vendored))
	}
	for i := range imported {
		if imported[i] != vendored[i] {
			t.Errorf("the two forms differ:\nimported %s\nvendored %s", imported[i], vendored[i])
		}
	}
	for _, want := range []string{
		"declined code, 500: HOME_REFUSED unknown_outcome unknown inquire declined=false",
		"declined code, 402: HOME_REFUSED declined failed change declined=true",
		"unknown code, 409: NEW unknown_outcome unknown inquire declined=false",
		"failure in a 200: PET_NOT_FOUND not_found failed never declined=false",
		"plain text: CHIP_UNKNOWN not_found failed never declined=false",
		"success: none",
	} {
		if !strings.Contains(output["imported"], want) {
			t.Errorf("the program does not print %q:\n%s", want, output["imported"])
		}
	}
}

// TestVendoredFilesAreCurrent compares the copy that errgen embeds with the packages.
func TestVendoredFilesAreCurrent(t *testing.T) {
	const files = "internal/vendored/files"
	seen := 0
	err := filepath.WalkDir(files, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		seen++
		below, err := filepath.Rel(files, strings.TrimSuffix(name, ".txt"))
		if err != nil {
			return err
		}
		copied, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		original, err := os.ReadFile(filepath.Join("..", below))
		if err != nil {
			return err
		}
		if !bytes.Equal(copied, original) {
			t.Errorf("%s is stale; run make generate", name)
		}
		return nil
	})
	if err != nil || seen < 10 {
		t.Fatalf("%d files, %v", seen, err)
	}
}

// TestVendorWithSeveralSpecs: the copy is written although the first spec of the config has no Go file, and the code
// compiles.
func TestVendorWithSeveralSpecs(t *testing.T) {
	_, self, _, _ := runtime.Caller(0)
	spec, err := os.ReadFile(filepath.Join(filepath.Dir(self), "examples", "petstore", "petstore.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), []byte("module example.test/app\n\ngo 1.26.0\n"))
	writeFile(t, filepath.Join(dir, "conf", "petstore.yaml"), spec)
	writeFile(t, filepath.Join(dir, "conf", "errgen.yaml"), []byte("vendor: ../lib\nspecs:\n  - {spec: petstore.yaml}\n  - {spec: petstore.yaml, go: ../petstore/errors.go}\n"))
	var stderr bytes.Buffer
	if code := cli.Main([]string{"gen", "-config", filepath.Join(dir, "conf", "errgen.yaml")}, nil, &stderr, &stderr); code != 0 {
		t.Fatalf("errgen ended with %d:\n%s", code, stderr.String())
	}
	run(t, dir, "go", "vet", "./...")
}
