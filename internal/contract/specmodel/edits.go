package specmodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Edits changes a document while it is encoded, to what a decoded one cannot express:
// repeated members, numbers of any form, invalid strings.
type Edits struct {
	Replace map[string]string // JSON of the value at a pointer
	Insert  map[string]string // members put first into the object at a pointer, each followed by a comma
	Drop    string            // pointer of a member to omit
}

// Write encodes a decoded document with the edits.
func (e Edits) Write(v any) string {
	var b strings.Builder
	e.value(&b, "", v)
	return b.String()
}

func (e Edits) value(b *strings.Builder, at string, v any) {
	if text, found := e.Replace[at]; found {
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
		b.Write(Encode(v))
	}
}

func (e Edits) object(b *strings.Builder, at string, v map[string]any) {
	b.WriteByte('{')
	first := true
	if more := e.Insert[at]; more != "" {
		b.WriteString(strings.TrimSuffix(more, ","))
		first = false
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if at+"/"+name == e.Drop {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		b.Write(Encode(name))
		b.WriteByte(':')
		e.value(b, at+"/"+name, v[name])
	}
	b.WriteByte('}')
}
