package load

import (
	"net/url"
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// maxActions is the limit on the actions of one overlay.
const maxActions = 1000

// overlay applies an OpenAPI Overlay 1.0. An action that fails is a finding. The others are applied nevertheless, so that
// one run reports everything.
func (s *Set) overlay(doc Document) {
	root, err := s.extra(doc)
	if err != nil {
		s.report(err)
		return
	}
	if root.Kind != Map {
		s.Found.Errorf(root.Pos(), finding.Shape, "an overlay must be a map that starts with overlay: 1.0.0, not %s", root.Describe())
		return
	}
	DuplicateKeys(root, map[*Node]bool{}, func(_, again *Node) {
		s.Found.Errorf(again.Pos(), finding.DuplicateKey, "the key %s is a duplicate; remove it", finding.Quote(again.Value))
	})
	actions := s.overlayHead(root)
	for _, n := range actions {
		if err := s.action(n, len(actions)*s.nodes); err != nil {
			s.report(err)
		}
		if s.full {
			return // the finding reports that nothing more can be added
		}
	}
}

// overlayHead checks the fields of an overlay and returns its actions.
func (s *Set) overlayHead(root *Node) []*Node {
	s.unknown(root, "an overlay", "overlay", "info", "extends", "actions")
	version := root.Get("overlay")
	if v := version.Text(); v != "1.0" && !strings.HasPrefix(v, "1.0.") {
		at, what := root, "there is none"
		if version != nil {
			at, what = version, "it is "+version.Describe()
		}
		s.Found.Errorf(at.Pos(), finding.Shape, "the overlay version must be overlay: 1.0.0, but %s; errgen reads OpenAPI Overlay 1.0", what)
	}
	info := root.Get("info")
	for _, key := range []string{"title", "version"} {
		if info.Get(key).Text() == "" {
			s.Found.Errorf(orElse(info, root).Pos(), finding.Shape, "info of the overlay has no %s; add it as a string", key)
		}
	}
	if n := root.Get("extends"); n != nil {
		if u, err := url.Parse(n.Text()); err != nil || u.String() == "" {
			s.Found.Errorf(n.Pos(), finding.Shape, "extends must be the URL of the spec, not %s; errgen does not open it", n.Describe())
		}
	}
	actions := root.Get("actions")
	switch {
	case actions == nil || actions.Kind != List || len(actions.Items) == 0:
		s.Found.Errorf(orElse(actions, root).Pos(), finding.Shape, "actions of the overlay must be a list with at least one action")
		return nil
	case len(actions.Items) > maxActions:
		s.Found.Errorf(actions.Pos(), finding.Limit, "the overlay has %d actions; at most %d are allowed", len(actions.Items), maxActions)
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

// unknown reports the unknown members of a map.
func (s *Set) unknown(n *Node, what string, known ...string) {
	for _, k := range n.Keys {
		if !slices.Contains(known, k.Value) && !strings.HasPrefix(k.Value, "x-") {
			s.Found.Errorf(k.Pos(), finding.Shape, "%s has no field %s%s", what, finding.Quote(k.Value), orNear(k.Value, known))
		}
	}
}

// action applies one action. work counts the node visits of the whole overlay.
func (s *Set) action(n *Node, work int) error {
	if n.Kind != Map {
		return fail(n, finding.Shape, "an action must be a map with a target and update or remove, not %s", n.Describe())
	}
	s.unknown(n, "an action of Overlay 1.0", "target", "description", "update", "remove")
	target, update, remove := n.Get("target"), n.Get("update"), n.Get("remove")
	if target.Text() == "" {
		return fail(orElse(target, n), finding.Shape, "the action has no target; add a JSONPath in quotes such as \"$.components.schemas.Code\"")
	}
	if remove != nil && (remove.Kind != Scalar || remove.Tag != Bool) {
		return fail(remove, finding.Shape, "remove must be true or false, not %s", remove.Describe())
	}
	removes := remove != nil && strings.EqualFold(remove.Value, "true")
	if removes == (update != nil) {
		return fail(n, finding.Shape, "an action must have either update or remove: true")
	}
	places, err := s.find(target, work)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		return fail(target, finding.Reference, "the target %s matches nothing in the spec; correct it, or remove the action", finding.Quote(target.Value))
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
