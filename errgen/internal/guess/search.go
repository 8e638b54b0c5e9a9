package guess

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// The bounds of the search in one body.
const (
	maxDepth   = 3
	maxObjects = 50
)

// wrappers returns the names of members that hold the error, or a list of errors.
func wrappers() []string {
	return []string{"error", "errors", "err", "fault", "problem", "exception", "meta", "result", "data", "status"}
}

// sure returns the names of the parts of an error, the likeliest first.
func sure(part string) []string {
	switch part {
	case "code":
		return []string{"code", "errorcode", "errcode", "errorkey", "errorname"}
	case "weak": // a code only if the schema shows values that are codes
		return []string{"status", "name", "id", "reason", "issue", "key", "slug", "errortype", "type", "error"}
	case "type":
		return []string{"type", "errortype", "category"}
	case "message":
		return []string{"message", "errormessage", "detail", "errordescription", "description", "msg", "title", "reason", "error"}
	case "param":
		return []string{"param", "parameter", "field", "target", "property"}
	case "request_id":
		return []string{"requestid", "traceid", "correlationid", "debugid"}
	}
	return nil
}

// plain returns the name of a member without case, _ and -.
func plain(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// member is a member of an error body that is not an object or a list.
type member struct {
	name, pointer string
	schemas       []*load.Node
}

func (m member) isString() bool { return model.MayBe(m.schemas, "string") }

func (m member) isInteger() bool { return model.MayBe(m.schemas, "integer") }

// object is an object of an error body, with the one around it.
type object struct {
	pointer string
	outer   *object
	members []member
	depth   int
	listed  bool // an element of a list
}

// search returns the envelope of a schema; nil if it has neither a code nor a message.
func (g *guesser) search(schema *load.Node, problem bool) *model.Envelope {
	objects := g.objects(schema)
	e := &model.Envelope{Pos: g.spec.Pos, Numbers: map[string]bool{}}
	var around *object // where the code is, or else the message
	for _, o := range objects {
		if code := g.code(o, problem); code != nil {
			e.Code, around = g.texts(code...), o
			break
		}
	}
	for i := 0; around == nil && i < len(objects); i++ {
		if len(pick(objects[i], "message", e)) > 0 {
			around = objects[i]
		}
	}
	if around == nil {
		return nil
	}
	for _, m := range around.members {
		if m.isInteger() && slices.ContainsFunc(e.Code, func(t model.Text) bool { return t.Value == m.pointer }) {
			e.Numbers[m.pointer] = true
		}
	}
	if outer := around.outer; around.listed && outer != nil { // the message of the whole is better than that of an element
		e.Message = g.texts(pick(outer, "message", e)...)
		e.Message = append(e.Message, g.texts(pick(around, "message", e)...)...)
	}
	g.fields(schema, e, around)
	if problem && e.Fields == nil {
		e.Fields = &model.Fields{At: g.text("/errors")} // as in RFC 9457
	}
	for _, part := range []struct {
		name string
		to   *[]model.Text
		most int
	}{{"message", &e.Message, 3}, {"type", &e.Type, 1}, {"param", &e.Param, 1}, {"request_id", &e.RequestID, 1}} {
		for o := around; o != nil && len(*part.to) == 0; o = o.outer {
			found := pick(o, part.name, e)
			*part.to = g.texts(found[:min(len(found), part.most)]...)
		}
	}
	return e
}

// objects returns the objects of a body that may hold an error, the outer ones first.
func (g *guesser) objects(schema *load.Node) []*object {
	out := []*object{{}}
	if root := g.res.At(schema, ""); model.MayBe(root, "array") && !model.MayBe(root, "object") {
		out[0].pointer = "/*"
	}
	for i := 0; i < len(out) && i < maxObjects; i++ {
		o := out[i]
		for _, part := range g.res.At(schema, o.pointer) {
			properties := part.Get("properties")
			if properties == nil || properties.Kind != load.Map {
				continue
			}
			for _, k := range properties.Keys {
				at := o.pointer + "/" + load.Escape(k.Value)
				inside := g.res.At(schema, at)
				o.members = append(o.members, member{plain(k.Value), at, inside})
				if o.depth == maxDepth || !slices.Contains(wrappers(), plain(k.Value)) {
					continue
				}
				for _, p := range []string{at, at + "/*"} {
					if hasProperties(g.res.At(schema, p)) {
						out = append(out, &object{pointer: p, outer: o, depth: o.depth + 1, listed: p != at})
					}
				}
			}
		}
	}
	return out
}

func hasProperties(schemas []*load.Node) bool {
	return slices.ContainsFunc(schemas, func(n *load.Node) bool { return n.Get("properties") != nil })
}

// code returns the pointers of the code of an object; nil if it has none.
func (g *guesser) code(o *object, problem bool) []string {
	var out []string
	number := false
	for _, name := range sure("code") {
		for _, m := range o.members {
			if m.name == name && (m.isString() || m.isInteger()) {
				out = append(out, m.pointer)
				number = number || !m.isString()
			}
		}
	}
	for _, m := range o.members {
		if number && m.name == "status" && m.isString() { // the name of a code that is the HTTP status
			out = append([]string{m.pointer}, out...)
		}
	}
	has := func(name string) bool {
		return slices.ContainsFunc(o.members, func(m member) bool { return m.name == name && m.isString() })
	}
	problem = problem || has("type") && has("title") && has("detail")
	if len(out) > 0 && !problem {
		return out
	}
	if len(out) == 0 && len(pick(o, "message", &model.Envelope{})) == 0 {
		return nil // perhaps not an error
	}
	for _, name := range sure("weak") {
		for _, m := range o.members {
			isProblem := problem && name == "type" && o.outer == nil
			isOAuth := name == "error" && has("errordescription")
			if m.name == name && m.isString() && (isProblem || isOAuth || len(out) == 0 && showsCodes(m.schemas)) {
				out = append(out, m.pointer)
			}
		}
	}
	return out
}

// codeLike matches an identifier of several words, as codes usually are.
var codeLike = regexp.MustCompile(`^[A-Za-z]+([_.-][A-Za-z0-9]+)+$|^[A-Z][A-Z0-9]{2,}$|^[A-Z][a-z]+([A-Z][a-z]+)+$`)

// showsCodes reports whether the values or examples of a schema look like codes.
func showsCodes(schemas []*load.Node) bool {
	for _, s := range schemas {
		values := []*load.Node{s.Get("example"), s.Get("const")}
		for _, key := range []string{"enum", "examples", "x-extensible-enum"} {
			if list := s.Get(key); list != nil && list.Kind == load.List {
				values = append(values, list.Items...)
			}
		}
		if slices.ContainsFunc(values, func(v *load.Node) bool { return codeLike.MatchString(v.Text()) }) {
			return true
		}
	}
	return false
}

// pick returns the pointers of the strings of an object that may be a part of the error, the likeliest first.
func pick(o *object, part string, e *model.Envelope) []string {
	type found struct {
		rank    int
		pointer string
	}
	var all []found
	for _, m := range o.members {
		rank := slices.Index(sure(part), m.name)
		taken := slices.ContainsFunc(e.Pointers(), func(p model.Pointer) bool { return p.Text.Value == m.pointer })
		if rank >= 0 && !taken && m.isString() {
			all = append(all, found{rank, m.pointer})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.rank, b.rank) })
	var out []string
	for _, f := range all {
		out = append(out, f.pointer)
	}
	return out
}
