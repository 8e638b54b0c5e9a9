package load

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// parseJSON parses JSON, which has been checked to be UTF-8. A document of many megabytes is common, so values are parts
// of one string, and nodes are allocated many at a time.
func parseJSON(file *File, data []byte, b *budget) (*Node, error) {
	p := jsonParser{file: file, data: string(data), budget: b}
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos < len(p.data) {
		return nil, fail(p.next(), finding.Syntax, "JSON: unexpected data after the end of the document; remove it")
	}
	return n, nil
}

type jsonParser struct {
	file   *File
	data   string
	pos    int
	budget *budget

	nodes    []Node  // allocated and not used yet
	children []*Node // of the maps and lists that are being read

	mark, line, col int // position of the last node, so that a long line is scanned only once
}

// next returns an empty node at the current position.
func (p *jsonParser) next() *Node {
	gone := p.data[p.mark:p.pos]
	if i := strings.LastIndexByte(gone, '\n'); i >= 0 {
		p.line += strings.Count(gone, "\n")
		p.col, gone = 0, gone[i+1:]
	}
	p.col += utf8.RuneCountInString(gone)
	p.mark = p.pos
	if len(p.nodes) == 0 {
		p.nodes = make([]Node, min(256, 1+(len(p.data)-p.pos)/2))
	}
	n := &p.nodes[0]
	p.nodes = p.nodes[1:]
	n.File, n.Line, n.Col = p.file, p.line+1, p.col+1
	return n
}

// space skips white space.
func (p *jsonParser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

// take skips white space, and then c if it follows.
func (p *jsonParser) take(c byte) bool {
	p.space()
	if p.pos == len(p.data) || p.data[p.pos] != c {
		return false
	}
	p.pos++
	return true
}

func (p *jsonParser) value(depth int) (*Node, error) {
	p.space()
	n := p.next()
	if depth > maxDepth {
		return nil, fail(n, finding.Limit, "the document is nested deeper than %d levels", maxDepth)
	}
	if err := p.budget.spend(n, 1); err != nil {
		return nil, err
	}
	if p.pos == len(p.data) {
		return nil, p.syntax(n)
	}
	switch c := p.data[p.pos]; c {
	case '{', '[':
		p.pos++
		return n, p.members(n, c, depth)
	case '"':
		var ok bool
		if n.Value, ok = p.text(); !ok {
			return nil, p.syntax(n)
		}
		return n, nil
	}
	return n, p.word(n)
}

// members reads up to the closing delimiter. The opening one has been read.
func (p *jsonParser) members(n *Node, open byte, depth int) error {
	n.Kind = List
	end := byte(']')
	if open == '{' {
		n.Kind, end = Map, '}'
	}
	first := len(p.children)
	for !p.take(end) {
		if len(p.children) > first && !p.take(',') {
			return p.syntax(p.next())
		}
		if n.Kind == Map {
			if err := p.key(depth + 1); err != nil {
				return err
			}
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		p.children = append(p.children, item)
	}
	p.adopt(n, p.children[first:])
	p.children = p.children[:first]
	return nil
}

// key reads a key and the colon after it.
func (p *jsonParser) key(depth int) error {
	p.space()
	if p.pos == len(p.data) || p.data[p.pos] != '"' {
		return p.syntax(p.next())
	}
	k, err := p.value(depth)
	if err != nil {
		return err
	}
	p.children = append(p.children, k)
	if !p.take(':') {
		return p.syntax(p.next())
	}
	return nil
}

// adopt sets the children of a node: of a map, keys and values alternate.
func (p *jsonParser) adopt(n *Node, children []*Node) {
	if len(children) == 0 {
		return
	}
	all := make([]*Node, len(children))
	if n.Kind == List {
		n.Items = all
		copy(all, children)
		return
	}
	half := len(all) / 2
	n.Keys, n.Items = all[:half:half], all[half:]
	for i := range half {
		n.Keys[i], n.Items[i] = children[2*i], children[2*i+1]
	}
}

// text reads a string.
func (p *jsonParser) text() (string, bool) {
	start := p.pos
	escaped := false
	for i := start + 1; i < len(p.data); i++ {
		switch c := p.data[i]; {
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return "", false
		case c == '"':
			p.pos = i + 1
			if !escaped {
				return p.data[start+1 : i], true
			}
			var s string
			if json.Unmarshal([]byte(p.data[start:p.pos]), &s) != nil {
				p.pos = start
				return "", false
			}
			return s, true
		}
	}
	return "", false
}

// word reads a number, a boolean or null.
func (p *jsonParser) word(n *Node) error {
	end := p.pos
	for end < len(p.data) && strings.IndexByte(" \t\r\n,:]}[{\"", p.data[end]) < 0 {
		end++
	}
	n.Value = p.data[p.pos:end]
	switch n.Value {
	case "true", "false":
		n.Tag = Bool
	case "null":
		n.Tag = Null
	default:
		if n.Value == "" || n.Value[0] != '-' && (n.Value[0] < '0' || n.Value[0] > '9') || !json.Valid([]byte(n.Value)) {
			return p.syntax(n)
		}
		n.Tag = Int
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = Float
		}
	}
	p.pos = end
	return nil
}

// syntax reports an invalid token.
func (p *jsonParser) syntax(at *Node) error {
	if p.pos >= len(p.data) || endless([]byte(p.data[p.pos:])) {
		return fail(placeOf(p.file, []byte(p.data), len(p.data)), finding.Syntax, "JSON: the document is incomplete")
	}
	return fail(at, finding.Syntax, "JSON: unexpected token")
}

// endless reports whether data starts with an unterminated string.
func endless(data []byte) bool {
	if data[0] != '"' {
		return false
	}
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return false
		}
	}
	return true
}

// startsLikeJSON reports whether a document can only be JSON or a YAML flow collection.
func startsLikeJSON(data []byte) bool {
	head := bytes.TrimLeft(data, " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}
