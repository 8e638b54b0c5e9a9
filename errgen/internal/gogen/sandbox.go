package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// Sandbox returns the file with every code and a body to answer it with. An alias has an entry of its own.
func Sandbox(spec *model.Spec, opt Options) ([]byte, error) {
	f := &file{spec: spec, opt: opt, shared: importAs("sandbox", opt.SandboxImport)}
	for _, c := range spec.Catalogs {
		name := "errorCodes"
		if !c.First {
			name = model.Lower(c.Type.Value) + "s"
		}
		f.comment(0, fmt.Sprintf("%s are the codes of catalog %s with their aliases, each ready to be answered by name.", name, c.ID.Value))
		f.line("var %s = []sandbox.Code{", name)
		for _, code := range c.Codes {
			f.sandboxCode(c, code, code.Value)
			for _, a := range code.Aliases {
				f.sandboxCode(c, code, a.Value)
			}
		}
		f.line("}\n")
	}
	return f.gofmt(opt.SandboxPackage)
}

func (f *file) sandboxCode(c *model.Catalog, code *model.Code, wire string) {
	f.line("{")
	f.text("Value", wire)
	f.text("Name", code.Const)
	f.raw("Statuses", intList(code.Statuses()))
	f.text("Outcome", code.Outcome.Value)
	f.text("Title", code.Title.Line())
	f.text("Description", code.Description.Line())
	f.text("Body", bodyOf(c, code, wire))
	if len(code.Operations) > 0 {
		words := make([]string, len(code.Operations))
		for i, op := range code.Operations {
			words[i] = strconv.Quote(op)
		}
		f.raw("Operations", fmt.Sprintf("[]string{%s}", strings.Join(words, ", ")))
	}
	f.line("},")
}
