package record

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// tree is a JSON document that keeps the order of members.
type tree struct {
	token   string // JSON of a value that is no object and no array
	kind    byte   // '{', '[' or 0
	names   []string
	members []*tree // of an object, in the order of names, or of an array
}

// parse returns nil if the text is not one JSON document.
func parse(text string) *tree {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	t := read(d, 0)
	if _, err := d.Token(); t == nil || err == nil {
		return nil
	}
	return t
}

func read(d *json.Decoder, depth int) *tree {
	token, err := d.Token()
	if err != nil || depth > maxDepth {
		return nil
	}
	delim, nested := token.(json.Delim)
	if !nested {
		if n, ok := token.(json.Number); ok {
			return &tree{token: n.String()}
		}
		return &tree{token: string(encode(token))}
	}
	t := &tree{kind: byte(delim)}
	for d.More() {
		if t.kind == '{' {
			name, err := d.Token()
			text, ok := name.(string)
			if err != nil || !ok {
				return nil
			}
			t.names = append(t.names, text)
		}
		member := read(d, depth+1)
		if member == nil {
			return nil
		}
		t.members = append(t.members, member)
	}
	if _, err := d.Token(); err != nil {
		return nil
	}
	return t
}

// write encodes the tree with the values that stand for placeholders, by their key.
func (t *tree) write(b *strings.Builder, bound map[string]string) {
	if t.kind == 0 {
		if value, found := bound[key(t.token)]; found {
			b.WriteString(value)
			return
		}
		b.WriteString(t.token)
		return
	}
	b.WriteByte(t.kind)
	for i, m := range t.members {
		if i > 0 {
			b.WriteByte(',')
		}
		if t.kind == '{' {
			name := string(encode(t.names[i]))
			if value, found := bound[key(name)]; found {
				name = value
			}
			b.WriteString(name + ":")
		}
		m.write(b, bound)
	}
	b.WriteByte(t.kind + 2) // the closing brace and bracket follow two after the opening one
}

// same compares a recorded document with one that is sent: again and redacted are
// recorded and raw as a recorder writes them. What was replaced in both may have any value
// of the same type, and a time may differ. It adds what stands for the placeholders to
// found. If the documents differ, at is a JSON pointer to the first difference, with the
// names of redacted.
func same(recorded, again, redacted, raw *tree, found map[string]string) (at string, equal bool) {
	if recorded.kind != redacted.kind {
		return "", false
	}
	if recorded.kind == 0 {
		return "", sameValue(recorded.token, again.token, redacted.token, raw.token, found)
	}
	used := make([]bool, len(recorded.members))
	for i := range redacted.members {
		j, name := i, strconv.Itoa(i)
		if recorded.kind == '{' {
			j, name = recorded.position(redacted.names[i], redacted.names[i] != raw.names[i], used), redacted.names[i]
		}
		if j < 0 || j >= len(used) {
			return "/" + name, false
		}
		if recorded.kind == '{' {
			bind(string(encode(recorded.names[j])), string(encode(raw.names[i])), found)
		}
		used[j] = true
		if at, equal := same(recorded.members[j], again.members[j], redacted.members[i], raw.members[i], found); !equal {
			return "/" + name + at, false
		}
	}
	if j := slices.Index(used, false); j >= 0 {
		if recorded.kind == '{' {
			return "/" + recorded.names[j], false
		}
		return "/" + strconv.Itoa(j), false
	}
	return "", true
}

// position returns the next unused member with a name, or with any replaced name; -1 if
// there is none.
func (t *tree) position(name string, replaced bool, used []bool) int {
	for i, n := range t.names {
		if !used[i] && (n == name || replaced && strings.HasPrefix(n, prefix)) {
			return i
		}
	}
	return -1
}

func sameValue(recorded, again, redacted, raw string, found map[string]string) bool {
	text := strings.HasPrefix(recorded, `"`)
	switch {
	case text != strings.HasPrefix(raw, `"`):
		return false
	case redacted != raw && again == recorded && redacted != recorded && !placeholder(recorded):
		return false // the recording has a value, and this is another one
	case redacted != raw: // replaced
		bind(recorded, raw, found)
		return recorded != "null" && recorded != "true" && recorded != "false"
	}
	return recorded == raw || text && dateTime(strings.Trim(recorded, `"`)) && dateTime(strings.Trim(raw, `"`))
}

// bind notes what stands for a placeholder. Other text is not unique enough.
func bind(recorded, raw string, found map[string]string) {
	if placeholder(recorded) {
		found[key(recorded)] = raw
	}
}

// placeholder reports whether JSON of a value has the form of a placeholder that no other
// value has.
func placeholder(value string) bool {
	n, err := strconv.ParseFloat(value, 64)
	return strings.Contains(value, prefix) || key(value) != value || err == nil && n > firstNumber
}

// placeholderForms are the forms of placeholders that have the number of their value in them.
var placeholderForms = regexp.MustCompile(`^"(?:redacted-(\d+)(?:@redacted\.example)?-*|https://redacted\.example/(\d+)-*|00000000-0000-4000-8000-0*(\d+))"$`)

// key returns what the placeholders of a value have in common as JSON: their form depends on what the spec says
// where the value occurs. Other JSON is its own key.
func key(placeholder string) string {
	if m := placeholderForms.FindStringSubmatch(placeholder); m != nil {
		return `"` + prefix + m[1] + m[2] + m[3] + `"`
	}
	return placeholder
}
