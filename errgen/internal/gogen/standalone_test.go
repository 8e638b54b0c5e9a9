package gogen

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// TestOwnNamesAreThoseOfTheParser: the names are read off the lines, so every part has to read the same either way.
func TestOwnNamesAreThoseOfTheParser(t *testing.T) {
	spec := hostile("text")
	all := parts(spec, true)
	if len(all) < 9 {
		t.Fatalf("only the parts %v", all)
	}
	for _, part := range all {
		src, err := source(part)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), part, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, d := range parsed.Decls {
			want = append(want, declared(d)...)
		}
		if got := exportedNames(src); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", part, got, want)
		}
	}
}

func declared(d ast.Decl) (names []string) {
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			if id.IsExported() {
				names = append(names, id.Name)
			}
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add(d.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				add(s.Name)
			case *ast.ValueSpec:
				add(s.Names...)
			}
		}
	}
	return names
}

// TestPartsAreFormatted: they go into the file as they are.
func TestPartsAreFormatted(t *testing.T) {
	for _, server := range []bool{false, true} {
		out, err := Codes(hostile("text"), Options{Source: "x.yaml", Package: "api", Server: server})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := format.Source(out); err != nil || !bytes.Equal(again, out) {
			t.Errorf("gofmt changes the file (%v)", err)
		}
	}
}
