package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/reading"
)

// Sandbox returns the file with every code and the body of its response. Each alias has its own entry.
func Sandbox(spec *model.Spec, opt Options) ([]byte, error) {
	f := &file{spec: spec, opt: opt, others: []string{importAs("sandbox", opt.SandboxImport)}}
	params := reading.Params(spec)
	for _, c := range spec.Catalogs {
		name := "errorCodes"
		if !c.First {
			name = model.Lower(c.Type.Value) + "s"
			if name == "errorCodes" {
				name = "otherErrorCodes"
			}
		}
		f.comment(0, fmt.Sprintf("%s lists the codes of catalog %s and their aliases, each with the body of its response.", name, c.ID.Value))
		f.line("var %s = []sandbox.Code{", name)
		for _, code := range c.Codes {
			f.sandboxCode(c, code, code.Value, params[code])
			for _, a := range code.Aliases {
				f.sandboxCode(c, code, a.Value, params[code])
			}
		}
		f.line("}\n")
	}
	return f.gofmt(opt.SandboxPackage)
}

func (f *file) sandboxCode(c *model.Catalog, code *model.Code, wire, param string) {
	operations := make([]string, len(code.Operations))
	for i, op := range code.Operations {
		operations[i] = strconv.Quote(op)
	}
	f.line("{")
	f.fields("Value", strconv.Quote(wire), "Name", strconv.Quote(code.Const), "Statuses", intList(code.Statuses()), "Outcome", quoteSet(code.Outcome.Value))
	f.fields("Title", quoteSet(code.Title.Line()))
	f.fields("Description", quoteSet(code.Description.Line()))
	f.fields("Body", quoteSet(bodyOf(c, code, wire, param)))
	if len(operations) > 0 {
		f.fields("Operations", "[]string{"+strings.Join(operations, ", ")+"}")
	}
	f.line("},")
}
