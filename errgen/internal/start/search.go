package start

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// The bounds of the search inside one body.
const (
	maxDepth = 6
	maxSpots = 2000
)

// place is a string of a body that could be a code.
type place struct {
	pointer string // in the body
	name    string // of the property
	level   int    // see levelOf
	host    spot   // the object with the property
	spots   []spot // its schemas: several if the body has branches
	values  []evidence
}

// step is a place in a body that the search has reached.
type step struct {
	spot
	body  string // pointer in the body
	name  string // the last property
	depth int
	host  spot // the object with the property
}

// places returns the strings of a body that are its codes, the finest one first. Branches of a body are searched one by one,
// because what is a code depends on what is next to it.
func (d *drafter) places(b *body) []*place {
	branches := d.branches(b.spot)
	if len(branches) == 1 {
		return d.placesOf(b)
	}
	var out []*place
	for _, branch := range branches {
		sub := *b
		sub.spot = branch
		for _, p := range d.placesOf(&sub) {
			i := slices.IndexFunc(out, func(have *place) bool { return have.pointer == p.pointer })
			if i < 0 {
				out = append(out, p)
				continue
			}
			out[i].values = append(out[i].values, p.values...)
			for _, s := range p.spots {
				if !out[i].has(s.node) {
					out[i].spots = append(out[i].spots, s)
				}
			}
		}
	}
	sortPlaces(out)
	return out
}

// branches returns the alternatives of a body that is nothing else.
func (d *drafter) branches(s spot) []spot {
	for _, key := range []string{"oneOf", "anyOf"} {
		if list := s.node.Get(key); list != nil && list.Kind == load.List && s.node.Get("properties") == nil && s.node.Get("allOf") == nil {
			var out []spot
			for i, item := range list.Items {
				out = append(out, d.follow(s.child(item, key, strconv.Itoa(i))))
			}
			if len(out) > 0 {
				return out
			}
		}
	}
	return []spot{s}
}

// placesOf returns the places of one branch of a body.
func (d *drafter) placesOf(b *body) []*place {
	byPointer := map[string]*place{}
	var out []*place
	queue := []step{{spot: b.spot}}
	for visited := 0; len(queue) > 0 && visited < maxSpots; visited++ {
		s := queue[0]
		queue = queue[1:]
		if level := levelOf(s.name); level >= 0 && s.depth > 0 && (!b.success || s.depth > 1 && level < levelAlone) {
			p := byPointer[s.body]
			if p == nil {
				p = &place{pointer: s.body, name: s.name, level: level, host: s.host}
				byPointer[s.body] = p
				out = append(out, p)
			}
			d.strings(p, s)
		}
		if s.depth < maxDepth && len(queue) < maxSpots {
			queue = append(queue, d.enter(b, s)...)
		}
	}
	out = slices.DeleteFunc(out, func(p *place) bool {
		p.sift(d.evidence(p), b)
		return len(p.spots) == 0 || len(p.values) == 0 && !d.hasCodes(p) || b.success && !p.listed()
	})
	return best(d.told(b, out))
}

// hasCodes reports whether a schema of the place has codes in another body.
func (d *drafter) hasCodes(p *place) bool {
	return slices.ContainsFunc(p.spots, func(s spot) bool { return d.codes[s.node] })
}

// enter returns the members of a value that the search visits: all properties, and below them only those whose names
// announce an error. Other objects in an error, such as a payment or a link, have types and states of their own.
func (d *drafter) enter(b *body, s step) []step {
	var out []step
	if s.depth > 0 && s.name != "" && !announces(s.name, b.success && s.depth == 1) && !d.wrapper(b, s) {
		return nil
	}
	for _, part := range d.parts(s.spot) {
		out = append(out, inside(part, s)...)
	}
	return out
}

// wrapper reports whether a property contains the whole error, because the body has no other.
func (d *drafter) wrapper(b *body, s step) bool {
	return s.depth == 1 && !b.success && len(keysOf(b.node.Get("properties"))) == 1
}

// parts returns a schema and its branches of allOf, anyOf and oneOf, with references resolved.
func (d *drafter) parts(s spot) []spot {
	var out []spot
	queue := []spot{s}
	seen := map[*load.Node]bool{}
	for len(queue) > 0 && len(out) < maxSpots {
		next := d.follow(queue[0])
		queue = queue[1:]
		if seen[next.node] {
			continue
		}
		seen[next.node] = true
		out = append(out, next)
		for _, key := range []string{"allOf", "anyOf", "oneOf"} {
			if list := next.node.Get(key); list != nil && list.Kind == load.List {
				for i, item := range list.Items {
					queue = append(queue, next.child(item, key, strconv.Itoa(i)))
				}
			}
		}
	}
	return out
}

// inside returns the members of a schema. A list is represented by its first item, which has no name, so that it is searched
// as the list is.
func inside(part spot, s step) []step {
	var out []step
	properties := part.node.Get("properties")
	for i, k := range keysOf(properties) {
		out = append(out, step{
			spot: part.child(properties.Items[i], "properties", k.Value),
			body: s.body + "/" + load.Escape(k.Value), name: k.Value, depth: s.depth + 1, host: part,
		})
	}
	if items := part.node.Get("items"); items != nil && items.Kind == load.Map {
		out = append(out, step{spot: part.child(items, "items"), body: s.body + "/0", depth: s.depth + 1, host: part})
	}
	return out
}

// strings adds the string schemas of a property to a place: those that list values, or the first one.
func (d *drafter) strings(p *place, s step) {
	var first []spot
	listed := false
	for _, part := range d.parts(s.spot) {
		if !d.res.IsString(part.node) || slices.ContainsFunc(p.spots, func(have spot) bool {
			return have.node == part.node || len(d.valuesOf(have.node)) > 0 && strings.HasPrefix(part.pointer, have.pointer+"/") // its own branches
		}) {
			continue
		}
		if values := d.valuesOf(part.node); len(values) > 0 && !d.usable(part, values) {
			continue
		} else if len(values) > 0 {
			p.spots = append(p.spots, part)
			listed = true
		} else if first == nil {
			first = []spot{part}
		}
	}
	if !listed {
		p.spots = append(p.spots, first...)
	}
	if p.spots == nil && slices.ContainsFunc(d.parts(s.spot), func(part spot) bool { return model.MayBe([]*load.Node{part.node}, "integer") }) {
		d.integers(s)
	}
}

// integers notes a code that is a number, which is not drafted.
func (d *drafter) integers(s step) {
	if levelOf(s.name) != levelCode || d.numbers[s.node] {
		return
	}
	d.numbers[s.node] = true
	d.note("%s: the code is an integer, which is not drafted; declare the codes yourself", show(s.pointer))
}

// best returns the places that become pointers of one envelope. Names that are codes only if there is no better one count
// only then.
func best(places []*place) []*place {
	sortPlaces(places)
	var fine []*place
	for _, p := range places {
		if (p.level < levelAlone || p.shouting() && len(fine) > 0) && !repeats(fine, p) {
			fine = append(fine, p)
		}
	}
	if fine != nil {
		return fine
	}
	return places[:min(len(places), 1)]
}

func sortPlaces(places []*place) {
	slices.SortStableFunc(places, func(a, b *place) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(deep(a.pointer), deep(b.pointer)))
	})
}

// repeats reports whether a place has the schemas of another one, as the details of an error that are errors do.
func repeats(have []*place, p *place) bool {
	return slices.ContainsFunc(have, func(h *place) bool {
		return !slices.ContainsFunc(p.spots, func(s spot) bool { return !h.has(s.node) })
	})
}

func (p *place) has(n *load.Node) bool {
	return slices.ContainsFunc(p.spots, func(s spot) bool { return s.node == n })
}

func deep(pointer string) int { return strings.Count(pointer, "/") }

// told removes places with ordinary names from objects that do not describe an error: a type or name of anything else.
func (d *drafter) told(b *body, places []*place) []*place {
	return slices.DeleteFunc(places, func(p *place) bool {
		if p.level < levelWeak {
			return false
		}
		for _, schema := range d.res.At(b.node, parent(p.pointer)) {
			for _, k := range keysOf(schema.Get("properties")) {
				if describes(k.Value, p.pointer) {
					return false
				}
			}
		}
		return true
	})
}

// neighbors finds the other parts of an error: first next to the codes, then in the enclosing objects.
func (d *drafter) neighbors(b *body, codes []*place) [][2]string {
	var fields [][2]string
	taken := map[string]bool{}
	for _, p := range codes {
		fields = append(fields, [2]string{"code", p.pointer})
		taken[p.pointer] = true
	}
	for _, part := range []string{"type", "message", "param", "request_id", "doc_url"} {
		for i, p := range codes {
			found := d.member(b, parent(p.pointer), part, taken)
			if i == 0 && found == "" {
				found = d.around(b, p.pointer, part, taken)
			}
			if found == "" || i > 0 && part != "message" && slices.ContainsFunc(fields, func(f [2]string) bool { return f[0] == part }) {
				continue
			}
			taken[found] = true
			fields = append(fields, [2]string{part, found})
			if title := titleOf(found); title != "" && model.MayBe(d.res.At(b.node, title), "string") {
				taken[title] = true
				fields = append(fields, [2]string{part, title})
			}
		}
	}
	return fields
}

// around searches the object with a code and those around it for a part of the error.
func (d *drafter) around(b *body, pointer, part string, taken map[string]bool) string {
	for around := parent(pointer); ; around = parent(around) {
		if found := d.member(b, around, part, taken); found != "" || around == "" {
			return found
		}
	}
}

// titleOf returns the pointer of the title of problem details, or "". The detail is optional, the title is not.
func titleOf(message string) string {
	if around, ok := strings.CutSuffix(message, "/detail"); ok {
		return around + "/title"
	}
	return ""
}

func parent(pointer string) string { return pointer[:max(0, strings.LastIndexByte(pointer, '/'))] }

// member returns the pointer of the likeliest string in an object for this part of an error, or "".
func (d *drafter) member(b *body, object, part string, taken map[string]bool) string {
	best, found := len(words(part)), ""
	for _, schema := range d.res.At(b.node, object) {
		for _, k := range keysOf(schema.Get("properties")) {
			p := object + "/" + load.Escape(k.Value)
			if r := rank(part, k.Value); r >= 0 && r < best && !taken[p] && model.MayBe(d.res.At(b.node, p), "string") {
				best, found = r, p
			}
		}
	}
	return found
}
