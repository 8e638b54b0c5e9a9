package load

import (
	"github.com/specpay/specpay/errgen/internal/finding"
)

// place is a node with its parent. The root has none.
type place struct{ node, parent *Node }

// drop removes nodes from their parents.
func drop(places []place, target *Node) error {
	gone := map[*Node]bool{}
	for _, p := range places {
		if p.parent == nil {
			return fail(target, finding.Shape, "the target %s is the whole document, which cannot be removed; select a part of it", finding.Quote(target.Value))
		}
		gone[p.node] = true
	}
	done := map[*Node]bool{}
	for _, p := range places {
		if !done[p.parent] {
			done[p.parent] = true
			p.parent.without(gone)
		}
	}
	return nil
}

// without removes some values of a map or list.
func (n *Node) without(gone map[*Node]bool) {
	var keys, items []*Node
	for i, item := range n.Items {
		if gone[item] {
			continue
		}
		items = append(items, item)
		if n.Kind == Map {
			keys = append(keys, n.Keys[i])
		}
	}
	n.Keys, n.Items = keys, items
}

// update merges an update into a target: a map gets its members, a list gets new items.
func (s *Set) update(to, update, target *Node) error {
	size := update.size()
	s.nodes += size
	if err := s.spent.grow(target, size, "this action was not applied completely, and the following ones not at all: aliases and overlay add"); err != nil {
		s.full = true
		return err
	}
	switch {
	case to.Kind == Scalar:
		return fail(target, finding.Shape, "the target %s leads to %s at %s; select the map that contains it, and set its new value in update", finding.Quote(target.Value), to.Describe(), to.Pos())
	case to.Kind == Map && update.Kind != Map:
		return fail(update, finding.Shape, "the target %s leads to a map, so update must be a map, not %s", finding.Quote(target.Value), update.Describe())
	}
	update = update.copy() // no two targets share nodes
	if to.Kind == List && update.Kind != List {
		update = &Node{Kind: List, Items: []*Node{update}}
	}
	merge(to, update)
	return nil
}

// merge merges one map into another, or appends one list to another. Members of both maps are merged if they have the
// same kind, and replaced otherwise.
func merge(to, from *Node) {
	if to.Kind == List {
		to.Items = append(to.Items, from.Items...)
		return
	}
	at := make(map[string]int, len(to.Keys))
	for i := len(to.Keys) - 1; i >= 0; i-- {
		at[to.Keys[i].Value] = i
	}
	for i, k := range from.Keys {
		j, ok := at[k.Value]
		switch {
		case !ok:
			at[k.Value] = len(to.Keys)
			to.Keys, to.Items = append(to.Keys, k), append(to.Items, from.Items[i])
		case to.Items[j].Kind == from.Items[i].Kind && to.Items[j].Kind != Scalar:
			merge(to.Items[j], from.Items[i])
		default:
			to.Keys[j], to.Items[j] = k, from.Items[i]
		}
	}
}

// DuplicateKeys calls report for every duplicate key below n. It skips the nodes in seen, and adds those that it visits.
func DuplicateKeys(n *Node, seen map[*Node]bool, report func(first, again *Node)) {
	if n.Kind == Scalar || seen[n] {
		return
	}
	seen[n] = true
	first := make(map[string]*Node, len(n.Keys))
	for _, k := range n.Keys {
		if before, ok := first[k.Value]; ok {
			report(before, k)
			continue
		}
		first[k.Value] = k
	}
	for _, item := range n.Items {
		DuplicateKeys(item, seen, report)
	}
}
