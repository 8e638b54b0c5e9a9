package cli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/specpay/specpay/errgen/internal/docgen"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/model"
)

// work lints every spec before it writes anything, so that an invalid spec leaves all files unchanged.
func (a *app) work(command string, jobs []job, all shared, check bool) (int, error) {
	files := map[string][]byte{}
	var found finding.List
	var parts []docgen.Part
	codes := 0
	for _, j := range jobs {
		if command == "lint" {
			j.opt, j.vendored = gen.Options{Label: j.opt.Label, Namer: j.opt.Namer, Client: j.opt.Client, Server: j.opt.Server}, nil
		}
		res, err := generate(j)
		if err != nil {
			return 0, err
		}
		found = append(found, res.Findings...)
		codes += res.Codes
		j.part.Spec = res.Spec
		parts = append(parts, j.part)
		maps.Copy(files, res.Files)
		if len(res.Files) > 0 && j.vendored != nil {
			maps.Copy(files, j.vendored)
			left, err := strays(j.copyDir, j.vendored)
			if err != nil {
				return 0, usagef("the copy cannot be read: %v", err)
			}
			found = append(found, left...)
		}
	}
	errors, _ := found.Count()
	if errors == 0 && command != "lint" {
		if err := all.generate(parts, files); err != nil {
			return 0, err
		}
	}
	if check && errors == 0 {
		stale, err := compare(files)
		if err != nil {
			return 0, err
		}
		found = append(found, stale...)
	}
	failed, err := a.report(found.Sorted())
	switch {
	case err != nil:
		return 0, err
	case failed:
		return exitFindings, nil
	case command == "lint":
		a.say("%s, %s: no errors", count(len(jobs), "spec"), count(codes, "code"))
		return exitClean, nil
	case check:
		a.say("%s up to date", count(len(files), "file"))
		return exitClean, nil
	}
	return exitClean, a.write(files)
}

func generate(j job) (gen.Result, error) {
	src, closeFolder, err := source(j)
	if err != nil {
		return gen.Result{}, err
	}
	defer closeFolder()
	return gen.Generate(src, j.opt)
}

// read reads a spec. An invalid spec is an error.
func (a *app) read(j job) (*model.Spec, error) {
	src, closeFolder, err := source(j)
	if err != nil {
		return nil, err
	}
	defer closeFolder()
	spec, found, err := gen.Read(src, j.opt.Namer)
	errors, _ := found.Count()
	if err != nil || errors == 0 {
		return spec, err
	}
	for _, f := range found {
		if f.Severity == finding.Error {
			fmt.Fprintln(a.err, f)
		}
	}
	return nil, usagef("%s has %s; correct the spec first", j.opt.Label, count(errors, "error"))
}

// say prints a message about success, unless -q is set.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.err, "errgen: "+format+"\n", args...)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func sortedNames(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
