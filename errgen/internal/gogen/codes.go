package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// catalog writes everything of one catalog, in the order in which people read it.
func (f *file) catalog(c *model.Catalog) error {
	f.typeDecl(c)
	f.constants(c)
	f.methods(c)
	f.list(c)
	if c.First {
		f.codeOf(c)
	}
	if c.Envelope != nil {
		f.parse(c)
	}
	if err := f.index(c); err != nil {
		return err
	}
	f.table(c)
	return nil
}

func (f *file) typeDecl(c *model.Catalog) {
	what := "an error code"
	if f.spec.Title.Line() != "" {
		what += " of " + f.spec.Title.Line()
	}
	if !c.First {
		what += " (catalog " + c.ID.Value + ")"
	}
	t := c.Type.Value
	f.comment(0, fmt.Sprintf("%s is %s and a target for errors.Is. The list is open: a code that is not in it passes through as it came, and its Known is false.", t, what))
	f.line("type %s string\n", t)
	if f.opt.Runtime != "" {
		f.line("var _ apierr.Code = %s(\"\")\n", t)
	}
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

func (f *file) constantDoc(c *model.Catalog, code *model.Code) {
	text := strings.TrimSpace(code.Description.Line() + " " + code.Resolution.Line())
	if text == "" {
		text = "not verified: " + code.Unverified.Line()
	}
	f.comment(1, fmt.Sprintf("%s (%s%s): %s", code.Const, safe(code.Value), httpWords(code), text))
	var more []string
	if code.Advice.IsSet() {
		more = append(more, "Advice: "+code.Advice.Value+".")
	}
	if url := c.DocURL(code); url != "" {
		more = append(more, "See "+url)
	}
	if more != nil {
		f.comment(1, strings.Join(more, " "))
	}
	if code.Deprecated.IsSet() {
		f.line("\t//")
		f.comment(1, "Deprecated: "+code.Deprecated.Line())
	}
}

// safe keeps a wire value readable in a comment when it holds no spaces or signs, and quotes it otherwise.
func safe(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return isSpace(r) || r == '(' || r == ')' || !strconv.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

func httpWords(code *model.Code) string {
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

// provider is what an error text starts with.
func (f *file) provider(c *model.Catalog) string {
	if c.First || c.ID.Value == f.opt.Package {
		return f.opt.Package
	}
	return f.opt.Package + "/" + c.ID.Value
}

// shown bytes of an unknown code get into error texts.
const shown = 64

func (f *file) methods(c *model.Catalog) {
	t, small, who := c.Type.Value, model.Lower(c.Type.Value), f.provider(c)
	f.line("// Error returns one line: the provider, the code and what it means.")
	f.line("func (c %s) Error() string {", t)
	f.line("\tif i := %sIndex(string(c)); i >= 0 {", small)
	f.line("\t\treturn %s + string(c) + \": \" + %sTable[i].Title\n\t}", strconv.Quote(who+": "), small)
	f.line("\twire := string(c) // from the other side: of any length, with anything in it")
	f.line("\tif len(wire) > %d {\n\t\twire = strings.ToValidUTF8(wire[:%d], \"\") + \"…\"\n\t}", shown, shown)
	f.line("\treturn %s + strconv.Quote(wire) + \": not in the catalog\"\n}\n", strconv.Quote(who+": "))

	f.line("// Info returns what the catalog says of the code; false means that it is not in the catalog.")
	f.line("// The slices in it belong to the catalog: do not write to them.")
	f.line("func (c %s) Info() (%s, bool) {", t, f.typeName("CodeInfo"))
	f.line("\tif i := %sIndex(string(c)); i >= 0 {\n\t\treturn %sTable[i], true\n\t}", small, small)
	f.line("\treturn %s{}, false\n}\n", f.typeName("CodeInfo"))

	f.line("// Known reports whether the code, or the code it is an alias of, is in the catalog.")
	f.line("func (c %s) Known() bool { return %sIndex(string(c)) >= 0 }\n", t, small)
}

func (f *file) list(c *model.Catalog) {
	t := c.Type.Value
	f.line("// %ss returns every code of the catalog in its order, aliases left out. The slice is the caller's.", t)
	f.line("func %ss() []%s {\n\treturn []%s{", t, t, t)
	for _, code := range c.Codes {
		f.line("\t\t%s,", code.Const)
	}
	f.line("\t}\n}\n")
}

func (f *file) codeOf(c *model.Catalog) {
	t := c.Type.Value
	if f.opt.Runtime == "" {
		f.codeOfOwn(t)
		return
	}
	f.line("// CodeOf returns the code of the first Error in err's chain, or \"\" when there is none of this package.")
	f.line("func CodeOf(err error) %s {\n\tc, _ := apierr.CodeOf(err).(%s)\n\treturn c\n}\n", t, t)
}

func (f *file) parse(c *model.Catalog) {
	t, small := c.Type.Value, model.Lower(c.Type.Value)
	f.line("// parse%s turns a wire value into its constant: an alias becomes the code it stands for, and what is not in", t)
	f.line("// the catalog stays as it is.")
	f.line("func parse%s(wire string) %s {", t, f.typeName("Code"))
	f.line("\tif i := %sIndex(wire); i >= 0 {\n\t\treturn %s(%sTable[i].Value)\n\t}", small, t, small)
	f.line("\treturn %s(wire)\n}\n", t)
}
