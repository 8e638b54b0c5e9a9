// Command sbom writes a software bill of materials in CycloneDX JSON: this module and every module that its clients
// link, as the go command reports them. The output does not depend on the time or the machine.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	dir := flag.String("C", ".", "`folder` of the module")
	version := flag.String("version", "", "`version` of the module")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir, *version, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// module is what go list prints about a module.
type module struct {
	Path, Version, Sum string
	Main               bool
}

func run(ctx context.Context, w io.Writer, dir, version string, packages []string) error {
	if version == "" || len(packages) == 0 {
		return errors.New("-version or the packages are missing; want -version v1.2.3 ./qpay")
	}
	mods, err := linked(ctx, dir, packages)
	if err != nil {
		return err
	}
	return write(w, version, mods)
}

// linked returns the modules that the packages link, sorted by path.
func linked(ctx context.Context, dir string, packages []string) ([]module, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-deps", "-json=Module"}, packages...)...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w", dir, err)
	}
	var mods []module
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ Module *module }
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if p.Module != nil && !slices.Contains(mods, *p.Module) {
			mods = append(mods, *p.Module)
		}
	}
	slices.SortFunc(mods, func(a, b module) int { return cmp.Compare(a.Path, b.Path) })
	return mods, nil
}

func write(w io.Writer, version string, mods []module) error {
	bom := cdx.NewBOM()
	var components []cdx.Component
	var needs []string
	root := ""
	for _, m := range mods {
		if m.Main {
			m.Version, root = version, ref(module{Path: m.Path, Version: version})
			bom.Metadata = &cdx.Metadata{Component: component(m)}
			continue
		}
		components, needs = append(components, *component(m)), append(needs, ref(m))
	}
	if root == "" {
		return errors.New("no package belongs to the main module; want packages such as ./qpay")
	}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: root, Dependencies: &needs}}
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
}

func ref(m module) string { return "pkg:golang/" + m.Path + "@" + m.Version }

func component(m module) *cdx.Component {
	c := &cdx.Component{
		BOMRef: ref(m), Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version,
		PackageURL: ref(m), Scope: cdx.ScopeRequired,
	}
	if m.Sum != "" { // a hash of the file tree, which CycloneDX's own hash types do not cover
		c.Properties = &[]cdx.Property{{Name: "go:sum", Value: m.Sum}}
	}
	return c
}
