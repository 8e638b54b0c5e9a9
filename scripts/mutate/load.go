package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// program holds the packages to change.
type program struct {
	root    string
	listed  map[string]*listed // by import path, with all that they import
	targets []*target
	mutants []*mutant
}

// listed is what go list says about a package.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string
}

// target is one package and the files of it that are changed.
type target struct {
	*listed
	only  []string // names of files; empty for all
	files map[string][]byte
}

// mutant is one change.
type mutant struct {
	id     int
	file   string // relative to the root of the module
	line   int
	key    string // identifies it in explained.txt
	pkg    string // import path
	result string
}

// load parses and checks the targets and finds the mutants.
func load(ctx context.Context, root string, targets []string) (*program, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		return nil, errors.New("no targets; want packages such as internal/sign, or files such as qpay/auth.go")
	}
	p := &program{root: abs, listed: map[string]*listed{}}
	only := map[string][]string{}
	var dirs []string
	for _, t := range targets {
		dir, file := strings.TrimSuffix(filepath.ToSlash(filepath.Clean(t)), "/"), ""
		if strings.HasSuffix(t, ".go") {
			dir, file = filepath.ToSlash(filepath.Dir(t)), filepath.Base(t)
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
		if file != "" {
			only[dir] = append(only[dir], file)
		}
	}
	if err := p.list(ctx, dirs); err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		for _, l := range p.listed {
			if l.Dir == filepath.Join(abs, dir) {
				t := &target{listed: l, only: only[dir], files: map[string][]byte{}}
				if err := p.mutateTarget(t); err != nil {
					return nil, err
				}
				p.targets = append(p.targets, t)
			}
		}
	}
	return p, nil
}

func (p *program) list(ctx context.Context, dirs []string) error {
	args := []string{"list", "-deps", "-export", "-json=ImportPath,Name,Dir,Export,GoFiles"}
	for _, d := range dirs {
		args = append(args, "./"+d)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = p.root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		l := new(listed)
		if err := d.Decode(l); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		p.listed[l.ImportPath] = l
	}
}

// mutateTarget finds the mutants of one package, in the order of files and lines.
func (p *program) mutateTarget(t *target) error {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range t.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(t.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(p.listed[path].Export) }
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	if _, err := conf.Check(t.ImportPath, fset, files, info); err != nil {
		return err
	}
	for i, f := range files {
		name := t.GoFiles[i]
		if ast.IsGenerated(f) || len(t.only) > 0 && !slices.Contains(t.only, name) {
			continue
		}
		src, err := os.ReadFile(filepath.Join(t.Dir, name))
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(p.root, filepath.Join(t.Dir, name))
		if err != nil {
			return err
		}
		e := &editor{program: p, file: filepath.ToSlash(rel), pkg: t.ImportPath, src: src, fset: fset, info: info, names: imports(f), done: map[ast.Node]bool{}, seen: map[string]int{}}
		e.walk(f)
		t.files[name] = e.apply()
	}
	return nil
}

// imports returns the names of the packages that a file imports.
func imports(f *ast.File) map[string]string {
	out := map[string]string{}
	for _, s := range f.Imports {
		path := strings.Trim(s.Path.Value, `"`)
		out[path] = path[strings.LastIndex(path, "/")+1:]
		if s.Name != nil {
			out[path] = s.Name.Name
		}
	}
	return out
}

// write puts the changed files into a folder and returns the overlay for the go command.
func (p *program) write(temp string) (string, error) {
	replace := map[string]string{}
	put := func(original string, content []byte) error {
		copied := filepath.Join(temp, fmt.Sprintf("%d.go", len(replace)))
		replace[original] = copied
		return os.WriteFile(copied, content, 0o600)
	}
	for _, t := range p.targets {
		for name, content := range t.files {
			if err := put(filepath.Join(t.Dir, name), content); err != nil {
				return "", err
			}
		}
		support := strings.NewReplacer("PACKAGE", t.Name, "COUNT", fmt.Sprint(len(p.mutants)+1)).Replace(support)
		if err := put(filepath.Join(t.Dir, "zz_mutate.go"), []byte(support)); err != nil {
			return "", err
		}
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(temp, "overlay.json")
	return name, os.WriteFile(name, b, 0o600)
}

// support is added to each changed package. MUTATE is the number of the mutant, MUTATE_RECORD a file
// for the numbers that are reached.
const support = `package PACKAGE

import (
	"os"
	"strconv"
	"sync/atomic"
)

var (
	mutActive, _ = strconv.Atoi(os.Getenv("MUTATE"))
	mutRecord    = mutOpen(os.Getenv("MUTATE_RECORD"))
	mutSeen      [COUNT]atomic.Bool
)

func mutOpen(name string) *os.File {
	if name == "" {
		return nil
	}
	f, _ := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	return f
}

func mutOn(id int) bool {
	if mutRecord != nil && !mutSeen[id].Swap(true) {
		_, _ = mutRecord.WriteString(strconv.Itoa(id) + "\n")
	}
	return id == mutActive
}

type mutNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

func mutInc[T mutNumber](id int, v T) T {
	if mutOn(id) {
		return v + 1
	}
	return v
}

func mutDec[T mutNumber](id int, v T) T {
	if mutOn(id) {
		return v - 1
	}
	return v
}

func mutTwice[T mutNumber](id int, v T) T {
	if mutOn(id) {
		return v * 2
	}
	return v
}

func mutHalf[T mutNumber](id int, v T) T {
	if mutOn(id) {
		return v / 2
	}
	return v
}

func mutAdd[T mutNumber](id int, a, b T) T {
	if mutOn(id) {
		return a - b
	}
	return a + b
}

func mutSub[T mutNumber](id int, a, b T) T {
	if mutOn(id) {
		return a + b
	}
	return a - b
}

func mutMul[T mutNumber](id int, a, b T) T {
	if mutOn(id) {
		return a / b
	}
	return a * b
}

func mutQuo[T mutNumber](id int, a, b T) T {
	if mutOn(id) {
		return a * b
	}
	return a / b
}

func mutZero[T any](id int, v T) (out T) {
	if mutOn(id) {
		return out
	}
	return v
}
`
