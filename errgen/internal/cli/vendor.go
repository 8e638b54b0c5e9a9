package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/vendored"
)

// findRuntime works out the import path under which generated code finds its copy of the error core. Without a vendor
// folder there is no copy.
func (c *config) findRuntime() error {
	if c.vendor == "" {
		return nil
	}
	copied, err := packageAt(c.path(c.vendor))
	if err == nil {
		err = copied.importable()
	}
	if err != nil {
		return usagef("vendor %s: %v", c.vendor, err)
	}
	c.runtime = copied.path + "/apierr"
	for _, s := range c.specs {
		if s.goFile == "" {
			continue
		}
		code, err := packageAt(filepath.Dir(c.path(s.goFile)))
		if err == nil {
			err = code.imports(copied)
		}
		if err != nil {
			return s.errorf("%s cannot import the copy in %s: %v", s.goFile, c.vendor, err)
		}
	}
	return nil
}

// vendorFiles returns the files of that copy.
func (c *config) vendorFiles() (map[string][]byte, error) {
	if c.vendor == "" {
		return nil, nil
	}
	copied, err := vendored.Files(path.Dir(c.runtime))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for name, data := range copied {
		files[filepath.Join(c.path(c.vendor), filepath.FromSlash(name))] = data
	}
	return files, nil
}

// strays returns a finding for every file below dir that a copy of another version has left. Its declarations could
// conflict with those of files, the current copy.
func strays(dir string, files map[string][]byte) (finding.List, error) {
	var found finding.List
	folder := os.DirFS(dir)
	err := fs.WalkDir(folder, ".", func(below string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		name := filepath.Join(dir, filepath.FromSlash(below))
		if err != nil || entry.IsDir() || path.Ext(below) != ".go" || files[name] != nil {
			return err
		}
		data, err := fs.ReadFile(folder, below)
		if err == nil && bytes.HasPrefix(data, []byte(vendored.Header)) {
			found.Errorf(finding.Pos{File: filepath.ToSlash(name), Line: 1, Col: 1}, finding.Stale, "the file is left over from another version of the copy; delete it")
		}
		return err
	})
	return found, err
}

// goPackage is the place of a package.
type goPackage struct {
	module string // path of its module
	path   string // for import declarations
}

// packageAt returns the package of a folder, which need not exist, by the go.mod in it or above it.
func packageAt(dir string) (goPackage, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return goPackage{}, err
	}
	for root := dir; ; root = filepath.Dir(root) {
		data, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if errors.Is(err, fs.ErrNotExist) {
			if root == filepath.Dir(root) {
				return goPackage{}, errors.New("neither the folder nor one above it has a go.mod, so its import path is not known")
			}
			continue
		}
		if err != nil {
			return goPackage{}, err
		}
		name := modfile.ModulePath(data)
		if name == "" {
			return goPackage{}, errors.New(filepath.Join(root, "go.mod") + " has no module line")
		}
		below, err := filepath.Rel(root, dir)
		return goPackage{name, path.Join(name, filepath.ToSlash(below))}, err
	}
}

// importable returns an error if Go refuses the package's import path.
func (p goPackage) importable() error {
	if slices.Contains(strings.Split(p.path, "/"), "vendor") {
		return errors.New("packages below a folder named vendor cannot be imported; choose another name")
	}
	if err := module.CheckImportPath(p.path); err != nil {
		return fmt.Errorf("%w; choose another folder", err)
	}
	return nil
}

// imports returns an error if code in package p cannot import the copy below copied.
func (p goPackage) imports(copied goPackage) error {
	if p.module != copied.module {
		return fmt.Errorf("they are in different modules, %s and %s; choose a folder of the same module", p.module, copied.module)
	}
	for _, to := range vendored.Packages() {
		if p.path == copied.path+"/"+to {
			return errors.New("it would be in a package of the copy; choose another folder for one of them")
		}
	}
	if i := strings.LastIndex(copied.path+"/", "/internal/"); i >= 0 && !strings.HasPrefix(p.path+"/", copied.path[:i+1]) {
		return fmt.Errorf("only packages below %s can import from its folder internal; choose another folder", copied.path[:i])
	}
	return nil
}
