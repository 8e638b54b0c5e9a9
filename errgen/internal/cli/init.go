package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/start"
)

// draft implements errgen init: it writes a first catalog file for a spec that has none.
func (a *app) draft(args []string) (int, error) {
	out := ""
	flags := flag.NewFlagSet("errgen init", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&out, "o", "", "")
	flags.BoolVar(&a.quiet, "q", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0, err
	case err != nil:
		return 0, usagef("%v; see errgen help", err)
	case flags.NArg() != 1:
		return 0, usagef("init requires one SPEC: errgen init [-o FILE] [-q] SPEC")
	case strings.ContainsFunc(out+flags.Arg(0), unicode.IsControl):
		return 0, usagef("the path %q contains a control character; remove it", out+flags.Arg(0))
	}
	if _, err := os.Lstat(out); out != "" && !errors.Is(err, fs.ErrNotExist) {
		return 0, usagef("%s already exists and errgen init does not overwrite it; set -o to another file", filepath.ToSlash(out))
	}
	src, closeFolder, err := source(job{spec: flags.Arg(0)})
	if err != nil {
		return 0, err
	}
	defer closeFolder()
	d, err := a.drafted(src)
	if err != nil {
		return 0, err
	}
	if len(d.Data) == 0 {
		return exitFindings, nil
	}
	return exitClean, a.keep(out, d)
}

// drafted makes a draft that lint accepts, or reports why there is none.
func (a *app) drafted(src load.Source) (d start.Draft, err error) {
	namer, err := model.NewNamer("ToCamelCaseWithInitialisms", nil)
	if err != nil {
		return d, err
	}
	set, spec, res, err := a.stranger(src, namer)
	if spec == nil || err != nil {
		return d, err
	}
	d = start.New(set, spec, res, namer, src.Name)
	a.notes(d)
	if len(d.Data) == 0 {
		fmt.Fprintf(a.err, "errgen: %s has no error codes to draft a catalog from\n%s\n", src.Name, start.Looks)
		return d, nil
	}
	if ok, err := a.accepted(src, namer, d.Data); !ok {
		return start.Draft{}, err
	}
	return d, nil
}

// accepted lints a draft with its spec, and reports why a user would not be able to use it.
func (a *app) accepted(src load.Source, namer model.Namer, data []byte) (bool, error) {
	src.Catalog = load.Document{Name: "the draft", Data: data}
	checked, err := gen.Generate(src, gen.Options{Namer: namer})
	if err != nil {
		return false, err
	}
	faults := onlyErrors(checked.Findings)
	switch {
	case len(faults) == 0:
		return true, nil
	case mentions(faults, src.Catalog.Name):
		fmt.Fprintf(a.err, "errgen: this is a bug in errgen: lint rejects the draft for %s, so nothing is written; report it with these findings\n", src.Name)
	default:
		fmt.Fprintf(a.err, "errgen: %s has errors that no catalog file can correct, so nothing is written\n", src.Name)
	}
	_, err = a.report(faults)
	return false, err
}

// stranger reads a spec that has no catalog. If it returns no spec, it has reported why.
func (a *app) stranger(src load.Source, namer model.Namer) (*load.Set, *model.Spec, model.Resolver, error) {
	var found finding.List
	set, err := load.Open(src)
	if f, ok := errors.AsType[finding.Finding](err); ok {
		_, err := a.report(finding.List{f})
		return nil, nil, model.Resolver{}, err
	}
	if err != nil {
		return nil, nil, model.Resolver{}, err
	}
	spec, res := model.Build(set, namer, &found)
	n, _ := found.Count()
	switch {
	case n > 0:
		_, err := a.report(found.Sorted())
		return nil, nil, res, err
	case len(spec.Catalogs) > 0:
		fmt.Fprintf(a.err, "%s: the spec already has an x-error-catalog; edit that one\n", spec.Catalogs[0].Pos)
		return nil, nil, res, nil
	}
	return set, spec, res, nil
}

func (a *app) notes(d start.Draft) {
	for _, n := range d.Notes {
		a.say("%s", n)
	}
}

// mentions reports whether an error is in a file.
func mentions(found finding.List, file string) bool {
	for _, f := range onlyErrors(found) {
		if f.Pos.File == file {
			return true
		}
	}
	return false
}

func onlyErrors(found finding.List) finding.List {
	var out finding.List
	for _, f := range found {
		if f.Severity == finding.Error {
			out = append(out, f)
		}
	}
	return out
}

// keep writes a draft to a new file, or to standard output.
func (a *app) keep(name string, d start.Draft) error {
	if name == "" {
		_, err := a.out.Write(d.Data)
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return usagef("the draft cannot be written: %v", err)
	}
	_, err = f.Write(d.Data)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(name)
		return usagef("the draft cannot be written: %v", err)
	}
	a.say("wrote %s with %s; complete the entries marked x-unverified", filepath.ToSlash(name), count(d.Codes, "code"))
	return nil
}
