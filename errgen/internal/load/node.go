// Package load turns the bytes of a spec into a tree of nodes that know their place. It is the only part of
// errgen that parses, and the place where hostile input is bounded: size, nesting, alias expansion, references.
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

// Tag is how the parser reads a scalar. The zero value is Str.
type Tag uint8

// The readings of a scalar. Other covers timestamps, binary data and application tags.
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
	Path string // slash path below the folder of the spec, where its references start; a file read into the spec has the spec's
}

// Node is one value of a document. Aliases and merge keys are resolved, so a node may have several parents:
// treat it as read-only.
type Node struct {
	Kind  Kind
	Tag   Tag    // scalars only
	Plain bool   // a YAML scalar without quotes
	Value string // scalars only
	Keys  []*Node
	Items []*Node // values of a map, in step with Keys, or the members of a list

	File      *File
	Line, Col int
}

// Pos returns the place of n.
func (n *Node) Pos() finding.Pos { return finding.Pos{File: n.File.Name, Line: n.Line, Col: n.Col} }

// Get returns the value under key, or nil. It is safe on a nil node and on nodes that are no map.
func (n *Node) Get(key string) *Node {
	_, v := n.Entry(key)
	return v
}

// Entry returns key node and value under key, or nil, nil. Of a repeated key the first counts.
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

// IsString reports whether n is text for every reader: quoted, or plain and not a number, bool or null.
func (n *Node) IsString() bool {
	return n != nil && n.Kind == Scalar && n.Tag == Str && !(n.Plain && oldBool(n.Value))
}

// Text returns the text of a string scalar, or "".
func (n *Node) Text() string {
	if n == nil || n.Kind != Scalar || n.Tag != Str {
		return ""
	}
	return n.Value
}

// Describe names the kind of n for messages: "a map", "a list", "the number 4", …
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
		return "the bool " + n.Value
	case Null:
		return "null"
	case Other:
		return "a date or tagged value " + quoted
	}
	if n.Plain && oldBool(n.Value) {
		return "the word " + n.Value + ", which older YAML readers take for a bool"
	}
	return "the text " + quoted
}

// oldBool tells the words that YAML 1.1 readers take for a bool and newer ones for text.
func oldBool(s string) bool {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO",
		"on", "On", "ON", "off", "Off", "OFF":
		return true
	}
	return false
}
