package gogen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Sandbox returns the file with every code and a body to answer it with. An alias has an entry of its own.
func Sandbox(spec *model.Spec, opt Options) ([]byte, error) {
	f := &file{spec: spec, opt: opt}
	f.head(opt.SandboxPackage, importAs("sandbox", opt.SandboxImport))
	for _, c := range spec.Catalogs {
		name := "errorCodes"
		if !c.First {
			name = model.Lower(c.Type.Value) + "s"
		}
		f.comment(0, fmt.Sprintf("%s are the codes of catalog %s with their aliases, each ready to be answered by name.", name, c.ID.Value))
		f.line("var %s = []sandbox.Code{", name)
		for _, code := range c.Codes {
			f.sandboxCode(c, code, code.Value)
			for _, a := range code.Aliases {
				f.sandboxCode(c, code, a.Value)
			}
		}
		f.line("}\n")
	}
	return f.gofmt()
}

func (f *file) sandboxCode(c *model.Catalog, code *model.Code, wire string) {
	f.line("{")
	f.text("Value", wire)
	f.text("Name", code.Const)
	f.raw("Statuses", intList(code.Statuses()))
	f.text("Outcome", code.Outcome.Value)
	f.text("Title", code.Title.Line())
	f.text("Description", code.Description.Line())
	if c.Envelope != nil {
		f.text("Body", body(c.Envelope, wire, code.Headline()))
	}
	if len(code.Operations) > 0 {
		words := make([]string, len(code.Operations))
		for i, op := range code.Operations {
			words[i] = strconv.Quote(op)
		}
		f.raw("Operations", fmt.Sprintf("[]string{%s}", strings.Join(words, ", ")))
	}
	f.line("},")
}

// body returns a JSON document in the shape of the envelope: the first code pointer holds the code, the first message
// pointer the message, and nothing else is there.
func body(e *model.Envelope, code, message string) string {
	if len(e.Code) == 0 {
		return ""
	}
	root := &member{}
	root.put(load.Tokens(e.At.Value+e.Code[0].Value), code)
	if len(e.Message) > 0 {
		root.put(load.Tokens(e.At.Value+e.Message[0].Value), message)
	}
	var b bytes.Buffer
	root.write(&b)
	return b.String()
}

// member is a JSON object that keeps its order, or a text when it has no members.
type member struct {
	text    string
	names   []string
	members []*member
}

// put places a text. A place inside another text does not exist and is left out.
func (m *member) put(path []string, text string) {
	for _, name := range path {
		var next *member
		for i, n := range m.names {
			if n == name {
				next = m.members[i]
			}
		}
		if next == nil {
			if m.text != "" {
				return
			}
			next = &member{}
			m.names, m.members = append(m.names, name), append(m.members, next)
		}
		m = next
	}
	if len(m.names) == 0 && m.text == "" {
		m.text = text
	}
}

// write prints m. A pointer token 0 stands for the first element of a list.
func (m *member) write(b *bytes.Buffer) {
	switch {
	case len(m.names) == 0:
		b.WriteString(quote(m.text))
		return
	case len(m.names) == 1 && m.names[0] == "0":
		b.WriteByte('[')
		m.members[0].write(b)
		b.WriteByte(']')
		return
	}
	for i, name := range m.names {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(quote(name) + ":")
		m.members[i].write(b)
	}
	b.WriteByte('}')
}

func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
