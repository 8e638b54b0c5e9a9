package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// table writes the facts as one array literal: the linker lays it out, no code runs at start.
func (f *file) table(c *model.Catalog) {
	small := model.Lower(c.Type.Value)
	f.line("// %sTable holds the facts of the catalog in its order.", small)
	f.line("var %sTable = [...]%s{", small, f.typeName("CodeInfo"))
	for _, code := range c.Codes {
		f.entry(c, code)
	}
	f.line("}\n")
}

func (f *file) entry(c *model.Catalog, code *model.Code) {
	f.line("{")
	f.text("Value", code.Value)
	f.text("Name", code.Const)
	f.raw("Aliases", stringList(code.Aliases))
	f.raw("Statuses", intList(code.Statuses()))
	f.text("Type", code.Type.Value)
	class := "Category"
	if f.opt.Runtime == "" {
		class = "Class"
	}
	f.word(class, model.Categories(), code.Category.Value)
	f.word("Outcome", model.Outcomes(), code.Outcome.Value)
	f.word("Advice", model.Advices(), adviceOf(code))
	f.raw("AdviceByStatus", f.adviceList(code.ByStatus))
	if code.Idempotent {
		f.raw("Idempotent", "true")
	}
	f.text("Title", code.Headline())
	f.text("Description", code.Description.Line())
	f.text("Resolution", code.Resolution.Line())
	f.text("DocURL", c.DocURL(code))
	f.text("UpstreamURL", c.UpstreamURL(code))
	f.raw("Customer", f.customerList(code.Customer))
	f.text("Unverified", code.Unverified.Line())
	f.text("Deprecated", code.Deprecated.Line())
	f.text("Since", code.Since.Line())
	f.line("},")
}

// adviceOf fills in the one advice that needs no writing: what went through is not sent again.
func adviceOf(code *model.Code) string {
	if !code.Advice.IsSet() {
		return "never"
	}
	return code.Advice.Value
}

// raw writes a field whose value is Go already; an empty one is left out.
func (f *file) raw(field, value string) {
	if value != "" {
		f.line("%s: %s,", field, value)
	}
}

func (f *file) text(field, value string) {
	if value != "" {
		f.raw(field, strconv.Quote(value))
	}
}

func (f *file) word(field string, words []model.Word, wire string) {
	if w, ok := model.Lookup(words, wire); ok {
		f.raw(field, f.constantOf(w))
	}
}

func stringList(texts []model.Text) string {
	if len(texts) == 0 {
		return ""
	}
	words := make([]string, len(texts))
	for i, t := range texts {
		words[i] = strconv.Quote(t.Value)
	}
	return "[]string{" + strings.Join(words, ", ") + "}"
}

func intList(list []int) string {
	if len(list) == 0 {
		return ""
	}
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(n)
	}
	return "[]int{" + strings.Join(words, ", ") + "}"
}

func (f *file) adviceList(list []model.StatusAdvice) string {
	var words []string
	for _, s := range list {
		if w, ok := model.Lookup(model.Advices(), s.Advice.Value); ok {
			words = append(words, fmt.Sprintf("{Status: %d, Advice: %s}", s.Status.Value, f.constantOf(w)))
		}
	}
	if words == nil {
		return ""
	}
	return "[]" + f.typeName("StatusAdvice") + "{" + strings.Join(words, ", ") + "}"
}

func (f *file) customerList(pairs []model.Pair) string {
	if len(pairs) == 0 {
		return ""
	}
	words := make([]string, len(pairs))
	for i, p := range pairs {
		words[i] = fmt.Sprintf("{Lang: %s, Text: %s}", strconv.Quote(p.Key.Value), strconv.Quote(p.Text.Line()))
	}
	return "[]" + f.typeName("Text") + "{" + strings.Join(words, ", ") + "}"
}
