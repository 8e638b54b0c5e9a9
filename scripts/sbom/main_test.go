package main

import (
	"bytes"
	"debug/buildinfo"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// TestComponentsAreLinkedModules compares the components with the modules that the linker records in a program.
func TestComponentsAreLinkedModules(t *testing.T) {
	packages := []string{"./cmd/demo"}
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := run(t.Context(), w, "../..", "v0.0.0-test", packages); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two runs differ")
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(&first, cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "demo.exe")
	cmd := exec.Command("go", "build", "-o", program, packages[0])
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range info.Deps {
		want = append(want, "pkg:golang/"+m.Path+"@"+m.Version)
	}
	for _, c := range *bom.Components {
		got = append(got, c.PackageURL)
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("the components are\n%s\nthe program links\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestInvalidArguments(t *testing.T) {
	for _, bad := range []func() error{
		func() error { return run(t.Context(), &bytes.Buffer{}, "../..", "", []string{"./qpay"}) },
		func() error { return run(t.Context(), &bytes.Buffer{}, "../..", "v1", nil) },
		func() error { return run(t.Context(), &bytes.Buffer{}, "../..", "v1", []string{"fmt"}) },
	} {
		if bad() == nil {
			t.Error("no error")
		}
	}
}
