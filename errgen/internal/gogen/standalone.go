package gogen

import (
	"embed"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

//go:embed standalone/*.go
var standalone embed.FS

// parts returns the names of the files of package standalone that a spec needs, in the order in which people read them.
func parts(spec *model.Spec, server bool) []string {
	out := []string{"error", "words", "judge"}
	if hasCustomer(spec) {
		out = append(out, "customer")
	}
	out = append(out, "doer", "parse", "envelope")
	if slices.ContainsFunc(spec.Envelopes, func(e *model.Envelope) bool { return e.Text.IsSet() }) {
		out = append(out, "text")
	}
	out = append(out, "operation")
	if server {
		out = append(out, "server")
	}
	return out
}

func hasCustomer(spec *model.Spec) bool {
	for _, c := range spec.Catalogs {
		for _, code := range c.Codes {
			if len(code.Customer) > 0 {
				return true
			}
		}
	}
	for _, op := range spec.Operations {
		if op.Unknown != nil && len(op.Unknown.Customer) > 0 {
			return true
		}
	}
	return false
}

func source(part string) (string, error) {
	data, err := standalone.ReadFile("standalone/" + part + ".go")
	return string(data), err
}

// OwnNames returns the exported names that a self-contained file declares beside those of its catalogs.
func OwnNames(spec *model.Spec, server bool) ([]string, error) {
	names := []string{"CodeOf"}
	for _, part := range parts(spec, server) {
		src, err := source(part)
		if err != nil {
			return nil, err
		}
		names = append(names, exportedNames(src)...)
	}
	return names, nil
}

// exportedNames returns what a formatted file declares for others at its top level. Parsing it for that would take as
// long as all the rest of a small run.
func exportedNames(src string) (names []string) {
	within := false // of a group of declarations
	for line := range strings.Lines(src) {
		first, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		switch first {
		case "const", "var", "type", "func":
			if within = rest == "("; !within {
				names = append(names, exportedName(rest)...)
			}
		case ")":
			within = false
		default:
			if name, one := strings.CutPrefix(first, "\t"); one && within {
				names = append(names, exportedName(name)...)
			}
		}
	}
	return names
}

// exportedName returns the name that text starts with, if others can see it.
func exportedName(text string) []string {
	end := strings.IndexFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(text)
	}
	if name := text[:end]; token.IsExported(name) {
		return []string{name}
	}
	return nil
}

// standalone writes what a file without a runtime needs beside its catalogs.
func (f *file) standalone() error {
	f.line("// errorAPI is what error texts start with.")
	f.line("const errorAPI = %s\n", strconv.Quote(f.opt.Package))
	f.line("// errorEnvelopes say where the error bodies keep their parts.")
	f.line("var errorEnvelopes = []errorEnvelope{")
	for _, e := range f.spec.Envelopes {
		f.line("{")
		f.comment(1, "Schema "+safe(e.Schema)+".")
		f.envelopeFields(e)
		f.line("},")
	}
	f.line("}\n")
	for _, e := range f.spec.Envelopes {
		if e.Text.IsSet() && e.Catalog != nil {
			f.textReader(e.Catalog)
		}
	}
	f.operations()
	if f.opt.Server {
		f.server()
	}
	for _, part := range parts(f.spec, f.opt.Server) {
		src, err := source(part)
		if err != nil {
			return err
		}
		if err := f.part(src); err != nil {
			return err
		}
	}
	return nil
}

// textReader writes the rules of a catalog of texts.
func (f *file) textReader(c *model.Catalog) {
	small := model.Lower(c.Type.Value)
	f.line("// %sText finds the code of a plain text.", small)
	f.line("func %sText(status int, body []byte) (code string, captures map[string]string, fits bool) {", small)
	f.line("return %sTexts.read(status, body)\n}\n", small)
	f.line("var %sTexts = errorTexts{", small)
	f.textRules(textrule.Of(c))
	f.line("}\n")
}

// operations writes what the spec says of each call.
func (f *file) operations() {
	f.line("// errorOperations are the calls of the spec.")
	f.line("var errorOperations = []errorOperation{")
	for _, op := range f.spec.Operations {
		f.line("{")
		f.text("Name", op.Name())
		f.text("Method", strings.ToUpper(op.Method))
		f.text("Path", op.Path)
		f.text("Class", op.Class.Value)
		f.raw("Replies", replyList(op))
		f.raw("Envelopes", f.envelopeList(op))
		if op.Unknown != nil {
			f.line("Unknown: &errorUnknown{")
			f.unknownFields(op)
			f.line("},")
		}
		f.line("},")
	}
	f.line("}\n")
}

func replyList(op *model.Operation) string {
	var words []string
	for _, r := range op.Replies {
		status, ok := r.Success()
		if !ok {
			continue
		}
		json, mixed := "", ""
		if r.JSON {
			json = "true"
		}
		if r.Mixed {
			mixed = "true"
		}
		words = append(words, composite("Status", strconv.Itoa(status), "JSON", json, "Mixed", mixed))
	}
	if words == nil {
		return ""
	}
	return "[]errorSuccess{" + strings.Join(words, ", ") + "}"
}

func (f *file) envelopeList(op *model.Operation) string {
	var own []int
	for i, e := range f.spec.Envelopes {
		if op.Answers(e) {
			own = append(own, i)
		}
	}
	if len(own) == len(f.spec.Envelopes) {
		return ""
	}
	return intList(own)
}

// codeOfOwn writes CodeOf for the error type of the file itself.
func (f *file) codeOfOwn(t string) {
	f.line("// CodeOf returns the code of the first APIError in err's chain, or \"\" when there is none of this catalog.")
	f.line("func CodeOf(err error) %s {", t)
	f.line("if e := errorIn(err); e != nil {\nc, _ := e.Code.(%s)\nreturn c\n}\nreturn \"\"\n}\n", t)
}

// constantOf returns the Go constant of a word: the runtime's, or the one of the file itself.
func (f *file) constantOf(w model.Word) string {
	if f.opt.Runtime != "" {
		return "apierr." + w.Const
	}
	if class, ok := strings.CutPrefix(w.Const, "Err"); ok {
		return "Class" + class
	}
	return w.Const
}

// typeName returns the Go type under which a file has one of the types that the runtime shares between packages.
func (f *file) typeName(name string) string {
	if f.opt.Runtime != "" {
		switch name {
		case "FieldRule", "OutcomeRule", "OutcomeWord", "TextRule", "TextPart":
			return "catalog." + name
		}
		return "apierr." + name
	}
	switch name {
	case "CodeInfo":
		return "ErrorInfo"
	case "StatusAdvice":
		return "ErrorStatusAdvice"
	case "Text":
		return "ErrorSentence"
	case "Code":
		return "error"
	}
	return fmt.Sprintf("error%s", name) // FieldRule, OutcomeRule, OutcomeWord, TextRule, TextPart
}
