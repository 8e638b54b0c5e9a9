package lint

import (
	"slices"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// echoes checks that both ends of each echo exist and can have the same value.
func (l *linter) echoes(op *model.Operation) {
	for i := range op.Echoes {
		e := &op.Echoes[i]
		if !e.Response.IsSet() || !e.Request.IsSet() {
			l.Errorf(e.Pos, finding.Echo, "x-echo of %s needs response and request; write it like {response: /id, request: 'path:id'}", finding.Quote(op.Name()))
			continue
		}
		if !l.pointerSyntax(e.Response, "response of x-echo") {
			continue
		}
		got := l.scalar(op.Success, e.Response.Value)
		if got == nil {
			l.Errorf(e.Response.Pos, finding.Echo, "the JSON response of %s has no scalar at %s; use the pointer of the member that repeats the request", finding.Quote(op.Name()), finding.Quote(e.Response.Value))
			continue
		}
		l.echoed(op, e, got)
	}
}

// echoed checks the request's side of an echo.
func (l *linter) echoed(op *model.Operation, e *model.Echo, got []*load.Node) {
	if e.Parameter() {
		switch {
		case !slices.Contains(op.PathAndQuery, e.Request.Value):
			l.Errorf(e.Request.Pos, finding.Echo, "operation %s declares no parameter %s; name one of its parameters", finding.Quote(op.Name()), finding.Quote(e.Request.Value))
		case !model.MayBe(got, "string"):
			l.Errorf(e.Response.Pos, finding.Echo, "%s is compared with the text of a parameter but is not a string; remove the echo", finding.Quote(e.Response.Value))
		}
		return
	}
	if !l.pointerSyntax(e.Request, "request of x-echo") {
		return
	}
	sent := l.scalar(op.Body, e.Request.Value)
	switch {
	case sent == nil:
		l.Errorf(e.Request.Pos, finding.Echo, "the JSON request body of %s has no scalar at %s; use its pointer, path:name or query:name", finding.Quote(op.Name()), finding.Quote(e.Request.Value))
	case !slices.ContainsFunc(scalars(), func(t string) bool { return model.MayBe(sent, t) && model.MayBe(got, t) }):
		l.Errorf(e.Pos, finding.Echo, "%s and %s have no type in common, so they never have the same value", finding.Quote(e.Response.Value), finding.Quote(e.Request.Value))
	}
}

// scalar returns the schemas of a value of a body that can be compared; nil if there is none.
func (l *linter) scalar(body *load.Node, pointer string) []*load.Node {
	if body == nil {
		return nil
	}
	schemas := l.res.At(body, pointer)
	if !slices.ContainsFunc(scalars(), func(t string) bool { return model.MayBe(schemas, t) }) {
		return nil
	}
	return schemas
}

func scalars() []string { return []string{"string", "integer", "number", "boolean"} }
