// Package start drafts a first catalog file from what a spec says already: enumerations with their names and texts,
// lists of errors, and examples of error answers. What it has to guess it marks, so that a person can go on from there.
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

// The limits on a draft: nobody reads more, and what is found in a spec has no other bound.
const (
	maxCatalogs = 20
	maxCodes    = 5000
)

// Looks says what a draft is made from, for those whose spec has nothing of it.
const Looks = `errgen init looks at the answers with status 4xx, 5xx or default, for a text in their schema that is a code:
a property called code, errorCode, reason, type, error, name or status, also inside other objects and lists.
Its values come from enum, x-extensible-enum, oneOf or anyOf of const, x-ms-enum, x-fern-enum, from x-enum-varnames
(x-enumNames) and x-enum-descriptions, from x-errors at the top of the document, from x-error-codes,
and from the examples of those answers. Answers of type text/plain are recognised by their examples.`

// Draft is a first catalog file.
type Draft struct {
	Data  []byte   // YAML; empty when nothing was found
	Codes int      // how many codes it declares
	Notes []string // what was found where, and what was left out
}

// New drafts a catalog file for a spec without catalogs. The source is the spec as the head of the file names it. With
// narrow set, only the main catalog and one envelope are drafted.
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
			d.note("%s: x-errors is there, but no answer has a property that could hold its codes", n.Pos())
		}
		return Draft{Notes: d.notes}
	}
	most := maxCatalogs
	if narrow {
		most = 1
	}
	if len(d.catalogs) > most {
		d.note("the answers have %d different kinds of codes; only %d of them are in the draft", len(d.catalogs), most)
		d.catalogs = d.catalogs[:most]
	}
	d.lists(d.catalogs[0])
	d.complete(narrow)
	return Draft{Data: d.write(source), Codes: d.count(), Notes: d.notes}
}

// drafter carries what the steps share.
type drafter struct {
	set   *load.Set
	spec  *model.Spec
	res   model.Resolver
	namer model.Namer

	found    []*body // error answers, in the order of the document
	catalogs []*catalog
	byCode   map[*load.Node]*catalog
	notes    []string
}

// spot is a node of the spec with a JSON pointer that leads there.
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
	closed           bool // the schema lists its values, so that no others may be added
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
	says                            string // the message of an example
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

// show makes a pointer fit for a message; unlike other words of a spec it is of no use when it is cut short.
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

// add returns the code with this value, made when it is new. It returns nil when the schema does not allow the value.
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

// from notes where codes come from.
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

// complete fills in what depends on the whole draft: ids, Go names, anchors.
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
