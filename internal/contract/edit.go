package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// edits change a document where it is written, which a decoded one cannot show:
// repeated members, numbers of any form, broken texts.
type edits struct {
	replace map[string]string // JSON of the value at a pointer
	insert  map[string]string // members put first into the object at a pointer, each with a comma after it
	drop    string            // pointer of a member that is left out
}

// write writes a decoded document with the edits done.
func (e edits) write(v any) string {
	var b strings.Builder
	e.value(&b, "", v)
	return b.String()
}

func (e edits) value(b *strings.Builder, at string, v any) {
	if text, found := e.replace[at]; found {
		b.WriteString(text)
		return
	}
	switch v := v.(type) {
	case map[string]any:
		e.object(b, at, v)
	case []any:
		b.WriteByte('[')
		for i := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			e.value(b, fmt.Sprintf("%s/%d", at, i), v[i])
		}
		b.WriteByte(']')
	default:
		b.Write(encoded(v))
	}
}

func (e edits) object(b *strings.Builder, at string, v map[string]any) {
	b.WriteByte('{')
	first := true
	if more := e.insert[at]; more != "" {
		b.WriteString(strings.TrimSuffix(more, ","))
		first = false
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if at+"/"+name == e.drop {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		b.Write(encoded(name))
		b.WriteByte(':')
		e.value(b, at+"/"+name, v[name])
	}
	b.WriteByte('}')
}

// place is one value of a document.
type place struct {
	at, object, name string // pointer of the value, pointer of its object, its name there
	value            any
}

// members lists every member of every object of a document.
func members(v any) (out []place) {
	walk("", v, func(object string, m map[string]any) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			out = append(out, place{at: object + "/" + name, object: object, name: name, value: m[name]})
		}
	})
	return out
}

func walk(at string, v any, visit func(at string, m map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			walk(at+"/"+name, v[name], visit)
		}
	case []any:
		for i := range v {
			walk(fmt.Sprintf("%s/%d", at, i), v[i], visit)
		}
	}
}

// at returns the value at a pointer; nil, false when there is none.
func at(v any, pointer string) (any, bool) {
	for _, name := range strings.Split(pointer, "/")[1:] {
		switch d := v.(type) {
		case map[string]any:
			next, found := d[name]
			if !found {
				return nil, false
			}
			v = next
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(d) {
				return nil, false
			}
			v = d[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// twin is a name in another case: status, Status.
func twin(name string) string {
	if up := strings.ToUpper(name[:1]) + name[1:]; up != name {
		return up
	}
	return strings.ToLower(name[:1]) + name[1:]
}
