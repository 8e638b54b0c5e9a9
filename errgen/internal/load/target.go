package load

import (
	"strings"

	"github.com/speakeasy-api/jsonpath/pkg/jsonpath"
	"github.com/speakeasy-api/jsonpath/pkg/jsonpath/token"
	"gopkg.in/yaml.v3" // the node type of the JSONPath library

	"github.com/specpay/specpay/errgen/internal/finding"
)

// The limits on targets. A running query cannot be canceled, and some would never end. A second .. or $ is therefore
// rejected: it visits every node once for every node.
const (
	maxTarget = 500         // bytes of a target
	maxCommas = 10          // of a target; each one multiplies the result
	maxWork   = 100_000_000 // node visits of an overlay
	calls     = 50          // node visits that a function call counts as
)

// find returns the places that a target selects.
func (s *Set) find(target *Node, work int) (places []place, err error) {
	path, factor, err := parseTarget(target)
	if err != nil {
		return nil, err
	}
	if work*factor > maxWork {
		return nil, fail(target, finding.Limit, "the overlay has too many actions for a spec of %d values and would take minutes; split the spec, or use fewer actions without match() and search()", s.nodes)
	}
	c := yamlCopy{places: map[*yaml.Node]place{}}
	root, err := c.node(s.Root, nil, 0)
	if err != nil {
		return nil, err
	}
	found, err := query(path, root, target)
	seen := map[*yaml.Node]bool{}
	for _, y := range found {
		if p, ok := c.places[y]; ok && !seen[y] {
			seen[y] = true
			places = append(places, p)
		}
	}
	return places, err
}

func query(path *jsonpath.JSONPath, root *yaml.Node, target *Node) (found []*yaml.Node, err error) {
	defer rescue(target, &err)
	return path.Query(root), nil
}

// rescue turns a panic of the JSONPath library, a dependency that reads untrusted input, into a finding.
func rescue(target *Node, err *error) {
	if r := recover(); r != nil {
		*err = fail(target, finding.Syntax, "the JSONPath library failed on the target %s: %v", finding.Quote(target.Value), r)
	}
}

// parseTarget parses a JSONPath. The factor is its cost in visits of every node.
func parseTarget(target *Node) (path *jsonpath.JSONPath, factor int, err error) {
	if len(target.Value) > maxTarget {
		return nil, 0, fail(target, finding.Limit, "the target has %d bytes; at most %d are allowed", len(target.Value), maxTarget)
	}
	defer rescue(target, &err)
	factor = 1
	count := map[token.Token]int{}
	for _, t := range token.NewTokenizer(target.Value).Tokenize() {
		count[t.Token]++
	}
	if count[token.RECURSIVE] > 1 || count[token.ROOT] > 1 || count[token.COMMA] > maxCommas {
		return nil, 0, fail(target, finding.Limit, "the target %s is too broad; use at most one .., one $ and %d commas, and several actions", finding.Quote(target.Value), maxCommas)
	}
	if count[token.FUNCTION] > 0 {
		factor = calls * count[token.FUNCTION]
	}
	path, err = jsonpath.NewPath(target.Value)
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		_, line, _ = strings.Cut(line, ", ")
		return nil, 0, fail(target, finding.Syntax, "the target %s is not a JSONPath (RFC 9535): %s", finding.Quote(target.Value), line)
	}
	return path, factor, nil
}

// yamlCopy makes the tree that the library searches, and records the original of each node.
type yamlCopy struct{ places map[*yaml.Node]place }

func (c *yamlCopy) node(n, parent *Node, depth int) (*yaml.Node, error) {
	if depth > maxDepth {
		return nil, fail(n, finding.Limit, "with the overlay the spec is nested deeper than %d levels", maxDepth)
	}
	y := &yaml.Node{Kind: yaml.ScalarNode, Tag: yamlTag(n), Value: n.Value}
	switch n.Kind {
	case Map:
		y.Kind, y.Tag = yaml.MappingNode, "!!map"
	case List:
		y.Kind, y.Tag = yaml.SequenceNode, "!!seq"
	}
	c.places[y] = place{n, parent}
	for i, item := range n.Items {
		if n.Kind == Map {
			y.Content = append(y.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: n.Keys[i].Value})
		}
		child, err := c.node(item, n, depth+1)
		if err != nil {
			return nil, err
		}
		y.Content = append(y.Content, child)
	}
	return y, nil
}

func yamlTag(n *Node) string {
	switch n.Tag {
	case Int:
		return "!!int"
	case Float:
		return "!!float"
	case Bool:
		return "!!bool"
	case Null:
		return "!!null"
	}
	return "!!str"
}
