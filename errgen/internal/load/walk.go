package load

import "strings"

// Visit is called for every map of an OpenAPI document that is not plain data, with the keys that lead to it. It must not
// keep the path.
type Visit func(path []string, n *Node)

// Walk visits the spec in document order, then the parts of other files that it refers to, in the order of the
// references. It calls report with a finding for every reference that cannot be resolved.
func (s *Set) Walk(visit Visit, report func(error)) {
	w := walker{set: s, siblings: s.Siblings(), visit: visit, report: report, seen: map[*Node]bool{}}
	w.node(s.Root, false)
	for len(w.queue) > 0 {
		next := w.queue[0]
		w.queue = w.queue[1:]
		w.path = next.path
		w.node(next.node, false)
	}
}

type walker struct {
	set      *Set
	siblings bool
	visit    Visit
	report   func(error)
	path     []string
	seen     map[*Node]bool
	queue    []target
}

type target struct {
	path []string
	node *Node
}

// node walks n. The keys of a name map are names chosen by the author, so none of them is a keyword.
func (w *walker) node(n *Node, nameMap bool) {
	if n.Kind == Scalar || w.seen[n] {
		return
	}
	w.seen[n] = true
	if n.Kind == List {
		for _, item := range n.Items {
			w.node(item, false)
		}
		return
	}
	if !nameMap {
		w.visit(w.path, n)
		if ref := Ref(n); ref != nil {
			w.reference(n, ref)
			if !w.siblings {
				return
			}
		}
	}
	for i, k := range n.Keys {
		if !nameMap && isData(k.Value) {
			continue
		}
		w.path = append(w.path, k.Value)
		w.node(n.Items[i], !nameMap && isNameMap(k.Value))
		w.path = w.path[:len(w.path)-1]
	}
}

func (w *walker) reference(n, ref *Node) {
	if _, err := w.set.Follow(n); err != nil {
		w.report(err)
		return
	}
	// One step only, because the next node may be a reference with an extension next to it.
	if next, err := w.set.Next(n); err == nil && next.File.Path != w.set.Root.File.Path {
		file, fragment, _ := strings.Cut(ref.Value, "#")
		path := Tokens(fragment)
		if len(path) == 0 {
			path = []string{file}
		}
		w.queue = append(w.queue, target{path[len(path)-1:], next})
	}
}

// isData reports whether the value of a key is data or a foreign extension, without references or errgen's extensions.
func isData(key string) bool {
	switch key {
	case "example", "examples", "default", "enum", "const":
		return true
	}
	return strings.HasPrefix(key, "x-")
}

func isNameMap(key string) bool {
	switch key {
	case "properties", "patternProperties", "schemas", "responses", "parameters", "requestBodies", "headers",
		"securitySchemes", "links", "callbacks", "paths", "webhooks", "pathItems", "content", "encoding",
		"variables", "mapping", "scopes", "definitions", "$defs", "dependentSchemas":
		return true
	}
	return false
}
