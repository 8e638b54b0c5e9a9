package lint

import (
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Own checks the names of a file of codes, which is in the same package as oapi-codegen's output for the spec.
// names are those that the file declares in addition to its catalogs.
func Own(spec *model.Spec, namer model.Namer, names []string, found *finding.List) {
	l := &linter{List: found, spec: spec, namer: namer}
	declared := map[string]bool{}
	for _, name := range names {
		declared[name] = true
	}
	for name, d := range spec.Declared {
		if declared[name] && name != "CodeOf" {
			l.Errorf(d.Pos, finding.GoName, "%s becomes the Go name %s, which the generated file of codes declares too; rename the schema, in an overlay if you do not own the spec", d.What, name)
		}
	}
	made := l.servers()
	for _, c := range spec.Catalogs {
		l.free(declared, made, c.Type.Pos, c.Type.Value, "the type of catalog "+finding.Quote(c.ID.Value))
		for _, code := range c.Codes {
			l.free(declared, made, code.Pos, code.Const, "the code "+finding.Quote(code.Value))
		}
	}
	l.operationNames(made)
	for name, who := range made {
		if declared[name] {
			l.Errorf(spec.Pos, finding.GoName, "%s has the name %s, which the generated file of codes declares too; change the operationId", who, name)
		}
	}
}

func (l *linter) free(declared map[string]bool, made taken, pos finding.Pos, name, who string) {
	if name == "CodeOf" {
		return // every file of codes declares it, and names has reported the conflict
	}
	if declared[name] {
		l.Errorf(pos, finding.GoName, "%s would be named %s, which the generated file of codes declares too; choose another name", who, name)
	}
	if other, ok := made[name]; ok {
		l.Errorf(pos, finding.GoName, "%s would be named %s, but %s already has that name; choose another name", who, name, other)
	}
}

// servers returns the names that oapi-codegen's default templates declare for servers. Those for clients are checked in
// every run.
func (l *linter) servers() taken {
	t := taken{}
	for _, name := range []string{
		"ServerInterface", "ServerInterfaceWrapper", "StrictServerInterface", "MiddlewareFunc", "Unimplemented", "ServeMux", "Handler",
		"HandlerFromMux", "HandlerFromMuxWithBaseURL", "HandlerWithOptions", "StdHTTPServerOptions", "StrictHTTPServerOptions",
		"StrictHandlerFunc", "StrictMiddlewareFunc", "NewStrictHandler", "NewStrictHandlerWithOptions", "RequiredParamError",
		"RequiredHeaderError", "InvalidParamFormatError", "UnmarshalingParamError", "UnescapedCookieParamError", "TooManyValuesForParamError",
	} {
		t[name] = "the generated server"
	}
	for _, op := range l.spec.Operations {
		if name := l.namer.Schema(op.ID.Value); op.ID.Value != "" {
			who := "the generated server of operation " + finding.Quote(op.ID.Value)
			t[name+"RequestObject"], t[name+"ResponseObject"] = who, who
		}
	}
	return t
}
