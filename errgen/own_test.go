package main

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestStandaloneFile builds a file of codes without a runtime in a module without requirements, with all its parts: texts,
// customer messages, a server. It must run no code on import.
func TestStandaloneFile(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/good_own_server.txtar")
	if err != nil {
		t.Fatal(err)
	}
	generated, ok := find(archive, "want/petshop/errors.gen.go")
	if !ok {
		t.Fatal("the archive has no generated code")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), []byte("module example.test/app\n\ngo 1.26.0\n"))
	writeFile(t, filepath.Join(dir, "petshop", "errors.gen.go"), generated.Data)
	writeFile(t, filepath.Join(dir, "main.go"), []byte(`package main

import (
	"errors"
	"fmt"

	"example.test/app/petshop"
)

func main() {
	e, failed := petshop.Parse(503, nil, []byte("closed"))
	fmt.Println(failed, errors.Is(e, petshop.GateClosed), errors.Is(e, petshop.ClassUnavailable))
}
`))
	run(t, dir, "go", "vet", "./...")
	program := filepath.Join(dir, "app.exe")
	run(t, dir, "go", "build", "-o", program, ".")
	if got := run(t, dir, program); got != "true true true\n" {
		t.Errorf("the program printed %q", got)
	}
	if symbols := run(t, dir, "go", "tool", "nm", program); strings.Contains(symbols, " example.test/app/petshop.init\n") {
		t.Error("the generated package runs code on import")
	}
}
