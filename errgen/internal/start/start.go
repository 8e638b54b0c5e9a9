// Package start drafts a first catalog file from a spec: from enumerations with their names and texts, lists of errors, and
// examples of error responses. It marks what it guesses, so that a person can complete the file.
package start

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// The limits on a draft. A spec could contain any number of codes, and a larger draft would not be readable.
const (
	maxCatalogs = 20
	maxCodes    = 5000
)

// Looks describes where the draft looks for codes, for specs in which it found none.
const Looks = `errgen init searches the schemas of responses with status 4xx, 5xx or default for a string that is a code:
a property named code, errorCode, reason, type, error, name or status, also in nested objects and lists.
It takes the values from enum, x-extensible-enum, oneOf or anyOf of const or enum, x-ms-enum, x-fern-enum, from x-enum-varnames
(x-enumNames) and x-enum-descriptions, from x-errors at the top of the document, from x-error-codes,
and from the examples of those responses. For responses of type text/plain it uses the examples.`

// Draft is a first catalog file.
type Draft struct {
	Data  []byte   // YAML; empty when nothing was found
	Codes int      // how many codes it declares
	Notes []string // what was found where, and what was left out
}

// New drafts a catalog file for a spec without catalogs. source is the name of the spec in the header of the file. With
// narrow set, it drafts only the main catalog and one envelope.
func New(set *load.Set, spec *model.Spec, res model.Resolver, namer model.Namer, source string, narrow bool) Draft {
	d := &drafter{set: set, spec: spec, res: res, namer: namer, byCode: map[*load.Node]*catalog{}}
	d.bodies()
	for _, b := range d.found {
		d.body(b)
	}
	d.text()
	slices.SortStableFunc(d.catalogs, func(a, b *catalog) int { return cmp.Compare(b.uses, a.uses) })
	if len(d.catalogs) == 0 {
		if n := d.set.Root.Get("x-errors"); n != nil {
			d.note("%s: the spec has x-errors, but no response has a property for its codes", n.Pos())
		}
		return Draft{Notes: d.notes}
	}
	most := maxCatalogs
	if narrow {
		most = 1
	}
	if len(d.catalogs) > most {
		d.note("the responses have %d different kinds of codes; only %d of them are in the draft", len(d.catalogs), most)
		d.catalogs = d.catalogs[:most]
	}
	d.lists(d.catalogs[0])
	d.complete(narrow)
	return Draft{Data: d.write(source), Codes: d.count(), Notes: d.notes}
}

// drafter is the state that the steps share.
type drafter struct {
	set   *load.Set
	spec  *model.Spec
	res   model.Resolver
	namer model.Namer

	found    []*body // error responses, in document order
	catalogs []*catalog
	byCode   map[*load.Node]*catalog
	notes    []string
}

// spot is a node of the spec with its JSON pointer.
type spot struct {
	node    *load.Node
	pointer string
}

func (s spot) child(node *load.Node, tokens ...string) spot {
	for _, t := range tokens {
		s.pointer += "/" + load.Escape(t)
	}
	return spot{node, s.pointer}
}

// catalog is one x-error-catalog of the draft.
type catalog struct {
	at               spot
	id, kind, prefix string
	closed           bool // the schema lists its values, so no others can be added
	text             bool
	uses             int
	upstream         string
	codes            []*code
	byValue          map[string]*code
	envelopes        []envelope
	sources          []string
}

// code is one code of the draft.
type code struct {
	value, name, title, description string
	statuses                        []int
	anchor, upstreamAnchor          string
	message                         string // the message of an example
	match                           string // exact text, in a text catalog
}

// envelope is one x-error-envelope of the draft: field names with pointers.
type envelope struct {
	at     spot
	fields [][2]string
}

func (d *drafter) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

// show quotes a pointer for a message. Unlike other texts it is not truncated, because it would be useless.
func show(pointer string) string {
	const most = 500
	return strconv.Quote(pointer[:min(len(pointer), most)])
}

func (d *drafter) count() int {
	n := 0
	for _, c := range d.catalogs {
		n += len(c.codes)
	}
	return n
}

// add returns the code with this value, and creates it if it is new. It returns nil if the schema does not allow the value.
func (c *catalog) add(value string) *code {
	if have := c.byValue[value]; have != nil {
		return have
	}
	if c.closed || len(c.codes) >= maxCodes {
		return nil
	}
	n := &code{value: value}
	c.codes = append(c.codes, n)
	c.byValue[value] = n
	return n
}

// from records a source of codes.
func (c *catalog) from(source string) {
	if !slices.Contains(c.sources, source) {
		c.sources = append(c.sources, source)
	}
}

func (c *code) seen(status int) {
	if status != 0 && !slices.Contains(c.statuses, status) {
		c.statuses = append(c.statuses, status)
	}
}

// complete sets what depends on the whole draft: ids, Go names, anchors.
func (d *drafter) complete(narrow bool) {
	names := d.takenNames()
	anchors := map[string]bool{}
	for i, c := range d.catalogs {
		d.identify(names, c, i)
	}
	for i, c := range d.catalogs {
		if narrow && len(c.envelopes) > 1 {
			c.envelopes = c.envelopes[:1]
		}
		for j, code := range c.codes {
			d.nameCode(names, c, code, j)
			anchor(anchors, c, code, j, i == 0)
		}
		d.note("%s: catalog %s, codes: %d, from %s", show(c.at.pointer), c.id, len(c.codes), strings.Join(c.sources, ", "))
		for _, e := range c.envelopes {
			d.note("%s: envelope with %s", show(e.at.pointer), e)
		}
	}
}

func (e envelope) String() string {
	words := make([]string, len(e.fields))
	for i, f := range e.fields {
		words[i] = f[0] + " " + f[1]
	}
	return strings.Join(words, ", ")
}
