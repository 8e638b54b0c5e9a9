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
	p := jsonParser{file: file, data: data, dec: json.NewDecoder(bytes.NewReader(data))}
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

	offset, line, col int // place of the last node: a document on one long line is still counted only once
}

// next returns an empty node at the place of the token that the decoder reads next.
func (p *jsonParser) next() *Node {
	to := int(p.dec.InputOffset())
	for to < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[to]) >= 0 {
		to++
	}
	gone := p.data[p.offset:to]
	if i := bytes.LastIndexByte(gone, '\n'); i >= 0 {
		p.line += bytes.Count(gone, []byte("\n"))
		p.col, gone = 0, gone[i+1:]
	}
	p.col += utf8.RuneCount(gone)
	p.offset = to
	return &Node{File: p.file, Line: p.line + 1, Col: p.col + 1}
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
		return nil, p.syntax(err)
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
	n.Kind = List
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
	if _, err := p.dec.Token(); err != nil {
		return p.syntax(err)
	}
	return nil
}

func (p *jsonParser) syntax(err error) error {
	offset := int(p.dec.InputOffset())
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = int(s.Offset) - 1
	}
	text := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		offset, text = len(p.data), "the document ends too early"
	}
	return fail(placeOf(p.file, p.data, offset), finding.Syntax, "JSON: %s", text)
}
