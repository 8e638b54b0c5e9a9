package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// Declaration is what oapi-codegen declares under a Go name.
type Declaration struct {
	Pos    finding.Pos
	What   string // such as: the enum at "/components/schemas/Error/properties/code"
	Schema string // the component schema that is declared, as a token of a JSON pointer; "" for anything else
}

// Declared returns the Go names of the types that oapi-codegen declares for the components and for inline schemas, and of
// the constants of their enums. If the config of the client is not known, these are the names with and without capital
// initialisms. Of equal names, the first one in the spec counts.
func Declared(set *load.Set, namer Namer) map[string]Declaration {
	out := map[string]Declaration{}
	for _, n := range namer.possible() {
		d := &declarer{set: set, namer: n, names: out, seen: map[string]bool{}, budget: maxDeclared}
		d.components(set.Root.Get("components"))
		d.operations(set.Root.Get("paths"))
		d.constants()
	}
	return out
}

// The limits on the search. Composed schemas can refer to themselves.
const (
	maxDeclared = 500_000 // visited schemas
	maxPath     = 20      // names from a component to an inline schema
)

type declarer struct {
	set    *load.Set
	namer  Namer
	names  map[string]Declaration
	enums  []enum
	seen   map[string]bool // names of enums
	budget int
}

// enum is an enum with the names of its constants without prefix.
type enum struct {
	name      string // Go type
	at        Declaration
	constants []string
}

// place is where a schema is: its path as oapi-codegen names it, and its pointer in the spec.
type place struct {
	path    []string
	pointer string
}

func (p place) into(name string, tokens ...string) place {
	return place{append(slices.Clip(p.path), name), p.below(tokens...).pointer}
}

func (p place) below(tokens ...string) place {
	for _, t := range tokens {
		p.pointer += "/" + load.Escape(t)
	}
	return p
}

func (d *declarer) declare(name, kind, pointer string, n *load.Node) {
	if _, ok := d.names[name]; !ok && name != "" {
		schema, inside := strings.CutPrefix(pointer, "/components/schemas/")
		if !inside || strings.Contains(schema, "/") {
			schema = ""
		}
		d.names[name] = Declaration{n.Pos(), kind + " at " + finding.Quote(pointer), schema}
	}
}

func (d *declarer) components(components *load.Node) {
	for _, group := range []string{"schemas", "parameters", "responses", "requestBodies"} {
		members := components.Get(group)
		for i, k := range keys(members) {
			n := members.Items[i]
			p := place{[]string{k.Value}, "/components/" + group}.below(k.Value)
			name := d.namer.Schema(k.Value)
			if own := n.Get("x-go-name").Text(); own != "" {
				name = own
			}
			if group == "schemas" && (d.namer.excluded[k.Value] || !d.namer.known && name == catalogType(n)) {
				continue // errgen's own type
			}
			switch group {
			case "schemas":
				d.declare(name, "the schema", p.pointer, n)
				d.schema(n, p, name)
			case "parameters":
				d.declare(name, "the parameter", p.pointer, n)
				if values := enumNames(n.Get("schema")); len(values) > 0 {
					d.enum(name, p, n, values)
				}
			default:
				d.content(n, p, name)
			}
		}
	}
}

// catalogType returns the type of a schema's catalog, which errgen declares; "" without a catalog.
func catalogType(n *load.Node) string {
	catalog := n.Get(catalogKey)
	if isInteger(n) {
		return ""
	}
	if t := catalog.Get("type"); t != nil || catalog == nil {
		return t.Text()
	}
	return defaultType
}

// content declares the JSON types of a component with a body.
func (d *declarer) content(n *load.Node, p place, name string) {
	media := n.Get("content")
	for i, k := range keys(media) {
		if schema := media.Items[i].Get("schema"); schema != nil && isJSON(k.Value) {
			d.declare(name, "the body", p.pointer, n)
			d.schema(schema, p.below("content", k.Value, "schema"), name)
		}
	}
}

func (d *declarer) operations(paths *load.Node) {
	for i, k := range keys(paths) {
		item, err := d.set.Follow(paths.Items[i])
		if err != nil {
			continue // reported with the operations
		}
		for j, method := range keys(item) {
			op, err := d.set.Follow(item.Items[j])
			if err == nil && load.IsMethod(method.Value) && op.Get("operationId").Text() != "" {
				d.operation(op, "/paths/"+load.Escape(k.Value)+"/"+method.Value)
			}
		}
	}
}

func (d *declarer) operation(op *load.Node, pointer string) {
	id := d.namer.Schema(op.Get("operationId").Text())
	if list := op.Get("parameters"); list != nil && list.Kind == load.List {
		for i, n := range list.Items {
			n, err := d.set.Follow(n)
			if err != nil {
				continue
			}
			if schema := n.Get("schema"); schema != nil {
				p := place{[]string{id + "Params", n.Get("name").Text()}, pointer}
				d.schema(schema, p.below("parameters", strconv.Itoa(i), "schema"), "")
			}
		}
	}
	d.body(op.Get("requestBody"), place{[]string{id}, pointer}.below("requestBody"), "Body")
	responses := op.Get("responses")
	for i, k := range keys(responses) {
		d.body(responses.Items[i], place{[]string{id + k.Value}, pointer}.below("responses", k.Value), "ResponseBody")
	}
}

// body declares the types inside the bodies of a request or response.
func (d *declarer) body(n *load.Node, p place, suffix string) {
	if n == nil {
		return
	}
	n, err := d.set.Follow(n)
	if err != nil {
		return
	}
	media := n.Get("content")
	for i, k := range keys(media) {
		tag := mediaTag(k.Value)
		if schema := media.Items[i].Get("schema"); schema != nil && tag != "" {
			d.schema(schema, place{[]string{p.path[0] + tag + suffix}, p.pointer}.below("content", k.Value, "schema"), "")
		}
	}
}

// mediaTag returns the part of a name that stands for a media type; "" if oapi-codegen declares no type for it.
func mediaTag(media string) string {
	switch {
	case media == "application/json":
		return "JSON"
	case isJSON(media):
		return Namer{}.camel(strings.ReplaceAll(media, "json", "JSON"))
	case media == "application/x-www-form-urlencoded":
		return "Formdata"
	case strings.HasPrefix(media, "multipart/"):
		return "Multipart"
	case media == "text/plain":
		return "Text"
	}
	return ""
}

// schema declares the types of a schema and of what is inside it. own is the name that the schema already has.
func (d *declarer) schema(n *load.Node, p place, own string) {
	if d.budget--; d.budget < 0 || len(p.path) > maxPath || n.Kind != load.Map || load.Ref(n) != nil || n.Get("x-go-type") != nil {
		return
	}
	for _, part := range d.merged(n, nil) {
		if values := enumNames(part); len(values) > 0 && (own != "" || len(p.path) > 1) {
			name := cmp.Or(own, n.Get("x-go-type-name").Text())
			if name == "" {
				name = d.nameOf(p.path)
			}
			d.declare(name, "the enum", p.pointer, n)
			d.enum(name, p, n, values)
		}
		properties := part.Get("properties")
		for i, k := range keys(properties) {
			at := p.into(k.Value, "properties", k.Value)
			d.hoist(properties.Items[i], at)
			d.schema(properties.Items[i], at, "")
		}
		for _, key := range []string{"items", "additionalProperties"} {
			if inner := part.Get(key); inner != nil {
				d.hoist(inner, p.into(map[string]string{"items": "Item", "additionalProperties": "AdditionalProperties"}[key], key))
				d.schema(inner, p.below(key), "") // with the path of its parent
			}
		}
		d.union(part, p)
	}
}

// hoist declares a schema that is a union or has members besides its properties. The parts of its name stay separate.
func (d *declarer) hoist(n *load.Node, p place) {
	union := !isScalar(n) && (n.Get("oneOf") != nil || n.Get("anyOf") != nil)
	more := n.Get("additionalProperties")
	if load.Ref(n) != nil || !union && (more == nil || more.Value == "false" || len(keys(n.Get("properties"))) == 0) {
		return
	}
	d.declare(strings.Join(d.words(p.path), "_"), "the schema", p.pointer, n)
}

// union declares the inline branches of oneOf and anyOf.
func (d *declarer) union(n *load.Node, p place) {
	if isScalar(n) {
		return
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		list := n.Get(key)
		if list == nil || list.Kind != load.List || enumerates(list) {
			continue
		}
		for i, branch := range list.Items {
			if load.Ref(branch) != nil || branch.Get("type").Text() == "null" {
				continue
			}
			at := p.into(strconv.Itoa(i), key, strconv.Itoa(i))
			d.declare(d.nameOf(at.path), "the branch", at.pointer, branch)
			d.schema(branch, at, "")
		}
	}
}

// isScalar reports whether the type of a schema makes it a plain Go type, whatever its branches are: an open enumeration.
func isScalar(n *load.Node) bool {
	t := n.Get("type")
	if t != nil && t.Kind == load.List {
		types := slices.DeleteFunc(slices.Clone(t.Items), func(item *load.Node) bool { return item.Text() == "null" })
		if len(types) != 1 {
			return false
		}
		t = types[0]
	}
	return slices.Contains([]string{"string", "integer", "number", "boolean"}, t.Text())
}

// enumerates reports whether every branch is a const, which oapi-codegen makes an enumeration of.
func enumerates(branches *load.Node) bool {
	return !slices.ContainsFunc(branches.Items, func(b *load.Node) bool { return b.Get("const") == nil })
}

// merged returns a schema with the members of its allOf, which oapi-codegen merges into one. A single reference stays one.
func (d *declarer) merged(n *load.Node, seen []*load.Node) []*load.Node {
	if slices.Contains(seen, n) || len(seen) > maxPath {
		return nil
	}
	out := []*load.Node{n}
	all := n.Get("allOf")
	if all == nil || all.Kind != load.List || len(all.Items) == 1 && load.Ref(all.Items[0]) != nil && n.Get("properties") == nil {
		return out
	}
	for _, part := range all.Items {
		if part, err := d.set.Follow(part); err == nil {
			out = append(out, d.merged(part, append(seen, n))...)
		}
	}
	return out
}

// nameOf returns the type name of an inline schema.
func (d *declarer) nameOf(path []string) string {
	return d.namer.Schema(strings.Join(d.words(path), "_"))
}

func (d *declarer) words(path []string) []string {
	out := make([]string, len(path))
	for i, p := range path {
		out[i] = d.namer.camel(p)
	}
	return out
}

// enumNames returns the names of the values of an enum, or their values.
func enumNames(n *load.Node) []string {
	if n == nil {
		return nil
	}
	values := n.Get("enum")
	if v := n.Get("const"); v != nil && values == nil {
		values = &load.Node{Kind: load.List, Items: []*load.Node{v}}
	}
	if values == nil || values.Kind != load.List || slices.Contains(typesOf(n), "array") || slices.Contains(typesOf(n), "object") {
		return nil
	}
	var out []string
	names := n.Get("x-enum-varnames")
	if names == nil {
		names = n.Get("x-enumNames")
	}
	for i, v := range values.Items {
		name := v.Value
		if names != nil && i < len(names.Items) {
			name = names.Items[i].Value
		}
		out = append(out, name)
	}
	return out
}

func (d *declarer) enum(name string, p place, n *load.Node, values []string) {
	if d.seen[name] {
		return // declared once
	}
	d.seen[name] = true
	e := enum{name: name, at: Declaration{Pos: n.Pos(), What: "a value of the enum at " + finding.Quote(p.pointer)}}
	for _, v := range values {
		e.constants = append(e.constants, d.namer.Schema(v))
	}
	d.enums = append(d.enums, e)
}

// constants declares the constants of all enums. oapi-codegen puts the name of the type before them if two enums have a
// constant in common, or if it has the name of a type.
func (d *declarer) constants() {
	count := map[string]int{}
	for _, e := range d.enums {
		for _, c := range slices.Compact(slices.Sorted(slices.Values(e.constants))) {
			count[c]++
		}
	}
	for _, e := range d.enums {
		prefixed := d.namer.prefixEnums || slices.ContainsFunc(e.constants, func(c string) bool {
			_, isType := d.names[c]
			return count[c] > 1 || isType
		})
		for _, c := range e.constants {
			if prefixed {
				c = e.name + c
			}
			if _, ok := d.names[c]; !ok {
				d.names[c] = e.at
			}
		}
	}
}

func keys(n *load.Node) []*load.Node {
	if n == nil || n.Kind != load.Map {
		return nil
	}
	return n.Keys
}
