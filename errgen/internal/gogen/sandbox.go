package gogen

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/apicatalog"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Sandbox returns the file with every code and the body of its response. Each alias has its own entry.
func Sandbox(spec *model.Spec, opt Options) ([]byte, error) {
	f := &file{spec: spec, opt: opt, others: []string{importAs("sandbox", opt.SandboxImport)}}
	params := paramsOf(spec)
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

// paramsOf returns the request fields that the examples of error responses name, by code. The first example of a code counts.
func paramsOf(spec *model.Spec) map[*model.Code]string {
	c, out := apicatalog.Of(spec, ""), map[*model.Code]string{}
	for _, op := range spec.Operations {
		for _, reply := range op.Replies {
			if _, success := reply.Success(); success {
				continue
			}
			for _, body := range reply.Bodies {
				for _, s := range body.Samples {
					r := c.Read(nil, catalog.Response{StatusCode: http.StatusBadRequest, Body: s.Bytes})
					if code, ok := r.Error.Code.(apicatalog.Code); ok && code.Entry != nil && r.Error.Param != "" && out[code.Entry] == "" {
						out[code.Entry] = r.Error.Param
					}
				}
			}
		}
	}
	return out
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
