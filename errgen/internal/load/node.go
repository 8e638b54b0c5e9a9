// Package load parses a spec into a tree of nodes with their positions. It is the only parser in errgen, and it limits
// hostile input: size, nesting, alias expansion, references.
package load

import (
	"github.com/specpay/specpay/errgen/internal/finding"
)

// Kind is the kind of a node. The zero value is Scalar.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota
	Map
	List
)

// Tag is the type of a scalar. The zero value is Str.
type Tag uint8

// The types of scalars. Other covers timestamps, binary data and application tags.
const (
	Str Tag = iota
	Int
	Float
	Bool
	Null
	Other
)

// File is one input file.
type File struct {
	Name string // as printed in findings
	Path string // slash path below the folder of the spec, the base of its references; a file merged into the spec has the spec's
}

// Node is one value of a document. Aliases and merge keys are resolved, so a node may have several parents and must not
// be changed.
type Node struct {
	Kind  Kind
	Tag   Tag    // scalars only
	Plain bool   // a YAML scalar without quotes
	Value string // scalars only
	Keys  []*Node
	Items []*Node // values of a map, parallel to Keys, or the items of a list

	File      *File
	Line, Col int
}

// Pos returns the position of n.
func (n *Node) Pos() finding.Pos { return finding.Pos{File: n.File.Name, Line: n.Line, Col: n.Col} }

// Get returns the value under key, or nil. n may be nil or not a map.
func (n *Node) Get(key string) *Node {
	_, v := n.Entry(key)
	return v
}

// Entry returns the key node and the value under key, or nil, nil. If a key is repeated, the first one counts.
func (n *Node) Entry(key string) (k, v *Node) {
	if n == nil || n.Kind != Map {
		return nil, nil
	}
	for i, k := range n.Keys {
		if k.Value == key {
			return k, n.Items[i]
		}
	}
	return nil, nil
}

// IsString reports whether every YAML parser reads n as a string: quoted, or plain and not a number, boolean or null.
func (n *Node) IsString() bool {
	return n != nil && n.Kind == Scalar && n.Tag == Str && !(n.Plain && oldBool(n.Value))
}

// Text returns the value of a string scalar, or "".
func (n *Node) Text() string {
	if n == nil || n.Kind != Scalar || n.Tag != Str {
		return ""
	}
	return n.Value
}

// Describe describes n for messages, such as "a map" or "the number 4".
func (n *Node) Describe() string {
	switch n.Kind {
	case Map:
		return "a map"
	case List:
		return "a list"
	}
	quoted := finding.Quote(n.Value)
	switch n.Tag {
	case Int, Float:
		return "the number " + n.Value
	case Bool:
		return "the boolean " + n.Value
	case Null:
		return "null"
	case Other:
		return "a date or tagged value " + quoted
	}
	if n.Plain && oldBool(n.Value) {
		return "the word " + n.Value + ", which older YAML parsers read as a boolean"
	}
	return "the string " + quoted
}

// oldBool reports whether YAML 1.1 parsers read a word as a boolean and newer ones as a string.
func oldBool(s string) bool {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO",
		"on", "On", "ON", "off", "Off", "OFF":
		return true
	}
	return false
}
