package model

import (
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// fields reads the members of an errgen extension. It reports members of the wrong type, and with done unknown ones.
type fields struct {
	found    *finding.List
	what     string // "a code", for messages
	node     *load.Node
	defaults *load.Node // values of absent members; may be nil
	known    []string
	borrowed bool // the last member came from the defaults, which are checked separately
}

// newFields returns fields without members if the node is not a map, and reports that.
func newFields(found *finding.List, what string, n, defaults *load.Node) *fields {
	if n.Kind != load.Map {
		found.Errorf(n.Pos(), finding.Shape, "%s must be a map, not %s", what, n.Describe())
		n = &load.Node{Kind: load.Map, File: n.File, Line: n.Line, Col: n.Col}
	}
	return &fields{found: found, what: what, node: n, defaults: defaults}
}

func (f *fields) get(key string) *load.Node {
	if !contains(f.known, key) {
		f.known = append(f.known, key)
	}
	v := f.node.Get(key)
	if f.borrowed = v == nil && !contains(ownFields(), key); f.borrowed {
		return f.defaults.Get(key)
	}
	return v
}

func (f *fields) wrong(n *load.Node, key, want string) {
	if f.borrowed {
		return
	}
	f.found.Errorf(n.Pos(), finding.Shape, "%s of %s must be %s, not %s", key, f.what, want, n.Describe())
}

// text reads a string. A null counts as an absent member.
func (f *fields) text(key string) Text {
	n := f.get(key)
	switch {
	case n == nil || n.Kind == load.Scalar && n.Tag == load.Null:
		return Text{}
	case n.Kind != load.Scalar || n.Tag != load.Str:
		f.wrong(n, key, "a string (put it in quotes)")
		return Text{}
	}
	return textOf(n)
}

// version reads a string that may be written as a number or date without quotes.
func (f *fields) version(key string) Text {
	n := f.get(key)
	if n == nil {
		return Text{}
	}
	if n.Kind != load.Scalar || n.Tag == load.Bool || n.Tag == load.Null {
		f.wrong(n, key, "a version or date")
		return Text{}
	}
	return textOf(n)
}

// texts reads one string or a list of strings.
func (f *fields) texts(key string) []Text {
	n := f.get(key)
	if n == nil {
		return nil
	}
	return f.list(n, key)
}

func (f *fields) list(n *load.Node, key string) []Text {
	items := []*load.Node{n}
	if n.Kind == load.List {
		items = n.Items
	}
	out := make([]Text, 0, len(items))
	for _, item := range items {
		if item.Kind != load.Scalar || item.Tag != load.Str {
			f.wrong(item, key, "a string or a list of strings")
			continue
		}
		out = append(out, textOf(item))
	}
	return out
}

// codes reads a list of codes, each of which must be a string for every YAML parser.
func (f *fields) codes(key string) []Text {
	n := f.get(key)
	if n == nil {
		return nil
	}
	return codeList(f.found, n, key)
}

func codeList(found *finding.List, n *load.Node, what string) []Text {
	if n.Kind != load.List {
		found.Errorf(n.Pos(), finding.Shape, "%s must be a list of codes, not %s", what, n.Describe())
		return nil
	}
	out := make([]Text, 0, len(n.Items))
	for _, item := range n.Items {
		if checkCode(found, item) {
			out = append(out, textOf(item))
		}
	}
	return out
}

func checkCode(found *finding.List, n *load.Node) bool {
	if n.Kind != load.Scalar {
		found.Errorf(n.Pos(), finding.Shape, "a code must be a string, not %s", n.Describe())
		return false
	}
	if !n.IsString() {
		found.Errorf(n.Pos(), finding.NotString, "a code must be a string, not %s; write it in quotes: %q", n.Describe(), n.Value)
		return false
	}
	return true
}

func (f *fields) flag(key string) bool {
	n := f.get(key)
	if n == nil {
		return false
	}
	if n.Kind != load.Scalar || n.Tag != load.Bool {
		f.wrong(n, key, "true or false")
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

func (f *fields) number(key string) Number {
	n := f.get(key)
	if n == nil {
		return Number{}
	}
	v, ok := numberOf(n)
	if !ok {
		f.wrong(n, key, "an integer")
	}
	return v
}

// maxStatuses is greater than the number of HTTP statuses.
const maxStatuses = 100

// numbers reads one number or a list of numbers.
func (f *fields) numbers(key string) []Number {
	n := f.get(key)
	if n == nil {
		return nil
	}
	items := []*load.Node{n}
	if n.Kind == load.List {
		items = n.Items
	}
	if len(items) > maxStatuses {
		f.found.Errorf(n.Pos(), finding.Limit, "%s of %s has %d entries; at most %d are allowed", key, f.what, len(items), maxStatuses)
		return nil
	}
	out := make([]Number, 0, len(items))
	for _, item := range items {
		v, ok := numberOf(item)
		if !ok {
			f.wrong(item, key, "a number or a list of numbers")
			continue
		}
		out = append(out, v)
	}
	return out
}

// pairs reads a map of strings.
func (f *fields) pairs(key string) []Pair {
	n := f.get(key)
	if n == nil {
		return nil
	}
	if n.Kind != load.Map {
		f.wrong(n, key, "a map of strings")
		return nil
	}
	out := make([]Pair, 0, len(n.Keys))
	for i, k := range n.Keys {
		v := n.Items[i]
		if v.Kind != load.Scalar || v.Tag != load.Str {
			f.wrong(v, key+" "+finding.Quote(k.Value), "a string")
			continue
		}
		out = append(out, Pair{textOf(k), textOf(v)})
	}
	return out
}

// done reports the unknown members, and returns the fields that they were probably meant to be. It ignores members that
// start with x-.
func (f *fields) done() (meant []string) {
	for _, k := range f.node.Keys {
		if strings.HasPrefix(k.Value, "x-") || contains(f.known, k.Value) {
			continue
		}
		f.found.Errorf(k.Pos(), finding.Shape, "%s has no field %s%s", f.what, finding.Quote(k.Value), suggest(k.Value, f.known))
		if near := finding.Nearest(k.Value, f.known); near != "" {
			meant = append(meant, near)
		}
	}
	return meant
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

func textOf(n *load.Node) Text { return Text{Value: n.Value, Pos: n.Pos()} }

// numberOf reads an integer. It may be quoted, because keys in JSON and YAML often are.
func numberOf(n *load.Node) (Number, bool) {
	if n.Kind != load.Scalar || n.Tag != load.Int && n.Tag != load.Str {
		return Number{}, false
	}
	v, err := strconv.Atoi(n.Value)
	return Number{v, n.Pos()}, err == nil
}
