package start

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// maxBodies is the limit on the bodies that are searched.
const maxBodies = 10_000

// body is a kind of error response: a schema with its uses and examples.
type body struct {
	spot
	text     bool  // text/plain
	success  bool  // only a 2xx has it
	uses     int   // number of responses with it
	statuses []int // of those responses; 0 stands for default, ranges and successes
	examples []example
}

// example is an example of an error response.
type example struct {
	status int
	value  *load.Node
}

// bodies collects the schemas of all responses that are or may contain errors.
func (d *drafter) bodies() {
	index := map[*load.Node]*body{}
	paths := d.follow(spot{d.set.Root, ""}.child(d.set.Root.Get("paths"), "paths"))
	for i, k := range keysOf(paths.node) {
		item := d.follow(paths.child(paths.node.Items[i], k.Value))
		for j, m := range keysOf(item.node) {
			if load.IsMethod(m.Value) {
				d.responses(index, d.follow(item.child(item.node.Items[j], m.Value)))
			}
		}
	}
}

func (d *drafter) responses(index map[*load.Node]*body, op spot) {
	responses := op.child(op.node.Get("responses"), "responses")
	declares := slices.ContainsFunc(keysOf(responses.node), func(k *load.Node) bool { return failure(k.Value) })
	for i, k := range keysOf(responses.node) {
		success := len(k.Value) == 3 && k.Value[0] == '2'
		if !success && !failure(k.Value) {
			continue
		}
		response := d.follow(responses.child(responses.node.Items[i], k.Value))
		if !success {
			d.headers(response)
		}
		content := response.child(response.node.Get("content"), "content")
		for j, media := range keysOf(content.node) {
			m := content.child(content.node.Items[j], media.Value)
			if success && declares && !d.query(m) {
				continue // an error in it is a part of the result
			}
			d.media(index, m, strings.ToLower(media.Value), statusOf(k.Value), success)
		}
	}
}

// query reports whether a response is that of a query language, which has errors instead of data.
func (d *drafter) query(m spot) bool {
	properties := d.follow(m.child(m.node.Get("schema"), "schema")).node.Get("properties")
	return properties.Get("data") != nil && properties.Get("errors") != nil
}

// media records the schema of a media type. Branches of oneOf and anyOf are separate responses.
func (d *drafter) media(index map[*load.Node]*body, m spot, name string, status int, success bool) {
	schema := m.node.Get("schema")
	text := strings.HasPrefix(name, "text/plain")
	if schema == nil || text && success || !text && !strings.Contains(name, "json") && name != "*/*" {
		return
	}
	examples := d.examples(m.node, status, !text)
	for _, s := range d.choices(d.follow(m.child(schema, "schema")), 0) {
		b := index[s.node]
		if b == nil && len(d.found) == maxBodies {
			d.note("%s: only the first %d kinds of bodies are searched", show(m.pointer), maxBodies)
			return
		}
		if b == nil {
			b = &body{spot: s, text: text, success: success}
			index[s.node] = b
			d.found = append(d.found, b)
			b.examples = d.examples(s.node, 0, !text)
		}
		b.success = b.success && success
		b.uses++
		b.statuses = append(b.statuses, status)
		b.examples = append(b.examples, examples...)
	}
}

// choices returns the branches of a body that are components, because other responses use these too.
func (d *drafter) choices(s spot, depth int) []spot {
	var out []spot
	for _, key := range []string{"oneOf", "anyOf"} {
		list := s.node.Get(key)
		if list == nil || list.Kind != load.List || depth > 3 || s.node.Get("properties") != nil ||
			slices.ContainsFunc(list.Items, func(n *load.Node) bool { return load.Ref(n) == nil }) {
			continue
		}
		for i, item := range list.Items {
			out = append(out, d.choices(d.follow(s.child(item, key, strconv.Itoa(i))), depth+1)...)
		}
	}
	if out == nil {
		return []spot{s}
	}
	return out
}

// follow resolves a chain of references. If a component of this document is the target, its name is the pointer.
func (d *drafter) follow(s spot) spot {
	if s.node == nil {
		return spot{&load.Node{}, s.pointer}
	}
	end, err := d.set.Follow(s.node)
	if err != nil {
		return spot{&load.Node{}, s.pointer}
	}
	for n := s.node; n != end; {
		ref := load.Ref(n)
		if fragment, here := strings.CutPrefix(ref.Value, "#"); here && n.File.Path == d.set.Root.File.Path && !strings.Contains(fragment, "%") {
			s.pointer = fragment
		}
		if n, err = d.set.Next(n); err != nil {
			break
		}
	}
	return spot{end, s.pointer}
}

func keysOf(n *load.Node) []*load.Node {
	if n == nil || n.Kind != load.Map {
		return nil
	}
	return n.Keys
}

// failure reports whether the key of a response is that of an error.
func failure(key string) bool {
	return key == "default" || len(key) == 3 && (key[0] == '4' || key[0] == '5')
}

// statusOf returns a status that an error can have, or 0.
func statusOf(key string) int {
	n, err := strconv.Atoi(key)
	if err != nil || n < 400 || n > 599 || http.StatusText(n) == "" {
		return 0
	}
	return n
}

// headers notes a header with codes, which are not drafted.
func (d *drafter) headers(response spot) {
	for _, k := range keysOf(response.node.Get("headers")) {
		name := normal(k.Value)
		if strings.HasSuffix(name, "errortype") || strings.HasSuffix(name, "errorcode") {
			if !d.inHeader[name] {
				d.inHeader[name] = true
				d.note("%s: the header %s has codes, which are not drafted; declare them, with code: header: and its name in the envelope", show(response.pointer), finding.Quote(k.Value))
			}
		}
	}
}
