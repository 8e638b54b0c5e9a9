package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// compare returns a finding for every file that differs from what gen would write.
func compare(files map[string][]byte) (finding.List, error) {
	var found finding.List
	for _, name := range sortedNames(files) {
		pos := finding.Pos{File: filepath.ToSlash(name), Line: 1, Col: 1}
		have, err := os.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			found.Errorf(pos, finding.Stale, "the file is missing; run errgen gen")
		case err != nil:
			return nil, usagef("a generated file cannot be read: %v", err)
		case !bytes.Equal(have, files[name]):
			line, has, wants := difference(have, files[name])
			pos.Line = line
			found.Errorf(pos, finding.Stale, "the file is stale: it has %s, errgen generates %s; run errgen gen", has, wants)
		}
	}
	return found, nil
}

// difference returns the number of the first line that differs, and both versions of it.
func difference(have, want []byte) (line int, has, wants string) {
	h, w := strings.SplitAfter(string(have), "\n"), strings.SplitAfter(string(want), "\n")
	show := func(lines []string, i int) string {
		if i >= len(lines) || lines[i] == "" {
			return "the end of the file"
		}
		return finding.Quote(lines[i])
	}
	i := 0
	for i < len(h) && i < len(w) && h[i] == w[i] {
		i++
	}
	return i + 1, show(h, i), show(w, i)
}

// staged is a complete temporary file next to the file that it will replace.
type staged struct{ temp, name string }

// write updates the files. All contents are written to temporary files before the first file is replaced. Files that are
// up to date are not touched.
func (a *app) write(files map[string][]byte) error {
	var ready []staged
	var folders []string
	defer func() { // has no effect after a successful run: the temporary names are gone and the folders are not empty
		for _, s := range ready {
			_ = os.Remove(s.temp)
		}
		for _, dir := range folders {
			_ = os.Remove(dir)
		}
	}()
	for _, name := range sortedNames(files) {
		have, err := os.ReadFile(name)
		if err == nil && bytes.Equal(have, files[name]) {
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return usagef("an output cannot be replaced: %v", err)
		}
		folders = append(missing(filepath.Dir(name)), folders...)
		temp, err := stage(name, files[name])
		if temp != "" {
			ready = append(ready, staged{temp, name})
		}
		if err != nil {
			return usagef("an output cannot be written: %v", err)
		}
	}
	for _, s := range ready {
		if err := os.Rename(s.temp, s.name); err != nil {
			return usagef("an output cannot be replaced: %v", err)
		}
		a.say("wrote %s", filepath.ToSlash(s.name))
	}
	if len(ready) == 0 {
		a.say("%s up to date", count(len(files), "file"))
	}
	return nil
}

// missing returns the folders that must be created for dir, the innermost one first.
func missing(dir string) []string {
	var out []string
	for {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			return out
		}
		out = append(out, dir)
		dir = filepath.Dir(dir)
	}
}

// stage writes data to a temporary file next to name. It returns the temporary name even on failure.
func stage(name string, data []byte) (string, error) {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".errgen-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	return f.Name(), errors.Join(err, f.Chmod(mode), f.Close())
}
