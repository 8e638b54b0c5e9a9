// Package gen is errgen as a function: a spec and options in, file contents or findings out. It touches no disk, and
// its result depends on nothing but its arguments.
package gen

import (
	"errors"
	"fmt"

	"github.com/specpay/specpay/errgen/internal/docgen"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/gogen"
	"github.com/specpay/specpay/errgen/internal/lint"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Options say what to make of one spec. A file with an empty name is not made; the zero value only lints.
type Options struct {
	Label string // the spec as generated files name it, such as specs/qpay.yaml
	Namer model.Namer

	Go      string // file of the codes
	Package string // its package
	Runtime string // import path of the package with the shared words; "" = the file of the codes holds its own
	Server  bool   // what a server needs too; only without Runtime
	Own     bool   // check the names of such a file; Go without Runtime implies it

	Sandbox        string // file of the codes for a sandbox
	SandboxPackage string
	SandboxImport  string // import path of the package with the Code type; required for Sandbox

	Markdown, HTML, JSON string

	Home docgen.Home // the index over several specs, for the pages to lead back to
}

// Result is what came of one spec.
type Result struct {
	Files    map[string][]byte // by the names of the options; empty when there are errors among the findings
	Findings finding.List      // sorted
	Codes    int               // how many codes the spec declares
	Spec     *model.Spec       // what was read, for an index; nil when the document cannot be read at all
}

// Generate lints a spec and makes the files that opt names. The error is for faults of the call or of errgen itself;
// everything about the spec is a finding.
func Generate(src load.Source, opt Options) (Result, error) {
	var found finding.List
	set, err := load.Open(src)
	if err != nil {
		f, ok := errors.AsType[finding.Finding](err)
		if !ok {
			return Result{}, err
		}
		return Result{Findings: finding.List{f}}, nil
	}
	spec, resolver := model.Build(set, opt.Namer, &found)
	spec.Served = opt.Server
	lint.Spec(set, spec, resolver, opt.Namer, &found)
	if err := own(spec, opt, &found); err != nil {
		return Result{}, err
	}
	outputs(spec, opt, &found)
	res := Result{Findings: found.Sorted(), Spec: spec}
	for _, c := range spec.Catalogs {
		res.Codes += len(c.Codes)
	}
	if n, _ := res.Findings.Count(); n > 0 {
		return res, nil
	}
	res.Files, err = write(spec, opt)
	return res, err
}

// Read returns what a spec says of its errors and operations, and what was wrong with reading it, sorted. Errors among
// the findings mean that the spec is not whole. The rules of lint are not asked: this is for looking, not for making.
func Read(src load.Source, namer model.Namer) (*model.Spec, finding.List, error) {
	var found finding.List
	set, err := load.Open(src)
	if err != nil {
		f, ok := errors.AsType[finding.Finding](err)
		if !ok {
			return nil, nil, err
		}
		return &model.Spec{}, finding.List{f}, nil
	}
	spec, _ := model.Build(set, namer, &found)
	return spec, found.Sorted(), nil
}

// own checks the names that a file without a runtime adds to its package.
func own(spec *model.Spec, opt Options, found *finding.List) error {
	if !opt.Own && (opt.Go == "" || opt.Runtime != "") {
		return nil
	}
	names, err := gogen.OwnNames(spec, opt.Server)
	if err != nil {
		return err
	}
	lint.Own(spec, opt.Namer, names, found)
	return nil
}

// outputs reports wanted files that this spec cannot give.
func outputs(spec *model.Spec, opt Options, found *finding.List) {
	for _, w := range wanted(spec, opt) {
		if w.name != "" && len(spec.Catalogs) == 0 {
			found.Errorf(spec.Pos, finding.Output, "the spec has no x-error-catalog, so %s cannot be made from it", finding.Quote(w.name))
		}
	}
}

type output struct {
	name string
	make func() ([]byte, error)
}

func wanted(spec *model.Spec, opt Options) []output {
	g := gogen.Options{
		Source: opt.Label, Package: opt.Package, Runtime: opt.Runtime, Server: opt.Server,
		SandboxPackage: opt.SandboxPackage, SandboxImport: opt.SandboxImport, Namer: opt.Namer,
	}
	return []output{
		{opt.Go, func() ([]byte, error) { return gogen.Codes(spec, g) }},
		{opt.Sandbox, func() ([]byte, error) { return gogen.Sandbox(spec, g) }},
		{opt.Markdown, func() ([]byte, error) { return docgen.Markdown(spec, opt.Label, opt.Home), nil }},
		{opt.HTML, func() ([]byte, error) { return docgen.HTML(spec, opt.Label, opt.Home) }},
		{opt.JSON, func() ([]byte, error) { return docgen.JSON(spec, opt.Label) }},
	}
}

func write(spec *model.Spec, opt Options) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, w := range wanted(spec, opt) {
		if w.name == "" {
			continue
		}
		if _, twice := files[w.name]; twice {
			return nil, fmt.Errorf("two outputs are called %s", finding.Quote(w.name))
		}
		data, err := w.make()
		if err != nil {
			return nil, err
		}
		files[w.name] = data
	}
	return files, nil
}
