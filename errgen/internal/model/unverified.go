package model

import (
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

const unverifiedKey = "x-unverified"

// Mark is an x-unverified outside of the catalogs.
type Mark struct {
	Where  string // the part of the spec that is not verified, such as "schema Order.price"
	Reason Text
}

// unverified reads the mark of a part of the document.
func (b *builder) unverified(path []string, n *load.Node) {
	reason := n.Get(unverifiedKey)
	if reason == nil {
		return
	}
	if strings.TrimSpace(reason.Text()) == "" {
		b.found.Errorf(reason.Pos(), finding.Shape, "%s is %s; give the reason why it is not verified", unverifiedKey, reason.Describe())
		return
	}
	b.spec.Unverified = append(b.spec.Unverified, Mark{where(path, n), textOf(reason)})
	b.spec.Raw = append(b.spec.Raw, reason)
}

// where names a part of the document for readers.
func where(path []string, n *load.Node) string {
	switch {
	case n.Get("operationId").Text() != "":
		return "operation " + n.Get("operationId").Text()
	case len(path) >= 3 && path[0] == "components":
		return component(path[1]) + " " + property(path[2], path[3:])
	case len(path) >= 3 && path[0] == "paths":
		return call(path[1], path[2], path[3:], n.Get("name").Text())
	case len(path) == 1 && n.Get("url").Text() != "":
		return "server " + n.Get("url").Text()
	}
	return strings.Join(path, " ")
}

// call names a part of a path item. A parameter has a name of its own.
func call(path, method string, rest []string, name string) string {
	words := []string{strings.ToUpper(method), path}
	if method == "parameters" {
		words = []string{path, method}
	}
	words = append(words, rest...)
	if name != "" {
		words = append(words, name)
	}
	return strings.Join(words, " ")
}

// component returns the singular of a key of components.
func component(key string) string {
	switch key {
	case "securitySchemes":
		return "security scheme"
	case "requestBodies":
		return "request body"
	}
	return strings.TrimSuffix(key, "s")
}

// property appends the properties on the way to a part of a schema to the schema's name.
func property(name string, path []string) string {
	for _, key := range path {
		switch key {
		case "properties", "allOf", "anyOf", "oneOf":
		default:
			name += "." + key
		}
	}
	return name
}
