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
	f.line("var %s = pay.Envelope{", name)
	f.text("At", e.At.Value)
	f.raw("Code", stringList(e.Code))
	f.raw("Type", stringList(e.Type))
	f.raw("Message", stringList(e.Message))
	f.raw("Param", stringList(e.Param))
	f.raw("RequestID", stringList(e.RequestID))
	f.raw("DocURL", stringList(e.DocURL))
	if e.Fields != nil {
		f.raw("Fields", fmt.Sprintf("pay.FieldRule{At: %s, Type: %s, Message: %s}",
			strconv.Quote(e.Fields.At.Value), strconv.Quote(e.Fields.Type.Value), strconv.Quote(e.Fields.Message.Value)))
	}
	f.text("Success", e.Success.Value)
	f.raw("Outcome", outcomeRule(e.Outcome))
	f.raw("DocHosts", stringList(e.DocHosts))
	if e.Catalog != nil {
		if e.Text.IsSet() {
			f.textRules(textrule.Of(e.Catalog))
		}
		f.raw("Parse", "parse"+e.Catalog.Type.Value)
	}
	if first {
		f.unknown()
	}
	f.line("}\n")
}

func outcomeRule(o *model.Outcome) string {
	if o == nil {
		return ""
	}
	var words []string
	for _, p := range o.Map {
		if w, ok := model.Lookup(model.Outcomes(), p.Text.Value); ok {
			words = append(words, fmt.Sprintf("{Wire: %s, Outcome: pay.%s}", strconv.Quote(p.Key.Value), w.Const))
		}
	}
	return fmt.Sprintf("pay.OutcomeRule{From: %s, Map: []pay.OutcomeWord{%s}}", strconv.Quote(o.From.Value), strings.Join(words, ", "))
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
	f.line("Unknown: []pay.UnknownOutcome{")
	for _, op := range ops {
		f.line("{")
		f.text("Operation", op.ID.Value)
		f.word("Advice", model.Advices(), op.Unknown.Advice.Value)
		f.text("Description", op.Unknown.Description.Line())
		f.text("Resolution", op.Unknown.Resolution.Line())
		f.text("DocURL", f.spec.UnknownURL(op))
		f.raw("Customer", customerList(op.Unknown.Customer))
		f.line("},")
	}
	f.line("},")
}
