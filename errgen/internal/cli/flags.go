package cli

import (
	"errors"
	"flag"
	"io"
)

// flags has the flags of gen and lint.
type flags struct {
	config       string
	check, quiet bool
	report       reporting
	direct       specConfig // output flags, for use without a config
	vendor       string     // folder
	client       bool
	names        string
	sandbox      string // import path
	set          map[string]bool
	specs        []string
}

func parseFlags(command string, args []string) (*flags, error) {
	f := &flags{set: map[string]bool{}}
	fs := flag.NewFlagSet("errgen "+command, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&f.config, "config", "errgen.yaml", "")
	fs.BoolVar(&f.quiet, "q", false, "")
	fs.StringVar(&f.names, "names", "", "")
	fs.StringVar(&f.direct.overlay, "overlay", "", "")
	fs.StringVar(&f.direct.catalog, "catalog", "", "")
	fs.StringVar(&f.report.format, "format", "text", "")
	fs.BoolVar(&f.report.werror, "werror", false, "")
	if command == "gen" {
		fs.BoolVar(&f.check, "check", false, "")
		fs.StringVar(&f.vendor, "vendor", "", "")
		fs.BoolVar(&f.client, "client", true, "")
		fs.StringVar(&f.sandbox, "sandbox-import", "", "")
		fs.StringVar(&f.direct.pkg, "package", "", "")
		fs.StringVar(&f.direct.goFile, "go", "", "")
		fs.BoolVar(&f.direct.server, "server", false, "")
		fs.StringVar(&f.direct.sandbox, "sandbox", "", "")
		fs.StringVar(&f.direct.sandboxPkg, "sandbox-package", "", "")
		fs.StringVar(&f.direct.markdown, "md", "", "")
		fs.StringVar(&f.direct.html, "html", "", "")
		fs.StringVar(&f.direct.json, "json", "", "")
		fs.StringVar(&f.direct.typescript, "ts", "", "")
	}
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, usagef("%v; see errgen help", err)
	}
	fs.Visit(func(g *flag.Flag) { f.set[g.Name] = true })
	f.specs = fs.Args()
	return f, errors.Join(f.report.check(), f.agree())
}

// interspersed parses flags before, between and after other arguments, and returns the latter.
func interspersed(fs *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for {
		if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, usagef("%v; see errgen help", err)
		}
		if fs.NArg() == 0 {
			return words, nil
		}
		words, args = append(words, fs.Arg(0)), fs.Args()[1:]
	}
}

// agree rejects combinations of a config with flags for a single spec.
func (f *flags) agree() error {
	if len(f.specs) == 0 {
		for _, name := range []string{"vendor", "client", "package", "go", "server", "sandbox", "sandbox-import", "sandbox-package", "md", "html", "json", "ts", "names", "overlay", "catalog"} {
			if f.set[name] {
				return usagef("-%s requires a SPEC after the flags; without a SPEC, use the config", name)
			}
		}
		return nil
	}
	if len(f.specs) > 1 && (f.set["overlay"] || f.set["catalog"]) {
		return usagef("-overlay and -catalog apply to one SPEC; use errgen.yaml for several")
	}
	if f.set["config"] {
		return usagef("-config and a SPEC exclude each other; use one of them")
	}
	return nil
}

// jobs returns the jobs of the config, or of the flags.
func (f *flags) jobs(command string) ([]job, shared, error) {
	if len(f.specs) == 0 {
		c, err := readConfig(f.config)
		if err != nil {
			return nil, shared{}, err
		}
		return c.jobs()
	}
	c := &config{vendor: f.vendor, doer: f.client, names: f.names, sandboxImport: f.sandbox, place: "the command line"}
	if command == "gen" && len(f.specs) > 1 {
		return nil, shared{}, usagef("gen accepts one SPEC; use errgen.yaml for several")
	}
	for _, spec := range f.specs {
		s := f.direct
		s.spec, s.place = spec, "the command line"
		if command == "gen" && s.outputs() == 0 {
			return nil, shared{}, usagef("gen %s has no output; set -go, -md, -html, -json or -ts, or use errgen lint", spec)
		}
		c.specs = append(c.specs, s)
	}
	return c.jobs()
}
