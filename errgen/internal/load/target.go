package load

import (
	"strings"

	"github.com/speakeasy-api/jsonpath/pkg/jsonpath"
	"github.com/speakeasy-api/jsonpath/pkg/jsonpath/token"
	"gopkg.in/yaml.v3" // the nodes that the JSONPath library takes

	"github.com/specpay/specpay/errgen/internal/finding"
)

// The limits on targets. A query cannot be stopped once it runs, and some take longer than anybody's life: hence no
// second .. and no second $, which look at every node once for every node.
const (
	maxTarget = 500         // bytes of a target
	maxCommas = 10          // of a target: each makes the result longer by itself
	maxWork   = 100_000_000 // visits of nodes that an overlay may ask for
	calls     = 50          // visits that the call of a function counts for
)

// find returns the places that a target means.
func (s *Set) find(target *Node, work int) (places []place, err error) {
	path, factor, err := parseTarget(target)
	if err != nil {
		return nil, err
	}
	if work*factor > maxWork {
		return nil, fail(target, finding.Limit, "the overlay asks for too much: so many actions on a spec of %d values would take minutes; split the spec, or take fewer actions and no match() or search()", s.nodes)
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

// rescue turns a panic of the JSONPath library, which is not ours and reads anyone's input, into a finding.
func rescue(target *Node, err *error) {
	if r := recover(); r != nil {
		*err = fail(target, finding.Syntax, "the JSONPath library gave up on the target %s: %v", finding.Quote(target.Value), r)
	}
}

// parseTarget reads a JSONPath. The factor says how much more than one visit of every node it takes.
func parseTarget(target *Node) (path *jsonpath.JSONPath, factor int, err error) {
	if len(target.Value) > maxTarget {
		return nil, 0, fail(target, finding.Limit, "the target has %d bytes; at most %d are read", len(target.Value), maxTarget)
	}
	defer rescue(target, &err)
	factor = 1
	count := map[token.Token]int{}
	for _, t := range token.NewTokenizer(target.Value).Tokenize() {
		count[t.Token]++
	}
	if count[token.RECURSIVE] > 1 || count[token.ROOT] > 1 || count[token.COMMA] > maxCommas {
		return nil, 0, fail(target, finding.Limit, "the target %s is too wide: it may have one .., one $ and %d commas; write several actions", finding.Quote(target.Value), maxCommas)
	}
	if count[token.FUNCTION] > 0 {
		factor = calls * count[token.FUNCTION]
	}
	path, err = jsonpath.NewPath(target.Value)
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		_, line, _ = strings.Cut(line, ", ")
		return nil, 0, fail(target, finding.Syntax, "the target %s is no JSONPath (RFC 9535): %s", finding.Quote(target.Value), line)
	}
	return path, factor, nil
}

// yamlCopy makes the tree that the library searches, and remembers what each node stands for.
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
