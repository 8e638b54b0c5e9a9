package gogen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// codes writes the type, constants, methods and table of one catalog, in reading order.
func (f *file) codes(c *model.Catalog) {
	if c.Implied {
		f.impliedCodes(c)
		return
	}
	f.codeType(c)
	f.constants(c)
	f.methods(c)
	f.list(c)
	if c.First {
		f.codeOf(c)
	}
	if c.Envelope != nil {
		f.parse(c)
	}
	f.index(c)
	f.table(c)
}

func (f *file) codeType(c *model.Catalog) {
	what := "an error code"
	if f.spec.Title.Line() != "" {
		what += " of the API " + strconv.Quote(f.spec.Title.Line())
	}
	if !c.First {
		what += " (catalog " + c.ID.Value + ")"
	}
	t := c.Type.Value
	f.comment(0, fmt.Sprintf("%s is %s, for use with errors.Is. The list is open: a code that is not in the catalog keeps its value, and its Known method returns false.", t, what))
	f.line("type %s string\n", t)
	f.line("var _ apierr.Code = %s(\"\")\n", t)
}

func (f *file) constants(c *model.Catalog) {
	f.line("// The codes of %s, in the order of the spec.", c.Type.Value)
	f.line("const (")
	for i, code := range c.Codes {
		if i > 0 {
			f.line("")
		}
		f.constantDoc(c, code)
		f.line("\t%s %s = %s", code.Const, c.Type.Value, strconv.Quote(code.Value))
	}
	f.line(")\n")
}

// constantDoc writes one or two lines, the link, and what is unverified; the long explanation is on the page.
func (f *file) constantDoc(c *model.Catalog, code *model.Code) {
	f.comment(1, fmt.Sprintf("%s (%s%s): %s.%s", code.Const, readable(code.Value), statusWords(code), strings.TrimSuffix(code.Headline(), "."), adviceWords(code)))
	if url := c.DocURL(code); url != "" {
		f.comment(1, "See "+url)
	}
	if code.Unverified.IsSet() {
		f.line("\t//")
		f.comment(1, "Unverified: "+strings.TrimSuffix(code.Unverified.Line(), ".")+".")
	}
	if code.Deprecated.IsSet() {
		f.line("\t//")
		f.comment(1, "Deprecated: "+code.Deprecated.Line())
	}
}

func adviceWords(code *model.Code) string {
	if !code.Advice.IsSet() {
		return ""
	}
	return " Advice: " + code.Advice.Value + "."
}

// readable returns a code unchanged if it contains no white space, parentheses or unprintable characters, and quoted
// otherwise.
func readable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return isSpace(r) || r == '(' || r == ')' || !strconv.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

func statusWords(code *model.Code) string {
	if len(code.HTTP) == 0 {
		return ""
	}
	words := make([]string, len(code.HTTP))
	for i, n := range code.HTTP {
		words[i] = strconv.Itoa(n.Value)
	}
	out := ", HTTP " + words[0]
	if len(words) > 1 {
		out += ", also " + strings.Join(words[1:], ", ")
	}
	return out
}

// prefix returns the beginning of the error texts of a catalog's codes.
func (f *file) prefix(c *model.Catalog) string {
	if c.First || c.ID.Value == f.opt.Package {
		return f.opt.Package
	}
	return f.opt.Package + "/" + c.ID.Value
}

func (f *file) methods(c *model.Catalog) {
	t, small := c.Type.Value, model.Lower(c.Type.Value)
	f.line("// Error returns one line: the API, the code and what it means.")
	f.line("func (c %s) Error() string { return catalog.CodeText(%s, string(c), c) }\n", t, strconv.Quote(f.prefix(c)))

	f.line("// Info returns the catalog's entry for the code; false if it has none. Its slices belong to the")
	f.line("// catalog and must not be changed.")
	f.line("func (c %s) Info() (apierr.CodeInfo, bool) {", t)
	f.line("\tif i := %sIndex(string(c)); i >= 0 {\n\t\treturn %sTable[i], true\n\t}", small, small)
	f.line("\treturn apierr.CodeInfo{}, false\n}\n")

	f.line("// Known reports whether the code, or the code it is an alias of, is in the catalog.")
	f.line("func (c %s) Known() bool { return %sIndex(string(c)) >= 0 }\n", t, small)
}

func (f *file) list(c *model.Catalog) {
	t := c.Type.Value
	f.line("// %ss returns a new slice with every code of the catalog, in its order and without aliases.", t)
	f.line("func %ss() []%s {\n\treturn []%s{", t, t, t)
	for _, code := range c.Codes {
		f.line("\t\t%s,", code.Const)
	}
	f.line("\t}\n}\n")
}

func (f *file) codeOf(c *model.Catalog) {
	t := c.Type.Value
	f.line("// CodeOf returns the code of the first *apierr.Error in err's chain; \"\" if it is not a code of this catalog.")
	if slices.ContainsFunc(f.spec.Envelopes, func(e *model.Envelope) bool { return len(e.Levels) > 0 }) {
		f.line("func CodeOf(err error) %s { return apierr.CodeAs[%s](err) }\n", t, t)
		return
	}
	f.line("func CodeOf(err error) %s {\n\tc, _ := apierr.CodeOf(err).(%s)\n\treturn c\n}\n", t, t)
}

func (f *file) parse(c *model.Catalog) {
	t, small := c.Type.Value, model.Lower(c.Type.Value)
	f.line("// parse%s returns the code for a received value. An alias becomes the code it stands for.", t)
	f.line("func parse%s(value string) apierr.Code {", t)
	f.line("\tif i := %sIndex(value); i >= 0 {\n\t\treturn %s(%sTable[i].Value)\n\t}", small, t, small)
	f.line("\treturn %s(value)\n}\n", t)
}

// index writes the lookup. A switch on strings does not allocate and needs no initialization.
func (f *file) index(c *model.Catalog) {
	small := model.Lower(c.Type.Value)
	f.line("// %sIndex returns the index of a code or alias in %sTable, or -1.", small, small)
	f.line("func %sIndex(value string) int {\n\tswitch value {", small)
	for i, code := range c.Codes {
		values := []string{strconv.Quote(code.Value)}
		for _, a := range code.Aliases {
			values = append(values, strconv.Quote(a.Value))
		}
		f.line("\tcase %s:\n\t\treturn %d", strings.Join(values, ", "), i)
	}
	f.line("\t}\n\treturn -1\n}\n")
}

// impliedCodes writes the type of the codes of a spec without catalogs. A catalog that is added later keeps its name.
func (f *file) impliedCodes(c *model.Catalog) {
	t := c.Type.Value
	f.comment(0, fmt.Sprintf("%s is an error code as the API sends it, for use with errors.Is. The spec has no catalog of codes; errgen init drafts one.", t))
	f.line("type %s string\n", t)
	f.line("var _ apierr.Code = %s(\"\")\n", t)
	f.line("// Error returns one line: the API and the code.")
	f.line("func (c %s) Error() string { return catalog.CodeText(%s, string(c), c) }\n", t, strconv.Quote(f.prefix(c)))
	f.line("// Info returns false, because there is no catalog.")
	f.line("func (%s) Info() (apierr.CodeInfo, bool) { return apierr.CodeInfo{}, false }\n", t)
	f.codeOf(c)
	f.line("func parse%s(value string) apierr.Code { return %s(value) }\n", t, t)
}
