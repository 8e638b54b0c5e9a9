package transport

import (
	"bytes"
	"reflect"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// plans caches which members a document must have, by the type it is decoded
// into. In generated models, these are the members without omitempty that are not
// pointers.
type plans struct{ m sync.Map }

// plan lists the required members of one object type; nil if neither it nor
// anything below it has any.
type plan struct {
	required []string         // member names
	members  map[string]*plan // by name and by lower-case name; nil if nothing below is required
}

// of returns the plan of a type and makes it on first use.
func (p *plans) of(t reflect.Type) *plan {
	if v, ok := p.m.Load(t); ok {
		return v.(*plan)
	}
	made := makePlan(t, nil)
	p.m.Store(t, made)
	return made
}

// makePlan follows pointers, slices and structs. It stops at types that decode
// themselves and at recursive types.
func makePlan(t reflect.Type, above []reflect.Type) *plan {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if ownFormat(t) {
			return nil
		}
		t = t.Elem()
	}
	for _, a := range above {
		if a == t {
			return nil
		}
	}
	if t.Kind() != reflect.Struct || ownFormat(t) {
		return nil
	}
	p, needed := &plan{members: map[string]*plan{}}, false
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if !strings.Contains(rest, "omit") && f.Type.Kind() != reflect.Pointer {
			p.required = append(p.required, name)
		}
		below := makePlan(f.Type, append(above, t))
		p.members[name], p.members[strings.ToLower(name)] = below, below
		needed = needed || below != nil
	}
	if !needed && len(p.required) == 0 {
		return nil
	}
	return p
}

// ownFormat reports whether a type decodes itself.
func ownFormat(t reflect.Type) bool {
	_, v1 := reflect.PointerTo(t).MethodByName("UnmarshalJSON")
	_, v2 := reflect.PointerTo(t).MethodByName("UnmarshalJSONFrom")
	return v1 || v2
}

// missing returns the pointer of the first required member that is absent, null
// or an empty string; "" if there is none.
func (p *plans) missing(body []byte, out any) string {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), lenient) // decoded strictly before
	if d.PeekKind() == 'n' {
		return "its content: it is null"
	}
	return p.of(reflect.TypeOf(out).Elem()).check(d)
}

// check reads one value and returns the first missing member. The receiver may be
// nil.
func (p *plan) check(d *jsontext.Decoder) string {
	kind := d.PeekKind()
	if p == nil || kind != '{' && kind != '[' {
		_ = d.SkipValue()
		return ""
	}
	_, _ = d.ReadToken()
	if kind == '{' {
		return p.checkObject(d)
	}
	for k := d.PeekKind(); k != ']' && k != 0; k = d.PeekKind() {
		if lacks := p.check(d); lacks != "" {
			return lacks
		}
	}
	_, _ = d.ReadToken()
	return ""
}

func (p *plan) checkObject(d *jsontext.Decoder) string {
	seen := 0 // bits over required
	for k := d.PeekKind(); k != '}' && k != 0; k = d.PeekKind() {
		tok, err := d.ReadToken()
		if err != nil {
			return ""
		}
		name := tok.String()
		below, found := p.members[name]
		if !found { // perhaps in another case
			below = p.members[strings.ToLower(name)]
		}
		if below == nil {
			v, _ := d.ReadValue()
			if string(v) != `""` {
				seen |= p.bit(name, v)
			}
			continue
		}
		if d.PeekKind() != 'n' {
			seen |= p.bit(name, nil)
		}
		if lacks := below.check(d); lacks != "" {
			return lacks
		}
	}
	for i, name := range p.required {
		if seen&(1<<i) == 0 {
			_, _ = d.ReadToken()
			return string(d.StackPointer()) + "/" + name
		}
	}
	_, _ = d.ReadToken()
	return ""
}

// bit returns the bit of a required member; 0 if the member is not required or is
// null.
func (p *plan) bit(name string, v jsontext.Value) int {
	if v.Kind() == 'n' {
		return 0
	}
	for i, r := range p.required {
		if strings.EqualFold(r, name) {
			return 1 << i
		}
	}
	return 0
}
