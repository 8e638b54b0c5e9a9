package model

import "github.com/specpay/specpay/errgen/internal/load"

// renewals holds the x-renewed-on of each security scheme.
type renewals struct {
	byScheme map[string][]Text
	byRoot   *load.Node // security of the document, for operations without their own
}

func (b *builder) renewals(root *load.Node) renewals {
	r := renewals{byScheme: map[string][]Text{}, byRoot: root.Get("security")}
	schemes := root.Get("components").Get("securitySchemes")
	if schemes == nil || schemes.Kind != load.Map {
		return r
	}
	for i, k := range schemes.Keys {
		scheme, err := b.set.Follow(schemes.Items[i])
		if err != nil {
			continue // no other fact of a scheme is read
		}
		if n := scheme.Get("x-renewed-on"); n != nil {
			r.byScheme[k.Value] = codeList(b.found, n, "x-renewed-on")
		}
	}
	return r
}

// of returns the codes of every scheme that an operation may use.
func (r renewals) of(operation *load.Node) []Text {
	security := operation.Get("security")
	if security == nil {
		security = r.byRoot
	}
	if security == nil || security.Kind != load.List {
		return nil
	}
	var codes []Text
	for _, alternative := range security.Items {
		if alternative.Kind == load.Map {
			for _, scheme := range alternative.Keys {
				codes = append(codes, r.byScheme[scheme.Value]...)
			}
		}
	}
	return codes
}

// tags returns the tags of an operation.
func tags(operation *load.Node) []string {
	n := operation.Get("tags")
	if n == nil || n.Kind != load.List {
		return nil
	}
	var out []string
	for _, item := range n.Items {
		if text := item.Text(); text != "" {
			out = append(out, text)
		}
	}
	return out
}
