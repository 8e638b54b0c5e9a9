package start

import (
	"slices"

	"github.com/specpay/specpay/errgen/internal/lint"
	"github.com/specpay/specpay/errgen/internal/load"
)

// value is a value of an enumeration with its texts in the spec.
type value struct{ wire, name, title, description string }

// valuesOf returns the values that a schema lists. Many bodies have the same schema.
func (d *drafter) valuesOf(schema *load.Node) []value {
	values, known := d.values[schema]
	if !known {
		values = valuesOf(schema)
		d.values[schema] = values
	}
	return values
}

// valuesOf reads the values that a schema lists, in any of the supported ways.
func valuesOf(schema *load.Node) []value {
	var out []value
	for _, key := range []string{"enum", "x-extensible-enum"} {
		if list := schema.Get(key); list != nil && list.Kind == load.List {
			for _, v := range list.Items {
				out = add(out, value{wire: v.Text()})
			}
		}
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if list := schema.Get(key); list != nil && list.Kind == load.List {
			for _, branch := range list.Items {
				if values := branch.Get("enum"); values != nil && values.Kind == load.List {
					for _, v := range values.Items {
						out = add(out, value{wire: v.Text()})
					}
				}
				out = add(out, value{wire: branch.Get("const").Text(), title: branch.Get("title").Text(), description: branch.Get("description").Text()})
			}
		}
	}
	if ms := schema.Get("x-ms-enum").Get("values"); ms != nil && ms.Kind == load.List {
		for _, v := range ms.Items {
			out = add(out, value{v.Get("value").Text(), v.Get("name").Text(), "", v.Get("description").Text()})
		}
	}
	if elements := schema.Get("x-enum-elements"); elements != nil && elements.Kind == load.List {
		for _, v := range elements.Items {
			out = add(out, value{wire: or(v.Get("value").Text(), v.Get("name").Text()), description: v.Get("description").Text()})
		}
	}
	fern := schema.Get("x-fern-enum")
	for i, k := range keysOf(fern) {
		out = add(out, value{k.Value, fern.Items[i].Get("name").Text(), "", fern.Items[i].Get("description").Text()})
	}
	if v := schema.Get("const"); v.Text() != "" {
		out = add(out, value{wire: v.Text()})
	}
	parallel(schema, out)
	return out
}

// add appends a value, or completes it if it exists.
func add(list []value, v value) []value {
	if v.wire == "" {
		return list
	}
	i := slices.IndexFunc(list, func(have value) bool { return have.wire == v.wire })
	if i < 0 {
		return append(list, v)
	}
	have := &list[i]
	have.name, have.title, have.description = or(have.name, v.name), or(have.title, v.title), or(have.description, v.description)
	return list
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// parallel reads the lists next to an enum: a name and a text for each value, in the same order. The texts may also be a
// map.
func parallel(schema *load.Node, values []value) {
	enum := schema.Get("enum")
	if enum == nil || enum.Kind != load.List {
		return
	}
	for _, key := range []string{"x-enum-varnames", "x-enumNames", "x-enum-descriptions", "x-enumDescriptions"} {
		list := schema.Get(key)
		for i := range values {
			v := &values[i]
			text := list.Get(v.wire).Text()
			place := slices.IndexFunc(enum.Items, func(n *load.Node) bool { return n.Text() == v.wire })
			if list != nil && list.Kind == load.List && place >= 0 && place < len(list.Items) {
				text = list.Items[place].Text()
			}
			if key == "x-enum-varnames" || key == "x-enumNames" {
				v.name = or(v.name, text)
			} else {
				v.description = or(v.description, text)
			}
		}
	}
}

// source returns the keywords with which a schema lists its values.
func source(schema *load.Node) []string {
	var out []string
	for _, key := range []string{"enum", "x-extensible-enum", "oneOf", "anyOf", "const", "x-enum-elements", "x-ms-enum", "x-fern-enum", "x-enum-varnames", "x-enumNames", "x-enum-descriptions", "x-enumDescriptions"} {
		if schema.Get(key) != nil {
			out = append(out, key)
		}
	}
	return out
}

// describe sets the texts of a value, if lint accepts them in a catalog.
func (c *code) describe(v value) {
	c.name = or(c.name, v.name)
	if lint.Clean(v.title) {
		c.title = or(c.title, oneLine(v.title))
	}
	if lint.Clean(v.description) {
		c.description = or(c.description, oneLine(v.description))
	}
}
