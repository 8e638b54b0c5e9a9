package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// editor changes one file. It only inserts text, so that the original code stays in place for the
// compiler, and the line numbers stay what they are.
type editor struct {
	program *program
	file    string
	pkg     string
	src     []byte
	fset    *token.FileSet
	info    *types.Info
	names   map[string]string // of imported packages, by path
	stack   []ast.Node
	done    map[ast.Node]bool // expressions that are changed elsewhere or not at all
	seen    map[string]int    // keys, to tell equal ones apart
	edits   []edit
}

// edit inserts text at an offset or replaces what is between two.
type edit struct {
	from, to int
	text     string
	closing  bool // the text ends a node; inner nodes end first
}

func (e *editor) offset(p token.Pos) int { return e.fset.Position(p).Offset }

func (e *editor) text(n ast.Node) string { return string(e.src[e.offset(n.Pos()):e.offset(n.End())]) }

// wrap inserts text before and after a node.
func (e *editor) wrap(n ast.Node, before, after string) {
	e.edits = append(e.edits, edit{from: e.offset(n.Pos()), to: e.offset(n.Pos()), text: before},
		edit{from: e.offset(n.End()), to: e.offset(n.End()), text: after, closing: true})
}

func (e *editor) replace(from, to token.Pos, text string) {
	e.edits = append(e.edits, edit{from: e.offset(from), to: e.offset(to), text: text})
}

// mutant numbers a change of a node.
func (e *editor) mutant(n ast.Node, op string) int {
	fn := "package level"
	for _, s := range e.stack {
		if d, ok := s.(*ast.FuncDecl); ok {
			fn = d.Name.Name
			if d.Recv != nil {
				fn = strings.Trim(e.text(d.Recv.List[0].Type), "*") + "." + fn
			}
		}
	}
	snippet := strings.Join(strings.Fields(e.text(n)), " ")
	if len(snippet) > 90 {
		snippet = strings.ToValidUTF8(snippet[:90], "") + "..."
	}
	key := fmt.Sprintf("%s: %s: %s: %s", e.file, fn, op, snippet)
	if e.seen[key]++; e.seen[key] > 1 {
		key += fmt.Sprintf(" #%d", e.seen[key])
	}
	m := &mutant{id: len(e.program.mutants) + 1, file: e.file, line: e.fset.Position(n.Pos()).Line, key: key, pkg: e.pkg}
	e.program.mutants = append(e.program.mutants, m)
	return m.id
}

// apply returns the changed file. Of nodes that end at the same place, the inner ones were added last.
func (e *editor) apply() []byte {
	order := make([]int, len(e.edits))
	for i := range order {
		order[i] = i
	}
	rank := func(x edit) int {
		switch {
		case x.closing:
			return 0
		case x.from == x.to:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := e.edits[i], e.edits[j]
		if a.from != b.from {
			return a.from - b.from
		}
		if rank(a) != rank(b) {
			return rank(a) - rank(b)
		}
		if a.closing {
			return j - i
		}
		return i - j
	})
	var out []byte
	at := 0
	for _, i := range order {
		x := e.edits[i]
		out = append(out, e.src[at:x.from]...)
		out = append(out, x.text...)
		at = x.to
	}
	return append(out, e.src[at:]...)
}
