package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestReadersAgree builds a program, through an overlay of the go command, from generated rules, the runtime's reader and
// errgen's reader. It fails if one reader changes and the other does not.
func TestReadersAgree(t *testing.T) {
	_, self, _, _ := runtime.Caller(0)
	root := filepath.Dir(filepath.Dir(self))
	archive, err := txtar.ParseFile("testdata/good_text_go.txtar")
	if err != nil {
		t.Fatal(err)
	}
	generated, ok := find(archive, "want/gate/errors.gen.go")
	if !ok {
		t.Fatal("the archive has no generated code")
	}
	program, err := os.ReadFile("testdata/endtoend/readers.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for name, data := range map[string]string{
		"errgen/readers/main.go":            string(program),
		"errgen/readers/gate/errors.gen.go": string(generated.Data),
		"errgen/readers/gate/rules.go":      "package gate\n\nimport \"github.com/specpay/specpay/pay\"\n\nfunc Rules() []pay.TextRules { return []pay.TextRules{errorEnvelope.Text, inboundTextEnvelope.Text} }\n",
	} {
		copied := filepath.Join(dir, filepath.FromSlash(name))
		writeFile(t, copied, []byte(data))
		replace[filepath.Join(root, filepath.FromSlash(name))] = copied
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "overlay.json"), overlay)

	app := filepath.Join(dir, "app.exe")
	build := exec.Command("go", "build", "-mod=readonly", "-buildvcs=false", "-overlay", filepath.Join(dir, "overlay.json"), "-o", app, "./errgen/readers")
	build.Dir = root
	build.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the program does not build: %v\n%s", err, out)
	}
	if got := run(t, dir, app); got != "fine\n" {
		t.Errorf("the program printed %q", got)
	}
}
