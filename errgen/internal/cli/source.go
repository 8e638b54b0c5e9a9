package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/specpay/specpay/errgen/internal/load"
)

// source reads the files of a job. The caller must close the folder of the spec.
func source(j job) (src load.Source, closeFolder func(), err error) {
	src.Name = filepath.ToSlash(j.spec)
	if src.Data, err = readSpec(j.spec); err != nil {
		return src, nil, usagef("the spec cannot be read: %v", err)
	}
	if src.Overlay, err = document(j.overlay); err != nil {
		return src, nil, usagef("the overlay cannot be read: %v", err)
	}
	if src.Catalog, err = document(j.catalog); err != nil {
		return src, nil, usagef("the catalog file cannot be read: %v", err)
	}
	// Unlike os.DirFS, a root does not follow symbolic links that lead out of it.
	root, err := os.OpenRoot(filepath.Dir(j.spec))
	if err != nil {
		return src, nil, usagef("the folder of the spec cannot be opened: %v", err)
	}
	src.Files = root.FS()
	return src, func() { _ = root.Close() }, nil
}

// document reads an overlay or a catalog file. An empty name is none.
func document(name string) (load.Document, error) {
	if name == "" {
		return load.Document{}, nil
	}
	data, err := readSpec(name)
	return load.Document{Name: filepath.ToSlash(name), Data: data}, err
}

// readSpec reads at most one byte more than allowed, so that load can detect a file that is too large.
func readSpec(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() > load.MaxBytes {
		return nil, fmt.Errorf("%s has %d bytes; at most %d (64 MiB) are allowed, so split it", filepath.ToSlash(name), info.Size(), load.MaxBytes)
	}
	return io.ReadAll(io.LimitReader(f, load.MaxBytes+1))
}
