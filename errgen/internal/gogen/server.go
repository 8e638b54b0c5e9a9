package gogen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// server writes what WriteError needs beside what a client has.
func (f *file) server() {
	f.line("// errorShapes say which form the errors of an operation have at a status.")
	f.line("var errorShapes = []errorShape{")
	for _, op := range f.spec.Operations {
		for _, r := range op.Replies {
			status, ok := statusKey(r.Status)
			if !ok {
				continue
			}
			for _, s := range r.Shapes {
				f.line("%s,", composite("Operation", strconv.Quote(op.Name()), "Status", status,
					"Envelope", strconv.Itoa(slices.Index(f.spec.Envelopes, s.Envelope)), "Media", strconv.Quote(s.Media)))
			}
		}
	}
	f.line("}\n")
	f.line("// errorForms are what the envelopes need to be written.")
	f.line("var errorForms = []errorForm{")
	for _, e := range f.spec.Envelopes {
		f.line("{")
		if e.Catalog != nil {
			f.text("Fallback", e.Catalog.Fallback.Value)
		}
		if e.Text.IsSet() && e.Catalog != nil {
			f.samples(e.Catalog)
		}
		f.line("},")
	}
	f.line("}\n")
}

// statusKey returns the key of a response as a number: 0 for default, 4 for 4XX.
func statusKey(key string) (string, bool) {
	if key == "default" {
		return "0", true
	}
	key = strings.TrimSuffix(strings.ToUpper(key), "XX")
	n, err := strconv.Atoi(key)
	return key, err == nil && (n >= 2 && n <= 5 || n >= 200 && n <= 599)
}

func (f *file) samples(c *model.Catalog) {
	rules := textrule.Of(c)
	f.line("Texts: []errorSample{")
	for _, code := range c.Codes {
		f.line("%s,", composite("Code", strconv.Quote(code.Value), "Text", strconv.Quote(rules.Sample(code))))
	}
	f.line("},")
}
