package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/specpay/specpay/errgen/internal/finding"
)

func parseJSON(file *File, data []byte) (*Node, error) {
	p := jsonParser{file: file, data: data, dec: json.NewDecoder(bytes.NewReader(data)), first: true}
	p.dec.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	at := p.next()
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fail(at, finding.Syntax, "JSON: unexpected data after the end of the document; remove it")
	}
	return n, nil
}

type jsonParser struct {
	file  *File
	data  []byte
	dec   *json.Decoder
	total int
	first bool // the next token is the first of its map or list, so no comma precedes it

	offset, line, col int // position of the last node, so that a long line is scanned only once
}

// next returns an empty node at the position of the decoder's next token.
func (p *jsonParser) next() *Node {
	to := p.blank(int(p.dec.InputOffset()))
	if !p.first && to < len(p.data) && (p.data[to] == ',' || p.data[to] == ':') {
		to = p.blank(to + 1) // only one comma is valid
	}
	p.first = false
	gone := p.data[p.offset:to]
	if i := bytes.LastIndexByte(gone, '\n'); i >= 0 {
		p.line += bytes.Count(gone, []byte("\n"))
		p.col, gone = 0, gone[i+1:]
	}
	p.col += utf8.RuneCount(gone)
	p.offset = to
	return &Node{File: p.file, Line: p.line + 1, Col: p.col + 1}
}

// blank returns the end of the white space at an offset.
func (p *jsonParser) blank(at int) int {
	for at < len(p.data) && strings.IndexByte(" \t\r\n", p.data[at]) >= 0 {
		at++
	}
	return at
}

func (p *jsonParser) value(depth int) (*Node, error) {
	n := p.next()
	if depth > maxDepth {
		return nil, fail(n, finding.Limit, "the document is nested deeper than %d levels", maxDepth)
	}
	if p.total++; p.total > maxNodes {
		return nil, fail(n, finding.Limit, "the document has more than %d values", maxNodes)
	}
	token, err := p.dec.Token()
	if err != nil {
		return nil, p.syntax(n)
	}
	switch t := token.(type) {
	case json.Delim:
		return n, p.members(n, t, depth)
	case string:
		n.Value = t
	case json.Number:
		n.Value, n.Tag = t.String(), Int
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = Float
		}
	case bool:
		n.Value, n.Tag = "false", Bool
		if t {
			n.Value = "true"
		}
	default:
		n.Value, n.Tag = "null", Null
	}
	return n, nil
}

// members reads up to the closing delimiter. The opening one has been read.
func (p *jsonParser) members(n *Node, open json.Delim, depth int) error {
	n.Kind, p.first = List, true
	if open == '{' {
		n.Kind = Map
	}
	for p.dec.More() {
		if n.Kind == Map {
			key, err := p.value(depth + 1)
			if err != nil {
				return err
			}
			n.Keys = append(n.Keys, key)
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
	end := p.next()
	if _, err := p.dec.Token(); err != nil {
		return p.syntax(end)
	}
	return nil
}

// syntax reports an invalid token. The decoder's messages and positions differ between Go versions and are not used.
func (p *jsonParser) syntax(at *Node) error {
	if p.offset >= len(p.data) || endless(p.data[p.offset:]) {
		return fail(placeOf(p.file, p.data, len(p.data)), finding.Syntax, "JSON: the document is incomplete")
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
