package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/specpay/specpay/errgen/internal/finding"
)

func parseYAML(file *File, data []byte, total *budget) (n *Node, err error) {
	top := &Node{File: file, Line: 1, Col: 1}
	if n := separators(data); n > maxNodes {
		return nil, fail(top, finding.Limit, "the file has %d lines, commas and other marks that may separate values; at most %d are allowed", n, maxNodes)
	}
	// The parser is a dependency and the input is untrusted. A panic means an invalid document and must not crash errgen.
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, fail(top, finding.Syntax, "the YAML parser failed: %v", r)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fail(top, finding.Syntax, "the document is empty; write an OpenAPI document")
		}
		return nil, yamlError(file, err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, yamlError(file, err)
		}
		at := &Node{File: file, Line: max(second.Line, 1), Col: max(second.Column, 1)}
		return nil, fail(at, finding.Syntax, "a second document starts here; a file must contain one document")
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 {
		return nil, fail(top, finding.Syntax, "the document is empty; write an OpenAPI document")
	}
	c := converter{file: file, budget: total, anchors: map[*yaml.Node]built{}, open: map[*yaml.Node]bool{}}
	b, err := c.convert(doc.Content[0], 0)
	return b.node, err
}

func yamlError(file *File, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := &Node{File: file, Line: 1, Col: 1}
	if _, e := fmt.Sscanf(text, "line %d:", &at.Line); e == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	if strings.Contains(text, "cannot start any token") {
		text += " (YAML is indented with spaces, not tabs)"
	}
	return fail(at, finding.Syntax, "YAML: %s", text)
}

// converter converts parser nodes to Nodes, with aliases and merge keys resolved.
type converter struct {
	file    *File
	anchors map[*yaml.Node]built
	open    map[*yaml.Node]bool // anchors whose value is being converted
	budget  *budget
}

// separators returns a number that grows with the number of values in a YAML document. The YAML parser builds all of them
// before they can be counted.
func separators(data []byte) int {
	n := 0
	for _, c := range data {
		switch c {
		case '\n', ',', '[', '{':
			n++
		}
	}
	return n + bytes.Count(data, []byte(": ")) + bytes.Count(data, []byte("- ")) + bytes.Count(data, []byte("? "))
}

// built is a converted node with the size and height of its tree, aliases expanded.
type built struct {
	node         *Node
	size, height int
}

func (c *converter) at(y *yaml.Node) *Node {
	return &Node{File: c.file, Line: max(y.Line, 1), Col: max(y.Column, 1)}
}

func (c *converter) convert(y *yaml.Node, depth int) (built, error) {
	if y.Kind == yaml.AliasNode {
		return c.alias(y, depth)
	}
	n := c.at(y)
	if err := c.count(n, 1, depth); err != nil {
		return built{}, err
	}
	if y.Anchor != "" {
		c.open[y] = true
		defer delete(c.open, y)
	}
	b := built{node: n, size: 1}
	var err error
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = Map
		err = c.mapping(y, &b, depth)
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			if err = c.child(&n.Items, item, &b, depth); err != nil {
				break
			}
		}
	default:
		n.Value, n.Tag, n.Plain = y.Value, tagOf(y), y.Style == 0
	}
	if y.Anchor != "" {
		c.anchors[y] = b
	}
	return b, err
}

func (c *converter) mapping(y *yaml.Node, b *built, depth int) error {
	var merges []*yaml.Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if key.Tag == "!!merge" {
			merges = append(merges, value)
			continue
		}
		if err := c.child(&b.node.Keys, key, b, depth); err != nil {
			return err
		}
		if k := b.node.Keys[len(b.node.Keys)-1]; k.Kind != Scalar {
			return fail(k, finding.Syntax, "a map key must be a scalar, not %s", k.Describe())
		}
		if err := c.child(&b.node.Items, value, b, depth); err != nil {
			return err
		}
	}
	for _, m := range merges {
		if err := c.merge(m, b, depth); err != nil {
			return err
		}
	}
	return nil
}

func (c *converter) child(to *[]*Node, y *yaml.Node, parent *built, depth int) error {
	b, err := c.convert(y, depth+1)
	if err != nil {
		return err
	}
	*to = append(*to, b.node)
	parent.size += b.size
	parent.height = max(parent.height, b.height+1)
	return nil
}

func (c *converter) alias(y *yaml.Node, depth int) (built, error) {
	if c.open[y.Alias] {
		return built{}, fail(c.at(y), finding.Limit, "the alias *%s is inside its own anchor; remove it", y.Value)
	}
	b, ok := c.anchors[y.Alias]
	if !ok {
		return built{}, fail(c.at(y), finding.Syntax, "the alias *%s has no anchor; define &%[1]s before it", y.Value)
	}
	if err := c.budget.grow(c.at(y), b.size, "aliases add"); err != nil {
		return built{}, err
	}
	return b, c.count(c.at(y), 0, depth+b.height)
}

// merge adds the pairs of a merge key (<<) for keys that the map does not have.
func (c *converter) merge(y *yaml.Node, b *built, depth int) error {
	from, err := c.convert(y, depth+1)
	if err != nil {
		return err
	}
	sources := []*Node{from.node}
	if from.node.Kind == List {
		sources = from.node.Items
	}
	have := make(map[string]bool, len(b.node.Keys))
	for _, k := range b.node.Keys {
		have[k.Value] = true
	}
	for _, s := range sources {
		if s.Kind != Map {
			return fail(s, finding.Syntax, "the merge key << must have a map or a list of maps, not %s", s.Describe())
		}
		for i, k := range s.Keys {
			if !have[k.Value] {
				have[k.Value] = true
				b.node.Keys, b.node.Items = append(b.node.Keys, k), append(b.node.Items, s.Items[i])
			}
		}
	}
	b.size += from.size
	b.height = max(b.height, from.height+1)
	return nil
}

func (c *converter) count(at *Node, size, depth int) error {
	if depth > maxDepth {
		return fail(at, finding.Limit, "the document is nested deeper than %d levels", maxDepth)
	}
	return c.budget.spend(at, size)
}

func tagOf(y *yaml.Node) Tag {
	switch y.ShortTag() {
	case "!!str":
		return Str
	case "!!int":
		return Int
	case "!!float":
		return Float
	case "!!bool":
		return Bool
	case "!!null":
		return Null
	}
	return Other
}
