package load

import (
	"errors"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// Document is a file that is read into a spec. The zero Document is none.
type Document struct {
	Name string // path as printed in findings
	Data []byte
}

// extra parses a file whose content becomes part of the spec, so its references are resolved like those of the spec.
func (s *Set) extra(doc Document) (*Node, error) {
	return Parse(&File{Name: doc.Name, Path: s.Root.File.Path}, doc.Data)
}

// report records a failure as a finding.
func (s *Set) report(err error) {
	if f, ok := errors.AsType[finding.Finding](err); ok {
		s.Found = append(s.Found, f)
	}
}

// own prepares a document for changes: afterwards no node has two parents.
func (s *Set) own(root *Node) (*Node, error) {
	if !s.alone {
		return root, nil
	}
	if s.nodes += root.size(); s.nodes > maxNodes {
		return nil, fail(root, finding.Limit, "the spec and the files it refers to have at least %d values after alias expansion; at most %d are allowed", s.nodes, maxNodes)
	}
	return root.copy(), nil
}

// size counts the nodes of a tree. A shared node counts each time.
func (n *Node) size() int {
	total := 1 + len(n.Keys)
	for _, item := range n.Items {
		total += item.size()
	}
	return total
}

// copy returns a deep copy of a tree.
func (n *Node) copy() *Node {
	c := *n
	c.Keys, c.Items = nil, nil
	for _, k := range n.Keys {
		key := *k
		c.Keys = append(c.Keys, &key)
	}
	for _, item := range n.Items {
		c.Items = append(c.Items, item.copy())
	}
	return &c
}
