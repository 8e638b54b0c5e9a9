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

// words returns the property names for a part of an error, the likeliest first, without case, _ and -.
func words(part string) []string {
	switch part {
	case "code":
		return []string{"code", "errorcode", "errcode", "reason", "type", "errortype", "error", "name", "status"}
	case "type":
		return []string{"type", "errortype"}
	case "message":
		return []string{"message", "errormessage", "detail", "errordescription", "description", "msg", "title"}
	case "param":
		return []string{"param", "parameter", "field", "target", "property", "pointer"}
	case "request_id":
		return []string{"requestid", "traceid", "correlationid", "debugid"}
	case "doc_url":
		return []string{"docurl", "documentationurl", "helpurl", "help", "moreinfo"}
	}
	return nil
}

// rank returns the index of a property name among the words of a part, or -1.
func rank(part, property string) int {
	return slices.Index(words(part), strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(property)))
}

// candidate is a property that could be the code.
type candidate struct {
	spot             // the schema for the catalog
	pointer   string // in the body
	rank      int
	depth     int
	listed    bool // the schema lists its values
	exemplary int  // number of examples with a code there
}

// step is a place in a body that the search has reached.
type step struct {
	spot
	body  string // pointer in the body
	name  string // the last property
	depth int
}

// candidates returns the strings of a body that could be its code, the best one first.
func (d *drafter) candidates(b *body) []candidate {
	var out []candidate
	queue := []step{{spot: b.spot}}
	for visited := 0; len(queue) > 0 && visited < maxSpots; visited++ {
		s := queue[0]
		queue = queue[1:]
		if s.depth < maxDepth && len(queue) < maxSpots {
			for _, part := range d.parts(s.spot) {
				queue = append(queue, inside(part, s)...)
			}
		}
		if r := rank("code", s.name); r >= 0 {
			if c, ok := d.candidate(b, s, r); ok {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.depth, b.depth))
	})
	return out
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

// inside returns the members of a schema. A list is represented by its first item.
func inside(part spot, s step) []step {
	var out []step
	properties := part.node.Get("properties")
	for i, k := range keysOf(properties) {
		out = append(out, step{
			spot: part.child(properties.Items[i], "properties", k.Value),
			body: s.body + "/" + load.Escape(k.Value), name: k.Value, depth: s.depth + 1,
		})
	}
	if items := part.node.Get("items"); items != nil && items.Kind == load.Map {
		out = append(out, step{spot: part.child(items, "items"), body: s.body + "/0", depth: s.depth + 1})
	}
	return out
}

// candidate checks whether a property with a likely name is a string, and reads its values.
func (d *drafter) candidate(b *body, s step, r int) (candidate, bool) {
	c := candidate{pointer: s.body, rank: r, depth: s.depth}
	for _, part := range d.parts(s.spot) {
		if !d.res.IsString(part.node) {
			continue
		}
		listed := len(valuesOf(part.node)) > 0
		if c.node == nil || listed && !c.listed {
			c.spot, c.listed = part, listed
		}
	}
	if c.node == nil {
		return c, false
	}
	for _, e := range b.examples {
		if plausible(at(e.value, s.body)) {
			c.exemplary++
		}
	}
	return c, c.listed || c.exemplary > 0
}

// plausible reports whether a string looks like a code and not like a sentence.
func plausible(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsAny(s, " \t\r\n") && s != "about:blank"
}

// neighbors finds the other parts of an error: first next to the code, then in the enclosing objects.
func (d *drafter) neighbors(b *body, pointer string) [][2]string {
	fields := [][2]string{{"code", pointer}}
	taken := map[string]bool{pointer: true}
	for _, part := range []string{"type", "message", "param", "request_id", "doc_url"} {
		for around := parent(pointer); ; around = parent(around) {
			if found := d.member(b, around, part, taken); found != "" {
				taken[found] = true
				fields = append(fields, [2]string{part, found})
				if title := titleOf(found); title != "" && model.MayBe(d.res.At(b.node, title), "string") {
					fields = append(fields, [2]string{part, title})
				}
				break
			}
			if around == "" {
				break
			}
		}
	}
	return fields
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
