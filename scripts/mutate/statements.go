package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// fields leaves out the fields of a struct literal, one at a time.
func (e *editor) fields(lit *ast.CompositeLit) {
	t := e.info.Types[lit].Type
	if t == nil {
		return
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		for _, el := range lit.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				e.done[kv.Key] = true
			}
		}
		return
	}
	for _, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok || e.isZero(kv.Value) {
			continue
		}
		tv := e.info.Types[kv.Value]
		if isBool(tv.Type) {
			e.condition(kv.Value, true, true)
			continue
		}
		for f := range s.Fields() {
			if f.Name() != e.text(kv.Key) {
				continue
			}
			if name, ok := e.typeName(f.Type()); ok {
				e.wrap(kv.Value, fmt.Sprintf("mutZero[%s](%d, ", name, e.mutant(kv, "without field")), ")")
			}
		}
	}
}

func (e *editor) isZero(x ast.Expr) bool {
	tv := e.info.Types[x]
	if tv.IsNil() {
		return true
	}
	if lit, ok := x.(*ast.CompositeLit); ok {
		return len(lit.Elts) == 0
	}
	if tv.Value == nil {
		return false
	}
	switch tv.Value.Kind() {
	case constant.String:
		return constant.StringVal(tv.Value) == ""
	case constant.Int, constant.Float:
		return constant.Sign(tv.Value) == 0
	default:
		return false
	}
}

// cases drops the cases of a switch, one at a time. For that, a switch with a tag becomes one of
// comparisons.
func (e *editor) cases(s *ast.SwitchStmt) {
	tag := fmt.Sprintf("mutTag%d", e.offset(s.Pos()))
	for _, stmt := range s.Body.List {
		for _, x := range stmt.(*ast.CaseClause).List {
			if s.Tag == nil {
				e.condition(x, true, true)
				continue
			}
			e.done[x] = true
			e.wrap(x, tag+" == (", fmt.Sprintf(") && !mutOn(%d)", e.mutant(x, "without case")))
		}
	}
	switch {
	case s.Tag == nil || len(s.Body.List) == 0:
	case s.Init == nil:
		e.wrap(s.Tag, tag+" := ", ";")
	default:
		e.replace(s.Pos(), s.Pos()+token.Pos(len("switch")), "{")
		e.replace(s.Init.End(), s.Tag.Pos(), "; switch "+tag+" := ")
		e.edits = append(e.edits, edit{from: e.offset(s.Tag.End()), to: e.offset(s.Tag.End()), text: ";", closing: true},
			edit{from: e.offset(s.End()), to: e.offset(s.End()), text: "}", closing: true})
	}
}

// statements leaves out the statements of a block, one at a time.
func (e *editor) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			call, ok := s.X.(*ast.CallExpr)
			if !ok || e.isText(call) {
				continue
			}
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.BranchStmt:
			if s.Label != nil || s.Tok != token.BREAK && s.Tok != token.CONTINUE {
				continue
			}
		case *ast.ReturnStmt:
			e.results(s)
			continue
		case *ast.IncDecStmt, *ast.DeferStmt, *ast.GoStmt, *ast.SendStmt:
		default:
			continue
		}
		e.wrap(s, fmt.Sprintf("if !mutOn(%d) { ", e.mutant(s, "without")), " }")
	}
}

// results returns zero values, one at a time. Conditions are changed instead.
func (e *editor) results(s *ast.ReturnStmt) {
	declared := e.resultTypes()
	if len(declared) == 0 {
		e.wrap(s, fmt.Sprintf("if !mutOn(%d) { ", e.mutant(s, "without")), " }")
		return
	}
	if len(s.Results) == 0 { // named results
		return
	}
	var changed strings.Builder
	for i, result := range declared {
		values, prefix := make([]string, len(declared)), ""
		if len(s.Results) == len(declared) {
			if e.isZero(s.Results[i]) || isNew(s.Results[i]) {
				e.done[s.Results[i]] = len(declared) > 1 // nobody reads it beside an error
				continue
			}
			if result == "bool" {
				defer e.condition(s.Results[i], true, true) // after the edits around the statement
				continue
			}
			for j, r := range s.Results {
				values[j] = e.text(r)
			}
		} else { // one call returns all
			for j := range values {
				values[j] = fmt.Sprintf("mut%d", j)
			}
			prefix = strings.Join(values, ", ") + " := " + e.text(s.Results[0]) + "; _ = mut" + fmt.Sprint(i) + "; "
		}
		values[i] = "*new(" + result + ")"
		op := "return zero"
		if len(declared) > 1 {
			op = fmt.Sprintf("return zero as result %d", i+1)
		}
		fmt.Fprintf(&changed, "if mutOn(%d) { %sreturn %s }; ", e.mutant(s, op), prefix, strings.Join(values, ", "))
	}
	if changed.Len() > 0 {
		e.wrap(s, "{ "+changed.String(), " }")
	}
}

// isNew reports whether an expression is *new(T).
func isNew(x ast.Expr) bool {
	star, ok := x.(*ast.StarExpr)
	if !ok {
		return false
	}
	call, ok := star.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := call.Fun.(*ast.Ident)
	return ok && id.Name == "new"
}

// resultTypes returns the result types of the innermost function.
func (e *editor) resultTypes() []string {
	for _, n := range slices.Backward(e.stack) {
		var t *ast.FuncType
		switch f := n.(type) {
		case *ast.FuncLit:
			t = f.Type
		case *ast.FuncDecl:
			t = f.Type
		default:
			continue
		}
		var out []string
		if t.Results != nil {
			for _, field := range t.Results.List {
				for range max(1, len(field.Names)) {
					out = append(out, e.text(field.Type))
				}
			}
		}
		return out
	}
	return nil
}
