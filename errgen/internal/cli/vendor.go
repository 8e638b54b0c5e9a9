package cli

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/mod/modfile"

	"github.com/specpay/specpay/errgen/internal/vendored"
)

// findRuntime works out the import path under which generated code finds its copy of the error core. Without a vendor
// folder there is no copy.
func (c *config) findRuntime() error {
	if c.vendor == "" {
		return nil
	}
	base, err := importPathOf(c.path(c.vendor))
	if err != nil {
		return usagef("vendor %s: %v", c.vendor, err)
	}
	c.runtime = base + "/apierr"
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

// importPathOf returns the import path of a folder, which need not exist, by the go.mod in it or above it.
func importPathOf(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for root := dir; ; root = filepath.Dir(root) {
		data, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if errors.Is(err, fs.ErrNotExist) {
			if root == filepath.Dir(root) {
				return "", errors.New("neither the folder nor one above it has a go.mod, so its import path is not known")
			}
			continue
		}
		if err != nil {
			return "", err
		}
		module := modfile.ModulePath(data)
		if module == "" {
			return "", errors.New(filepath.Join(root, "go.mod") + " has no module line")
		}
		below, err := filepath.Rel(root, dir)
		return path.Join(module, filepath.ToSlash(below)), err
	}
}
