package record

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// shape is what all schemas of one place say about it together.
type shape struct {
	known      bool            // there is a schema
	free       bool            // text of any kind is allowed
	boolean    bool            // declared
	number     bool            // declared
	keep       bool            // x-record-numbers: keep
	replace    bool            // x-record-numbers: replace, here or around it
	listed     map[string]bool // values of enumerations and error catalogs
	open       bool            // other words than the listed ones are expected
	texts      []*openapi3.Schema
	properties map[string][]*openapi3.Schema
	items      []*openapi3.Schema

	members map[string]*shape // of properties, made when needed
	element *shape            // of items
}

// member returns the shape of a declared member.
func (p *shape) member(name string) (*shape, bool) {
	list, declared := p.properties[name]
	if !declared {
		return &shape{}, false
	}
	m := p.members[name]
	if m == nil {
		m = shapeOf(list)
		m.replace = m.replace || p.replace
		if p.members == nil {
			p.members = map[string]*shape{}
		}
		p.members[name] = m
	}
	return m, true
}

func (p *shape) item() *shape {
	if p.element == nil {
		p.element = shapeOf(p.items)
		p.element.replace = p.element.replace || p.replace
	}
	return p.element
}

// maxDepth limits nested schemas and nested JSON.
const maxDepth = 32

func shapeOf(list []*openapi3.Schema) *shape {
	out := &shape{listed: map[string]bool{}, properties: map[string][]*openapi3.Schema{}}
	for _, s := range list {
		out.add(s, 0)
	}
	return out
}

func (p *shape) add(s *openapi3.Schema, depth int) {
	if s == nil || depth > maxDepth {
		return
	}
	p.known = true
	for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
		for _, part := range parts {
			p.add(part.Value, depth+1)
		}
	}
	p.keep = p.keep || s.Extensions[numbersWord] == "keep"
	p.replace = p.replace || s.Extensions[numbersWord] == "replace"
	listed := p.list(s)
	if s.Type != nil && s.Type.Is("string") {
		p.texts = append(p.texts, s)
		p.free = p.free || !listed && s.Pattern == ""
	}
	p.boolean = p.boolean || s.Type != nil && s.Type.Is("boolean")
	p.number = p.number || s.Type != nil && (s.Type.Is("number") || s.Type.Is("integer"))
	for name, ref := range s.Properties {
		if ref != nil && ref.Value != nil {
			p.properties[name] = append(p.properties[name], ref.Value)
		}
	}
	if s.Items != nil && s.Items.Value != nil {
		p.items = append(p.items, s.Items.Value)
	}
}

// list adds the values that a schema lists, and reports whether there are any.
func (p *shape) list(s *openapi3.Schema) bool {
	before := len(p.listed)
	for _, v := range s.Enum {
		p.value(v)
	}
	open, _ := s.Extensions["x-extensible-enum"].([]any)
	for _, v := range open {
		p.value(v)
	}
	catalog, _ := s.Extensions["x-error-catalog"].(map[string]any)
	codes, _ := catalog["codes"].(map[string]any)
	for code, entry := range codes {
		p.value(code)
		m, _ := entry.(map[string]any)
		aliases, _ := m["aliases"].([]any)
		for _, a := range aliases {
			p.value(a)
		}
	}
	p.open = p.open || len(open) > 0 || len(codes) > 0 || openByForm(s)
	return len(p.listed) > before
}

// openByForm reports whether a schema has alternatives of text, of which one lists the known
// values and another allows any text.
func openByForm(s *openapi3.Schema) bool {
	listed, free := false, false
	for _, part := range append(s.AnyOf[:len(s.AnyOf):len(s.AnyOf)], s.OneOf...) {
		v := part.Value
		if v == nil || v.Type == nil || !v.Type.Is("string") {
			return false
		}
		listed = listed || len(v.Enum) > 0
		free = free || len(v.Enum) == 0 && v.Pattern == "" && v.Format == ""
	}
	return listed && free
}

func (p *shape) value(v any) {
	if b, err := json.Marshal(v); err == nil && v != nil {
		p.listed[strings.Trim(string(b), `"`)] = true
	}
}

// json redacts one JSON document.
func (k *keeper) json(list []*openapi3.Schema, body []byte) ([]byte, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("it is not UTF-8")
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	out, err := k.next(d, shapeOf(list), 0)
	if err == nil {
		if _, more := d.Token(); more == nil {
			err = errors.New("more than one document")
		}
	}
	if err != nil {
		return nil, errors.New("it is not one JSON document")
	}
	return out, nil
}

// next redacts the next value of a stream. It keeps the order of members and repeated
// members, which decoding into a map would lose.
func (k *keeper) next(d *json.Decoder, p *shape, depth int) ([]byte, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return k.object(d, p, depth)
		}
		return k.array(d, p, depth)
	case string:
		return encode(k.text(p, t)), nil
	case json.Number:
		return []byte(k.number(p, t.String())), nil
	case bool:
		return encode(t && p.boolean), nil
	}
	return []byte("null"), nil
}

func (k *keeper) object(d *json.Decoder, p *shape, depth int) ([]byte, error) {
	out := []byte{'{'}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		below, declared := p.member(name)
		if !declared {
			name = k.name(name, p.known && len(p.properties) == 0)
		}
		value, err := k.next(d, below, depth+1)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, encode(name)...), ':'), value...)
	}
	_, err := d.Token()
	return append(out, '}'), err
}

func (k *keeper) array(d *json.Decoder, p *shape, depth int) ([]byte, error) {
	out := []byte{'['}
	for d.More() {
		value, err := k.next(d, p.item(), depth+1)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, value...)
	}
	_, err := d.Token()
	return append(out, ']'), err
}

func encode(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return []byte("null")
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// name returns a name that the spec does not have, or a placeholder if it looks like
// data. All names of a map, such as metadata, are data.
func (k *keeper) name(name string, isMap bool) string {
	digits := 0
	for _, r := range name {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', r == '-', r == '$':
		default:
			digits = len(name) + 1
		}
	}
	if isMap || name == "" || len(name) > 32 || digits > 2 {
		return k.placeholder("name " + name)
	}
	return name
}

// text returns text that is kept, or a placeholder of the same form.
func (k *keeper) text(p *shape, s string) string {
	switch {
	case s == "" || p.listed[s]:
		return s
	case !p.known:
		return k.placeholder(s)
	case dateTime(s) && s[:4] >= firstYear:
		return s
	case k.keeps(p) && plainNumber(s):
		return s
	case p.open && k.openWords && p.word(s):
		return s
	case currency(p.texts, s):
		return s
	}
	return k.fit(p.texts, s)
}

// word reports whether a value that is not listed has the form of the listed ones:
// letters of the same case with separators. Data would have digits, spaces or another
// case.
func (p *shape) word(s string) bool {
	if len(s) > 40 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-") != "" {
		return false
	}
	for v := range p.listed {
		if len(v) > 1 && (v == strings.ToUpper(v)) == (s == strings.ToUpper(s)) && (v == strings.ToLower(v)) == (s == strings.ToLower(s)) {
			return true
		}
	}
	return false
}

// number returns a number that is kept, or one that stands for it.
func (k *keeper) number(p *shape, raw string) string {
	switch {
	case p.listed[raw], raw == "0", k.keeps(p) && plainNumber(raw):
		return raw
	}
	return k.count(raw)
}

// keeps reports whether the numbers of a place are amounts, counts and the like. Where
// the spec also allows text of any kind, a number can be an ID that is written as one.
func (k *keeper) keeps(p *shape) bool {
	return p.number && !p.replace && (p.keep || k.spec.keepNumbers && !p.free)
}
