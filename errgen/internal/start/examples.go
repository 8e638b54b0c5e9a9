package start

import (
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
)

// maxExamples is the limit on the examples of a schema or media type.
const maxExamples = 500

// examples reads example and examples of a media type or schema.
func (d *drafter) examples(n *load.Node, status int, json bool) []example {
	var out []example
	add := func(v *load.Node) {
		if v != nil && len(out) < maxExamples {
			out = append(out, example{status, document(v, json)})
		}
	}
	add(n.Get("example"))
	list := n.Get("examples")
	switch {
	case list == nil:
	case list.Kind == load.List: // of a 3.1 schema
		for _, v := range list.Items {
			add(v)
		}
	default:
		for _, named := range list.Items {
			add(d.follow(spot{named, ""}).node.Get("value"))
		}
	}
	return out
}

// document reads an example that is a string with JSON in it.
func document(v *load.Node, json bool) *load.Node {
	text := strings.TrimSpace(v.Text())
	if !json || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return v
	}
	if parsed, err := load.Parse(&load.File{Name: "example.json", Path: "example.json"}, []byte(text)); err == nil {
		return parsed
	}
	return v
}

// all returns the strings at a pointer of an example. A 0 in the pointer stands for each item of a list.
func all(v *load.Node, pointer string) []string {
	values := []*load.Node{v}
	for _, token := range load.Tokens(pointer) {
		var next []*load.Node
		for _, v := range values {
			switch {
			case v.Kind == load.List && token == "0":
				next = append(next, v.Items...)
			case v.Get(token) != nil:
				next = append(next, v.Get(token))
			}
		}
		values = next
	}
	var out []string
	for _, v := range values {
		if s := v.Text(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// at returns the string at a pointer of an example, or "".
func at(v *load.Node, pointer string) string {
	for _, token := range load.Tokens(pointer) {
		if v == nil {
			return ""
		}
		if v.Kind != load.List {
			v = v.Get(token)
			continue
		}
		i, err := strconv.Atoi(token)
		if err != nil || i >= len(v.Items) {
			return ""
		}
		v = v.Items[i]
	}
	return v.Text()
}
