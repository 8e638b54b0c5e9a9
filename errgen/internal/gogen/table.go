package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// table writes the catalog as one array literal, which the compiler turns into static data.
func (f *file) table(c *model.Catalog) {
	small := model.Lower(c.Type.Value)
	f.line("// %sTable is the catalog, in its order.", small)
	f.line("var %sTable = [...]apierr.CodeInfo{", small)
	for _, code := range c.Codes {
		f.entry(c, code)
	}
	f.line("}\n")
}

// entry writes one code: short fields together, sentences on separate lines.
func (f *file) entry(c *model.Catalog, code *model.Code) {
	f.line("{")
	f.fields(
		"Value", strconv.Quote(code.Value), "Name", strconv.Quote(code.Const), "Aliases", stringList(model.Values(code.Aliases)),
		"Statuses", intList(code.Statuses()), "Type", quoteSet(code.Type.Value))
	f.fields(
		"Category", constant(model.Categories(), code.Category.Value), "Outcome", constant(model.Outcomes(), code.Outcome.Value),
		"Advice", constant(model.Advices(), adviceOf(code)), "AdviceByStatus", adviceList(code.ByStatus), "Idempotent", ifTrue(code.Idempotent))
	f.fields("Title", quoteSet(code.Headline()))
	f.fields("Description", quoteSet(code.Description.Line()))
	f.fields("Resolution", quoteSet(code.Resolution.Line()))
	f.fields("DocURL", quoteSet(c.DocURL(code)))
	f.fields("UpstreamURL", quoteSet(c.UpstreamURL(code)))
	f.fields("Customer", customerList(code.Customer))
	f.fields("Unverified", quoteSet(code.Unverified.Line()))
	f.fields("Deprecated", quoteSet(code.Deprecated.Line()), "Since", quoteSet(code.Since.Line()))
	f.line("},")
}

// adviceOf returns the advice of a code. A code that stands for a success has none in the spec and is never retried.
func adviceOf(code *model.Code) string {
	if !code.Advice.IsSet() {
		return "never"
	}
	return code.Advice.Value
}

// fields writes name and value pairs on one line; pairs without a value are left out.
func (f *file) fields(pairs ...string) {
	if words := pairWords(pairs); words != "" {
		f.line("%s,", words)
	}
}

// composite returns a literal on one line from name and value pairs; pairs without a value are left out.
func composite(pairs ...string) string { return "{" + pairWords(pairs) + "}" }

func pairWords(pairs []string) string {
	var words []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			words = append(words, pairs[i]+": "+pairs[i+1])
		}
	}
	return strings.Join(words, ", ")
}

// constant returns the Go constant for a word of a closed list; "" if the word is not in the list.
func constant(words []model.Word, word string) string {
	w, ok := model.Lookup(words, word)
	if !ok {
		return ""
	}
	return "apierr." + w.Const
}

func ifTrue(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func quoteSet(s string) string {
	if s == "" {
		return ""
	}
	return strconv.Quote(s)
}

func intSet(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func stringList(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	words := make([]string, len(texts))
	for i, t := range texts {
		words[i] = strconv.Quote(t)
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

func adviceList(list []model.StatusAdvice) string {
	var words []string
	for _, s := range list {
		if advice := constant(model.Advices(), s.Advice.Value); advice != "" {
			words = append(words, fmt.Sprintf("{Status: %d, Advice: %s}", s.Status.Value, advice))
		}
	}
	if words == nil {
		return ""
	}
	return "[]apierr.StatusAdvice{" + strings.Join(words, ", ") + "}"
}

func customerList(pairs []model.Pair) string {
	if len(pairs) == 0 {
		return ""
	}
	words := make([]string, len(pairs))
	for i, p := range pairs {
		words[i] = fmt.Sprintf("{Lang: %s, Text: %s}", strconv.Quote(p.Key.Value), strconv.Quote(p.Text.Line()))
	}
	return "[]apierr.Text{" + strings.Join(words, ", ") + "}"
}
