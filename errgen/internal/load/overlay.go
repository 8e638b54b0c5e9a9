package load

import (
	"net/url"
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// maxActions of one overlay are read.
const maxActions = 1000

// overlay changes the spec as an OpenAPI Overlay 1.0 says. An action that cannot be done is a finding; the others are
// done all the same, so that one run shows everything.
func (s *Set) overlay(doc Document) {
	root, err := s.extra(doc)
	if err != nil {
		s.report(err)
		return
	}
	if root.Kind != Map {
		s.Found.Errorf(root.Pos(), finding.Shape, "an overlay is a map that starts with overlay: 1.0.0, not %s", root.Describe())
		return
	}
	Repeated(root, map[*Node]bool{}, func(_, again *Node) {
		s.Found.Errorf(again.Pos(), finding.DuplicateKey, "the key %s stands here a second time in its map", finding.Quote(again.Value))
	})
	actions := s.overlayHead(root)
	for _, n := range actions {
		if err := s.action(n, len(actions)*s.nodes); err != nil {
			s.report(err)
		}
		if s.nodes > maxNodes {
			return // nothing can be added any more, and the finding says so
		}
	}
}

// overlayHead checks what stands around the actions and returns them.
func (s *Set) overlayHead(root *Node) []*Node {
	s.unknown(root, "an overlay", "overlay", "info", "extends", "actions")
	version := root.Get("overlay")
	if v := version.Text(); v != "1.0" && !strings.HasPrefix(v, "1.0.") {
		at, what := root, "there is none"
		if version != nil {
			at, what = version, "it is "+version.Describe()
		}
		s.Found.Errorf(at.Pos(), finding.Shape, "the version of the overlay must be overlay: 1.0.0, but %s; errgen reads OpenAPI Overlay 1.0", what)
	}
	info := root.Get("info")
	for _, key := range []string{"title", "version"} {
		if info.Get(key).Text() == "" {
			s.Found.Errorf(orElse(info, root).Pos(), finding.Shape, "info of an overlay needs a %s, a text", key)
		}
	}
	if n := root.Get("extends"); n != nil {
		if u, err := url.Parse(n.Text()); err != nil || u.String() == "" {
			s.Found.Errorf(n.Pos(), finding.Shape, "extends must be the address of the spec, not %s; it is not opened", n.Describe())
		}
	}
	actions := root.Get("actions")
	switch {
	case actions == nil || actions.Kind != List || len(actions.Items) == 0:
		s.Found.Errorf(orElse(actions, root).Pos(), finding.Shape, "an overlay needs actions, a list of at least one")
		return nil
	case len(actions.Items) > maxActions:
		s.Found.Errorf(actions.Pos(), finding.Limit, "the overlay has %d actions; at most %d are read", len(actions.Items), maxActions)
		return nil
	}
	return actions.Items
}

func orElse(n, other *Node) *Node {
	if n == nil {
		return other
	}
	return n
}

// unknown reports the members of a map that have no meaning there.
func (s *Set) unknown(n *Node, what string, known ...string) {
	for _, k := range n.Keys {
		if !slices.Contains(known, k.Value) && !strings.HasPrefix(k.Value, "x-") {
			s.Found.Errorf(k.Pos(), finding.Shape, "%s has no field %s%s", what, finding.Quote(k.Value), orNear(k.Value, known))
		}
	}
}

// action does one action. The work is what the whole overlay asks for, in visits of nodes.
func (s *Set) action(n *Node, work int) error {
	if n.Kind != Map {
		return fail(n, finding.Shape, "an action is a map with a target and update or remove, not %s", n.Describe())
	}
	s.unknown(n, "an action of Overlay 1.0", "target", "description", "update", "remove")
	target, update, remove := n.Get("target"), n.Get("update"), n.Get("remove")
	if target.Text() == "" {
		return fail(orElse(target, n), finding.Shape, "an action needs a target, a JSONPath in quotes such as \"$.components.schemas.Code\"")
	}
	if remove != nil && (remove.Kind != Scalar || remove.Tag != Bool) {
		return fail(remove, finding.Shape, "remove must be true or false, not %s", remove.Describe())
	}
	removes := remove != nil && strings.EqualFold(remove.Value, "true")
	if removes == (update != nil) {
		return fail(n, finding.Shape, "an action has either an update or remove: true")
	}
	places, err := s.find(target, work)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		return fail(target, finding.Reference, "the target %s matches nothing in the spec", finding.Quote(target.Value))
	}
	if removes {
		return drop(places, target)
	}
	for _, p := range places {
		if err := s.update(p.node, update, target); err != nil {
			return err
		}
	}
	return nil
}
