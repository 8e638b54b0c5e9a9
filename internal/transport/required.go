package transport

import (
	"bytes"
	"reflect"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// plans says what documents must hold, by the type they are read into. The
// generated models say it: a member without omitempty that is no pointer.
type plans struct{ m sync.Map }

// plan is what an object of one type must hold; nil when neither it nor
// anything below it must hold anything.
type plan struct {
	required []string         // member names
	members  map[string]*plan // by name, and by lower-case name; nil where nothing is required below
}

// of returns the plan of a type, made on first use.
func (p *plans) of(t reflect.Type) *plan {
	if v, ok := p.m.Load(t); ok {
		return v.(*plan)
	}
	made := makePlan(t, nil)
	p.m.Store(t, made)
	return made
}

// makePlan follows pointers, slices and structs, and stops at types that read
// their JSON themselves and at those that hold themselves.
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

// ownFormat reports a type that reads its JSON itself: a leaf.
func ownFormat(t reflect.Type) bool {
	_, v1 := reflect.PointerTo(t).MethodByName("UnmarshalJSON")
	_, v2 := reflect.PointerTo(t).MethodByName("UnmarshalJSONFrom")
	return v1 || v2
}

// missing returns the pointer of the first required member that a document
// lacks, or has as null or as empty text; "" when it is whole.
func (p *plans) missing(body []byte, out any) string {
	want := p.of(reflect.TypeOf(out).Elem())
	d := jsontext.NewDecoder(bytes.NewBuffer(body), lenient) // it was read strictly before
	switch {
	case d.PeekKind() == 'n':
		return "everything: it is null"
	case want == nil:
		return ""
	}
	return want.check(d)
}

// check reads one value.
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
		if !found { // in another case, perhaps
			below = p.members[strings.ToLower(name)]
		}
		if below == nil {
			v, _ := d.ReadValue()
			if len(v) > 2 || len(v) > 0 && v[0] != '"' && v[0] != 'n' {
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

// bit is the place of a member among the required ones; 0 when it is not one,
// or is null.
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
