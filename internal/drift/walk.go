package drift

import (
	"maps"
	"slices"
	"strings"
)

// The limits on the work for one message.
const (
	maxVisits   = 500_000 // schemas
	maxNested   = 200     // levels of a document
	maxProblems = 20_000
)

// problem is a difference between one message and the spec.
type problem struct {
	kind     Kind
	pointer  string // with [] for an index
	expected string
	seen     string // for people
	value    string // what distinguishes this difference from others at the pointer; may be ""
	// For an overlay: the schema at fault, the member, and what was received.
	node node
	name string
	data any
}

// mark is an x-unverified.
type mark struct {
	at     location
	what   string
	reason string
}

// walker compares documents with schemas. It reports every difference.
type walker struct {
	spec    *Spec
	request bool // of a request: readOnly members are not required
	// replaced says that pay/record recorded the message: numbers can be above a maximum.
	replaced bool
	visits   int
}

// result is what was found about a value and one schema.
type result struct {
	problems  []problem
	marks     []mark
	types     []string        // the value has none of these types
	known     map[string]bool // members that the schema describes
	describes bool            // the schema describes members
	open      bool            // other members are permitted
	home      node            // describes members
}

func (r *result) join(other result) {
	r.problems, r.marks = append(r.problems, other.problems...), append(r.marks, other.marks...)
	r.learn(other)
	r.describes, r.open = r.describes || other.describes, r.open || other.open
	if r.home.schema == nil {
		r.home = other.home
	}
	if r.types == nil {
		r.types = other.types
	}
}

func (r *result) learn(other result) {
	if len(other.known) == 0 {
		return
	}
	if r.known == nil {
		r.known = map[string]bool{}
	}
	maps.Copy(r.known, other.known)
}

// unknown returns the members that neither the schema nor the other names describe.
func (r *result) unknown(v any, other map[string]bool) (names []string) {
	m, ok := v.(map[string]any)
	if !ok || !r.describes || r.open {
		return nil
	}
	for name := range m {
		if !r.known[name] && !other[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// check compares a value with a schema.
func (w *walker) check(n node, v any, pointer string, depth int) result {
	if n.schema == nil {
		return result{open: true}
	}
	if v == nil {
		r := result{}
		r.mark(n)
		if !n.permitsNull(0) {
			r.problems = append(r.problems, problem{kind: Null, pointer: pointer, expected: strings.Join(n.declaredTypes(0), " or "), seen: "null", node: n})
		}
		return r
	}
	r := w.eval(n, v, pointer, depth)
	m, _ := v.(map[string]any)
	for _, name := range r.unknown(v, nil) {
		r.problems = append(r.problems, problem{
			kind: UnknownMember, pointer: pointer + "/" + showName(name), seen: typeOf(m[name]), node: r.home, name: name, data: m[name],
		})
	}
	return r
}

// eval compares a value that is not null with a schema, except for unknown members.
func (w *walker) eval(n node, v any, pointer string, depth int) (r result) {
	w.visits++
	if w.visits > maxVisits || depth > maxNested || n.schema == nil {
		return result{open: true}
	}
	r.mark(n)
	if types := n.types(); !fits(types, v) {
		r.types = types
		r.problems = append(r.problems, problem{kind: Type, pointer: pointer, expected: strings.Join(types, " or "), seen: describe(v), value: typeOf(v), node: n, data: v})
		return r
	}
	r.problems = append(r.problems, w.scalar(n, v, pointer)...)
	for _, part := range n.allOf() {
		if r.join(w.eval(part, v, pointer, depth+1)); r.types != nil {
			return r
		}
	}
	switch v := v.(type) {
	case map[string]any:
		w.object(&r, n, v, pointer, depth)
	case []any:
		if n.schema.Items != nil {
			for _, item := range v {
				if w.full(&r) {
					break
				}
				r.add(w.check(newNode(n.schema.Items, n.at.with("items")), item, pointer+"/[]", depth+1))
			}
		}
	}
	w.alternatives(&r, n, v, pointer, depth)
	return r
}

// full reports whether so much was found that the rest is not compared.
func (w *walker) full(r *result) bool {
	if len(r.problems) > maxProblems {
		w.visits = maxVisits + 1
	}
	return w.visits > maxVisits
}

// add takes what was found about a value inside this one.
func (r *result) add(inner result) {
	r.problems, r.marks = append(r.problems, inner.problems...), append(r.marks, inner.marks...)
}

func (r *result) mark(n node) {
	if reason, ok := n.extension("x-unverified").(string); ok {
		at := n.at
		if _, beside := n.extra["x-unverified"]; beside {
			at = n.use
		}
		r.marks = append(r.marks, mark{at: at, what: "schema", reason: reason})
	}
}

// object compares the members of an object with the properties of one schema.
func (w *walker) object(r *result, n node, m map[string]any, pointer string, depth int) {
	s := n.schema
	if r.known == nil {
		r.known = map[string]bool{}
	}
	if len(s.Properties) > 0 {
		r.describes, r.home = true, n
	}
	for _, name := range s.Required {
		ref := s.Properties[name]
		if ref != nil && ref.Value != nil && (w.request && ref.Value.ReadOnly || !w.request && ref.Value.WriteOnly) {
			continue
		}
		if _, found := m[name]; !found {
			r.problems = append(r.problems, problem{kind: MissingMember, pointer: pointer + "/" + escaped(name), expected: "required", seen: "absent", node: n, name: name})
		}
	}
	extra := s.AdditionalProperties
	switch {
	case extra.Has != nil && *extra.Has, extra.Schema != nil:
		r.open = true
	case extra.Has != nil:
		r.describes = true
		if r.home.schema == nil {
			r.home = n
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		ref, below := s.Properties[name], pointer+"/"+escaped(name)
		switch {
		case ref != nil:
			r.known[name] = true
			r.add(w.check(newNode(ref, n.at.with("properties", name)), m[name], below, depth+1))
		case extra.Schema != nil:
			r.add(w.check(newNode(extra.Schema, n.at.with("additionalProperties")), m[name], pointer+"/*", depth+1))
		}
	}
}

// alternatives compares a value with anyOf and oneOf: with the one that a discriminator
// names, or else with the one that differs least.
func (w *walker) alternatives(r *result, n node, v any, pointer string, depth int) {
	branches := n.branches()
	if len(branches) == 0 {
		return
	}
	if text, ok := v.(string); ok {
		if values, at, open := n.openEnum(); open {
			if !n.hasCatalog() { // scalar has compared a code with its catalog
				r.problems = append(r.problems, enumProblem(at, values, text, pointer, true)...)
			}
			return
		}
	}
	if named, ok := w.discriminated(r, n, branches, v, pointer); ok {
		r.join(w.eval(named, v, pointer, depth+1))
		return
	}
	results := make([]result, len(branches))
	best, least, mismatched := 0, -1, 0
	for i, b := range branches {
		results[i] = w.eval(b, v, pointer, depth+1)
		if results[i].types != nil {
			mismatched++
			continue
		}
		cost := len(results[i].problems) + len(results[i].unknown(v, r.known))
		if least < 0 || cost < least {
			best, least = i, cost
		}
	}
	if mismatched == len(branches) {
		r.types = n.declaredTypes(0)
		r.problems = append(r.problems, problem{kind: Type, pointer: pointer, expected: strings.Join(r.types, " or "), seen: describe(v), value: typeOf(v), node: n, data: v})
		return
	}
	r.join(results[best])
	for i := range results[:min(len(results), len(n.schema.AnyOf))] {
		if i != best && len(results[i].problems) == 0 {
			r.learn(results[i])
			r.open = r.open || results[i].open
		}
	}
}

// discriminated returns the alternative that a discriminator names.
func (w *walker) discriminated(r *result, n node, branches []node, v any, pointer string) (node, bool) {
	d := n.schema.Discriminator
	m, ok := v.(map[string]any)
	if d == nil || !ok {
		return node{}, false
	}
	value, ok := m[d.PropertyName].(string)
	if !ok {
		return node{}, false
	}
	var known []any
	for _, b := range branches {
		name := b.component()
		if mapped, ok := d.Mapping[value]; ok && (mapped.Ref == name || slices.Equal(refLocation(mapped.Ref), b.at)) || len(d.Mapping) == 0 && name == value && name != "" {
			return b, true
		}
		known = append(known, name)
	}
	if len(d.Mapping) > 0 {
		known = nil
		for name := range d.Mapping {
			known = append(known, name)
		}
	}
	r.problems = append(r.problems, enumProblem(node{}, known, value, pointer+"/"+d.PropertyName, false)...)
	return node{}, false
}

// escaped returns a name as a token of a JSON pointer.
func escaped(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
