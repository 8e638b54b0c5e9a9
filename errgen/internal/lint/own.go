package lint

import (
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Own checks the names of a file of codes that shares its package with what oapi-codegen generates from the spec: names are
// those that the file declares besides its catalogs.
func Own(spec *model.Spec, namer model.Namer, names []string, found *finding.List) {
	l := &linter{List: found, spec: spec, namer: namer}
	ours := map[string]bool{}
	for _, name := range names {
		ours[name] = true
	}
	carriers := map[string]bool{}
	for _, c := range spec.Catalogs {
		carriers[c.Schema] = true
	}
	for _, s := range spec.Schemas {
		if name := namer.Schema(s.Value); ours[name] && !carriers[s.Value] {
			l.Errorf(s.Pos, finding.GoName, "the schema %s becomes the Go type %s, a name that the file of the codes declares itself; rename the schema, in an overlay if the spec is not yours",
				finding.Quote(s.Value), name)
		}
	}
	made := l.servers()
	for _, c := range spec.Catalogs {
		l.free(ours, made, c.Type.Pos, c.Type.Value, "the type of catalog "+finding.Quote(c.ID.Value))
		for _, code := range c.Codes {
			l.free(ours, made, code.Pos, code.Const, "the code "+finding.Quote(code.Value))
		}
	}
	l.operationNames(made)
	for name, who := range made {
		if ours[name] {
			l.Errorf(spec.Pos, finding.GoName, "%s has %s, a name that the file of the codes declares itself; give the operation another operationId", who, name)
		}
	}
}

func (l *linter) free(ours map[string]bool, made taken, pos finding.Pos, name, who string) {
	if name == "CodeOf" {
		return // every file of codes has it: names has reported the clash
	}
	if ours[name] {
		l.Errorf(pos, finding.GoName, "%s would be called %s, a name that the file of the codes declares itself; choose another", who, name)
	}
	if other, ok := made[name]; ok {
		l.Errorf(pos, finding.GoName, "%s would be called %s, a name that %s has already; choose another", who, name, other)
	}
}

// servers returns the names that the default templates of oapi-codegen declare for servers; those of clients are known to
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
