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
		return nil, fail(at, finding.Syntax, "JSON: something follows the end of the document")
	}
	return n, nil
}

type jsonParser struct {
	file  *File
	data  []byte
	dec   *json.Decoder
	total int
	first bool // nothing stands before the next token that a comma could divide it from

	offset, line, col int // place of the last node: a document on one long line is still counted only once
}

// next returns an empty node at the place of the token that the decoder reads next.
func (p *jsonParser) next() *Node {
	to := p.blank(int(p.dec.InputOffset()))
	if !p.first && to < len(p.data) && (p.data[to] == ',' || p.data[to] == ':') {
		to = p.blank(to + 1) // a second one would be what is wrong
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

// blank returns where the white space at an offset ends.
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

// members reads what stands between the opening delimiter, already read, and the closing one.
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

// syntax reports the token that could not be read. The decoder's own words and places differ between versions of Go.
func (p *jsonParser) syntax(at *Node) error {
	if p.offset >= len(p.data) || endless(p.data[p.offset:]) {
		return fail(placeOf(p.file, p.data, len(p.data)), finding.Syntax, "JSON: the document ends too early")
	}
	return fail(at, finding.Syntax, "JSON: what starts here cannot stand here")
}

// endless reports whether data begins a text that never ends.
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
