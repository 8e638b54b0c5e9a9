package gogen

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// bodyOf returns the body of a sandbox's response for a code, with the parameter that an example of the code names; "" if no envelope leads to its catalog.
func bodyOf(c *model.Catalog, code *model.Code, wire, param string) string {
	switch e := c.Envelope; {
	case e == nil:
		return ""
	case e.Text.IsSet():
		return textrule.Body(code)
	default:
		return body(e, parts{code: wire, kind: code.Type.Value, word: e.Outcome.Word(code.Outcome.Value), message: code.Headline(), param: param})
	}
}

// parts holds the parts of a JSON body.
type parts struct {
	code    string
	kind    string // the provider's error type; "" for none
	word    string // the status word; "" for none
	message string
	param   string // the request field at fault; "" for none
}

// body returns a JSON document in the shape of the envelope. It contains the type, code, status word, message and
// parameter, each at the first of its pointers.
func body(e *model.Envelope, p parts) string {
	if len(e.Code) == 0 {
		return ""
	}
	code := e.Code[0].Value
	if _, inHeader := model.HeaderName(code); inHeader {
		return ""
	}
	root := &member{}
	if len(e.Type) > 0 && p.kind != "" && apart(e.Type[0].Value, code) {
		root.put(load.Tokens(e.At.Value+e.Type[0].Value), p.kind)
	}
	root.put(load.Tokens(e.At.Value+code), p.code)
	root.number(load.Tokens(e.At.Value+code), e.Numbers[code])
	if e.Outcome != nil && p.word != "" {
		root.put(load.Tokens(e.At.Value+e.Outcome.From.Value), p.word)
	}
	if len(e.Message) > 0 {
		root.put(load.Tokens(e.At.Value+e.Message[0].Value), p.message)
	}
	if len(e.Param) > 0 && p.param != "" {
		root.put(load.Tokens(e.At.Value+e.Param[0].Value), p.param)
	}
	var b bytes.Buffer
	root.write(&b)
	return b.String()
}

// apart reports whether a document can have a string at both pointers.
func apart(a, b string) bool {
	return !strings.HasPrefix(a+"/", b+"/") && !strings.HasPrefix(b+"/", a+"/")
}

// member is a JSON object that keeps the order of its members, or a string if it has none.
type member struct {
	text  string
	names []string

	isNumber bool
	members  []*member
}

// put sets the string at a path. A path below another string is ignored.
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

// number makes the string at a path a number, if it is one.
func (m *member) number(path []string, numbers bool) {
	for _, name := range path {
		i := slices.Index(m.names, name)
		if i < 0 {
			return
		}
		m = m.members[i]
	}
	_, err := strconv.Atoi(m.text)
	m.isNumber = numbers && err == nil
}

// write writes m as JSON. The tokens 0 and * of a pointer stand for the first element of an array.
func (m *member) write(b *bytes.Buffer) {
	switch {
	case m.isNumber:
		b.WriteString(m.text)
		return
	case len(m.names) == 0:
		b.WriteString(quote(m.text))
		return
	case len(m.names) == 1 && (m.names[0] == "0" || m.names[0] == "*"):
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
