package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// envelope writes where an error body keeps its parts. Only the first envelope of a spec carries the words for
// unknown outcomes: they belong to the calls and not to one shape of body.
func (f *file) envelope(e *model.Envelope, first bool) {
	name := e.GoName(f.opt.Namer, first)
	if e.Text.IsSet() {
		f.comment(0, fmt.Sprintf("%s recognises the error texts of schema %s.", name, safe(e.Schema)))
	} else {
		f.comment(0, fmt.Sprintf("%s says where an error body of schema %s keeps its parts.", name, safe(e.Schema)))
	}
	f.line("var %s = catalog.Envelope{", name)
	f.envelopeFields(e)
	if first {
		f.unknown()
	}
	f.line("}\n")
}

func (f *file) envelopeFields(e *model.Envelope) {
	f.text("At", e.At.Value)
	f.raw("Code", stringList(e.Code))
	f.raw("Type", stringList(e.Type))
	f.raw("Message", stringList(e.Message))
	f.raw("Param", stringList(e.Param))
	f.raw("RequestID", stringList(e.RequestID))
	f.raw("DocURL", stringList(e.DocURL))
	if e.Fields != nil {
		f.raw("Fields", fmt.Sprintf("%s{At: %s, Type: %s, Message: %s}", f.typeName("FieldRule"),
			strconv.Quote(e.Fields.At.Value), strconv.Quote(e.Fields.Type.Value), strconv.Quote(e.Fields.Message.Value)))
	}
	f.text("Success", e.Success.Value)
	f.raw("Outcome", f.outcomeRule(e.Outcome))
	f.raw("DocHosts", stringList(e.DocHosts))
	if e.Catalog != nil {
		switch {
		case e.Text.IsSet() && f.opt.Runtime == "":
			f.raw("Text", model.Lower(e.Catalog.Type.Value)+"Text")
		case e.Text.IsSet():
			f.line("Text: catalog.TextRules{")
			f.textRules(textrule.Of(e.Catalog))
			f.line("},")
		}
		f.raw("Parse", "parse"+e.Catalog.Type.Value)
	}
}

func (f *file) outcomeRule(o *model.Outcome) string {
	if o == nil {
		return ""
	}
	var words []string
	for _, p := range o.Map {
		if w, ok := model.Lookup(model.Outcomes(), p.Text.Value); ok {
			words = append(words, fmt.Sprintf("{Wire: %s, Outcome: %s}", strconv.Quote(p.Key.Value), f.constantOf(w)))
		}
	}
	return fmt.Sprintf("%s{From: %s, Map: []%s{%s}}", f.typeName("OutcomeRule"), strconv.Quote(o.From.Value), f.typeName("OutcomeWord"), strings.Join(words, ", "))
}

func (f *file) unknown() {
	var ops []*model.Operation
	for _, op := range f.spec.Operations {
		if op.Unknown != nil {
			ops = append(ops, op)
		}
	}
	if len(ops) == 0 {
		return
	}
	f.line("Unknown: []apierr.UnknownOutcome{")
	for _, op := range ops {
		f.line("{")
		f.text("Operation", op.ID.Value)
		f.unknownFields(op)
		f.line("},")
	}
	f.line("},")
}

func (f *file) unknownFields(op *model.Operation) {
	f.word("Advice", model.Advices(), op.Unknown.Advice.Value)
	f.text("Description", op.Unknown.Description.Line())
	f.text("Resolution", op.Unknown.Resolution.Line())
	f.text("DocURL", f.spec.UnknownURL(op))
	f.raw("Customer", f.customerList(op.Unknown.Customer))
}
