package lint

import (
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Own checks the names of a file of codes that needs no runtime, which shares its package with what oapi-codegen makes of
// the spec: names are those that the file declares beside its catalogs.
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
			l.Errorf(s.Pos, finding.GoName, "the schema %s becomes the Go type %s, a name that the file of the codes declares itself (it needs no runtime); rename the schema, in an overlay if the spec is not yours",
				finding.Quote(s.Value), name)
		}
	}
	made := l.made()
	for _, c := range spec.Catalogs {
		l.free(ours, made, c.Type.Pos, c.Type.Value, "the type of catalog "+finding.Quote(c.ID.Value))
		for _, code := range c.Codes {
			l.free(ours, made, code.Pos, code.Const, "the code "+finding.Quote(code.Value))
		}
	}
	for name, who := range made {
		if ours[name] {
			l.Errorf(spec.Pos, finding.GoName, "%s makes oapi-codegen declare %s, a name that the file of the codes declares itself; give the operation another operationId", who, name)
		}
	}
}

func (l *linter) free(ours map[string]bool, made taken, pos finding.Pos, name, who string) {
	if name == "CodeOf" {
		return // every file of codes has it: names has reported the clash
	}
	if ours[name] {
		l.Errorf(pos, finding.GoName, "%s would be called %s, a name that the file of the codes declares itself (it needs no runtime); choose another", who, name)
	}
	if other, ok := made[name]; ok {
		l.Errorf(pos, finding.GoName, "%s would be called %s, a name that oapi-codegen declares for %s; choose another", who, name, other)
	}
}

// made returns the names that the default templates of oapi-codegen declare beside the models and the client.
func (l *linter) made() taken {
	t := taken{}
	for _, name := range []string{
		"ServerInterface", "ServerInterfaceWrapper", "StrictServerInterface", "MiddlewareFunc", "Unimplemented", "ServeMux", "Handler",
		"HandlerFromMux", "HandlerFromMuxWithBaseURL", "HandlerWithOptions", "StdHTTPServerOptions", "StrictHTTPServerOptions",
		"StrictHandlerFunc", "StrictMiddlewareFunc", "NewStrictHandler", "NewStrictHandlerWithOptions", "RequiredParamError",
		"RequiredHeaderError", "InvalidParamFormatError", "UnmarshalingParamError", "UnescapedCookieParamError", "TooManyValuesForParamError",
	} {
		t[name] = "servers"
	}
	for _, op := range l.spec.Operations {
		if !op.ID.IsSet() {
			continue
		}
		name := l.namer.Schema(op.ID.Value)
		who := "the operation " + finding.Quote(op.ID.Value)
		for _, made := range []string{
			name + "Params", name + "Response", name + "JSONBody", name + "JSONRequestBody", name + "RequestObject", name + "ResponseObject",
			"New" + name + "Request", "New" + name + "RequestWithBody", "Parse" + name + "Response",
		} {
			t[made] = who
		}
	}
	return t
}
