package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// walk visits the nodes of a file, the outer ones first.
func (e *editor) walk(f *ast.File) {
	for _, d := range f.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if n == nil {
				e.stack = e.stack[:len(e.stack)-1]
				return true
			}
			inside := e.visit(n)
			if inside {
				e.stack = append(e.stack, n)
			}
			return inside
		})
	}
}

// visit changes one node and reports whether to visit what is inside.
func (e *editor) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.VAR
	case *ast.ArrayType, *ast.StructType, *ast.InterfaceType, *ast.FuncType:
		return false
	case *ast.BlockStmt:
		e.statements(n.List)
	case *ast.CommClause:
		e.statements(n.Body)
	case *ast.CaseClause:
		e.statements(n.Body)
	case *ast.IfStmt:
		e.condition(n.Cond, true, true)
	case *ast.ForStmt:
		if n.Cond != nil {
			e.condition(n.Cond, false, true)
		}
	case *ast.SwitchStmt:
		e.cases(n)
	case *ast.CompositeLit:
		e.fields(n)
	case ast.Expr:
		return e.expression(n)
	}
	return true
}

func (e *editor) expression(x ast.Expr) bool {
	tv := e.info.Types[x]
	switch {
	case tv.Value != nil && tv.Value.Kind() == constant.Bool:
		e.condition(x, true, true)
		return false
	case tv.Value != nil:
		e.constant(x, tv)
		return false
	}
	switch x := x.(type) {
	case *ast.CallExpr:
		if strings.HasPrefix(e.text(x.Fun), "strconv.Parse") { // the size in bits
			e.done[x.Args[len(x.Args)-1]] = true
		}
		return !e.isText(x)
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			e.condition(x, true, true)
		}
	case *ast.BinaryExpr:
		if isBool(tv.Type) {
			e.condition(x, true, true)
		} else {
			e.arithmetic(x)
		}
	}
	return true
}

// isText reports whether a call makes the text of an error or a log line, or has a size that only
// saves allocations.
func (e *editor) isText(call *ast.CallExpr) bool {
	switch name := e.text(call.Fun); name {
	case "fmt.Errorf", "errors.New", "make", "panic":
		return true
	default:
		return strings.HasPrefix(name, "slog.") || strings.HasSuffix(name, ".LogAttrs") || strings.HasSuffix(name, ".warn")
	}
}

func isBool(t types.Type) bool {
	return t != nil && (types.Identical(t, types.Typ[types.Bool]) || types.Identical(t, types.Typ[types.UntypedBool]))
}

// condition makes a condition true and false where asked. Of a conjunction, it makes the operands true
// and the whole false; making an operand false would be the same as that. Of a disjunction, the reverse.
func (e *editor) condition(x ast.Expr, toTrue, toFalse bool) {
	if e.done[x] || !isBool(e.info.Types[x].Type) {
		return
	}
	e.done[x] = true
	value := e.info.Types[x].Value
	binary, _ := x.(*ast.BinaryExpr)
	switch p := x.(type) {
	case *ast.ParenExpr:
		e.condition(p.X, toTrue, toFalse)
		return
	case *ast.UnaryExpr:
		e.condition(p.X, toFalse, toTrue)
		return
	}
	switch {
	case binary != nil && binary.Op == token.LAND:
		toTrue = false
		defer func() { e.condition(binary.X, true, false); e.condition(binary.Y, true, false) }()
	case binary != nil && binary.Op == token.LOR:
		toFalse = false
		defer func() { e.condition(binary.X, false, true); e.condition(binary.Y, false, true) }()
	case binary != nil:
		defer e.boundary(binary)
	}
	if toTrue && (value == nil || !constant.BoolVal(value)) {
		e.wrap(x, "(", fmt.Sprintf(" || mutOn(%d))", e.mutant(x, "true")))
	}
	if toFalse && (value == nil || constant.BoolVal(value)) {
		e.wrap(x, "(", fmt.Sprintf(" && !mutOn(%d))", e.mutant(x, "false")))
	}
}

// boundary moves the bound of a comparison by one.
func (e *editor) boundary(x *ast.BinaryExpr) {
	for _, operand := range []ast.Expr{x.X, x.Y} {
		if e.info.Types[operand].Value != nil {
			e.done[operand] = true // a different constant is a different bound
		}
	}
	a, b := e.text(x.X), e.text(x.Y)
	switch x.Op {
	case token.LSS, token.GTR:
		e.wrap(x, "(", fmt.Sprintf(" || mutOn(%d) && (%s) == (%s))", e.mutant(x, x.Op.String()+" to "+x.Op.String()+"="), a, b))
	case token.LEQ, token.GEQ:
		e.wrap(x, "(", fmt.Sprintf(" && !(mutOn(%d) && (%s) == (%s)))", e.mutant(x, x.Op.String()+" to "+x.Op.String()[:1]), a, b))
	default: // == and != have no bound
	}
}

func (e *editor) arithmetic(x *ast.BinaryExpr) {
	basic, ok := e.info.Types[x].Type.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsNumeric == 0 {
		return
	}
	hasConstant := e.info.Types[x.X].Value != nil || e.info.Types[x.Y].Value != nil
	var name, op string
	switch {
	case x.Op == token.ADD && !hasConstant: // a constant is changed itself
		name, op = "mutAdd", "+ to -"
	case x.Op == token.SUB && !hasConstant:
		name, op = "mutSub", "- to +"
	case x.Op == token.MUL:
		name, op = "mutMul", "* to /"
	case x.Op == token.QUO:
		name, op = "mutQuo", "/ to *"
	default:
		return
	}
	e.wrap(x, fmt.Sprintf("%s(%d, ", name, e.mutant(x, op)), ")")
	e.replace(x.OpPos, x.OpPos+token.Pos(len(x.Op.String())), ",")
}

// constant changes a number by one and a duration by its half.
func (e *editor) constant(x ast.Expr, tv types.TypeAndValue) {
	basic, ok := tv.Type.Underlying().(*types.Basic)
	if e.done[x] || !ok || basic.Info()&types.IsNumeric == 0 || basic.Info()&types.IsUntyped != 0 {
		return
	}
	name, ok := e.typeName(tv.Type)
	if !ok {
		return
	}
	type change struct{ call, op string }
	changes := []change{{"mutInc", "plus 1"}, {"mutDec", "minus 1"}}
	switch {
	case name == "time.Duration" || basic.Info()&types.IsFloat != 0:
		changes = []change{{"mutTwice", "doubled"}, {"mutHalf", "halved"}}
		if constant.Sign(tv.Value) == 0 {
			return
		}
	case constant.Sign(tv.Value) <= 0:
		changes = changes[:1]
	}
	for i, c := range changes {
		before, after := fmt.Sprintf("%s(%d, ", c.call, e.mutant(x, c.op)), ")"
		if i == len(changes)-1 {
			before, after = before+name+"(", after+")"
		}
		e.wrap(x, before, after)
	}
}

// typeName returns how a type is written in this file; false if the file does not import its package.
func (e *editor) typeName(t types.Type) (string, bool) {
	ok := true
	name := types.TypeString(t, func(p *types.Package) string {
		if p.Path() == e.pkg {
			return ""
		}
		if e.names[p.Path()] == "" {
			ok = false
		}
		return e.names[p.Path()]
	})
	return name, ok
}
