package cli

import (
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/specpay/specpay/errgen/internal/docgen"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/model"
)

// job is a spec with checked options. All paths are relative to the working directory.
type job struct {
	spec             string
	overlay, catalog string // "" = none
	opt              gen.Options
	part             docgen.Part       // of the index, without the spec
	vendored         map[string][]byte // a copy of the error core, with the first job that has a Go file
	copyDir          string            // folder of that copy
}

func (c *config) jobs() ([]job, shared, error) {
	client, err := c.client()
	if err != nil {
		return nil, shared{}, err
	}
	if err := c.findRuntime(); err != nil {
		return nil, shared{}, err
	}
	owner := map[string]string{}
	for _, s := range c.specs {
		owner[c.path(s.spec)] = "a spec"
		owner[c.output(s.overlay)], owner[c.output(s.catalog)] = "an overlay", "a catalog file"
	}
	packages := map[string]string{}
	var jobs []job
	for _, s := range c.specs {
		j, err := c.job(s, client.namer)
		if err != nil {
			return nil, shared{}, err
		}
		for _, name := range []string{j.opt.Go, j.opt.Sandbox, j.opt.Markdown, j.opt.HTML, j.opt.JSON, j.opt.TypeScript} {
			if other, ok := owner[name]; ok && name != "" {
				return nil, shared{}, s.errorf("the output %s is also %s; every output needs its own file", filepath.ToSlash(name), other)
			}
			owner[name] = "an output of " + s.spec
		}
		for _, name := range []string{j.opt.Go, j.opt.Sandbox} {
			if dir := filepath.Dir(name); name != "" {
				if other, ok := packages[dir]; ok {
					return nil, shared{}, s.errorf("the folder %s already has Go code from %s; use a separate package for each spec, because the names would conflict", filepath.ToSlash(dir), other)
				}
				packages[dir] = s.spec
			}
		}
		jobs = append(jobs, j)
	}
	if i := slices.IndexFunc(jobs, func(j job) bool { return j.opt.Go != "" }); i >= 0 {
		jobs[i].copyDir = filepath.Join(c.path(c.vendor), "apierr")
		if jobs[i].vendored, err = c.vendorFiles(); err != nil {
			return nil, shared{}, err
		}
	}
	x, err := c.link(jobs, owner)
	if err != nil {
		return nil, shared{}, err
	}
	retries, err := c.retryPage(owner)
	retries.excluded = client.excludedTags
	return jobs, shared{x, retries}, err
}

// client reads the oapi-codegen config of the client. Without one, initialisms are in capitals.
func (c *config) client() (client, error) {
	if c.names == "" {
		namer, err := model.NewNamer("ToCamelCaseWithInitialisms", nil)
		return client{namer: namer}, err
	}
	return readClient(c.path(c.names))
}

func (c *config) job(s specConfig, namer model.Namer) (job, error) {
	for _, name := range []string{s.spec, s.overlay, s.catalog, s.goFile, s.sandbox, s.markdown, s.html, s.json, s.typescript, s.reference} {
		if strings.ContainsFunc(name, unicode.IsControl) {
			return job{}, s.errorf("the path %q contains a control character; remove it", name)
		}
	}
	opt := gen.Options{
		Label: filepath.ToSlash(s.spec), Namer: namer, Runtime: c.runtime, Client: c.doer && s.goFile != "", SandboxImport: c.sandboxImport,
		Server: s.server, Go: c.output(s.goFile), Sandbox: c.output(s.sandbox), Markdown: c.output(s.markdown), HTML: c.output(s.html), JSON: c.output(s.json), TypeScript: c.output(s.typescript),
	}
	if s.server && s.goFile == "" {
		return job{}, s.errorf("server requires a Go file; set go")
	}
	var err error
	if s.goFile != "" {
		if opt.Package, err = s.packageOf(s.goFile, s.pkg, "package"); err != nil {
			return job{}, err
		}
	}
	if s.sandbox != "" {
		if opt.SandboxPackage, err = s.packageOf(s.sandbox, s.sandboxPkg, "sandbox-package"); err != nil {
			return job{}, err
		}
		if err := s.importPath(c.sandboxImport, "sandbox-import", "the package with the sandbox's Code type"); err != nil {
			return job{}, err
		}
	}
	if opt.Home.Reference, err = c.reference(s); err != nil {
		return job{}, err
	}
	return job{spec: c.path(s.spec), overlay: c.output(s.overlay), catalog: c.output(s.catalog), opt: opt}, nil
}

// reference returns the link from the HTML page to the API reference.
func (c *config) reference(s specConfig) (string, error) {
	if s.reference == "" {
		return "", nil
	}
	if s.html == "" {
		return "", s.errorf("only the HTML page links to the reference; set html, or remove reference")
	}
	link, err := filepath.Rel(filepath.Dir(c.path(s.html)), c.path(s.reference))
	if err != nil {
		return "", s.errorf("there is no relative link from %s to %s; write both paths relative to the config", s.html, s.reference)
	}
	return address(link), nil
}

func (c *config) output(name string) string {
	if name == "" {
		return ""
	}
	return c.path(name)
}

// packageOf returns the package of a Go file: the configured one, or the name of the file's folder.
func (s specConfig) packageOf(file, set, key string) (string, error) {
	name := set
	if name == "" {
		name = path.Base(path.Dir(filepath.ToSlash(file)))
	}
	if !token.IsIdentifier(name) || name == "_" || name == "main" {
		return "", s.errorf("%q is not a valid package name for %s; set %s to one", name, file, key)
	}
	return name, nil
}

func (s specConfig) importPath(value, key, what string) error {
	if value == "" {
		return s.errorf("%s is missing; set it to the import path of %s", key, what)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~+-]*(/[A-Za-z0-9._~+-]+)*$`).MatchString(value) {
		return s.errorf("%s %q is not a Go import path; write it like github.com/specpay/specpay/pay", key, value)
	}
	return nil
}
