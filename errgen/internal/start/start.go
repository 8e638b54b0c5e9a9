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

// maxCodes is the limit on the codes of a draft. A spec could contain any number of codes, and a larger draft would not be
// readable.
const maxCodes = 5000

// Looks describes where the draft looks for codes, for specs in which it found none.
const Looks = `errgen init searches the schemas of responses with status 4xx, 5xx or default for a string that is a code: a property named code,
errorCode, issue, reason, decline_code, or else error, name, status, id, type or category, also in nested objects and lists that
are part of the error, and the codes of error and errors in 2xx responses. It takes the values from enum, x-extensible-enum, oneOf or
anyOf of const or enum, x-enum-elements, x-ms-enum, x-fern-enum, from x-enum-varnames (x-enumNames) and x-enum-descriptions
(x-enumDescriptions), from x-errors at the top of the document, from x-error-codes, and from the examples of the property, the
schema and the response. For responses of type text/plain it uses the examples.`

// Draft is a first catalog file.
type Draft struct {
	Data  []byte   // YAML; empty when nothing was found
	Codes int      // how many codes it declares
	Notes []string // what was found where, and what was left out
}

// New drafts a catalog file for a spec without catalogs. source is the name of the spec in the header of the file.
func New(set *load.Set, spec *model.Spec, res model.Resolver, namer model.Namer, source string) Draft {
	d := &drafter{
		set: set, spec: spec, res: res, namer: namer,
		values: map[*load.Node][]value{}, codes: map[*load.Node]bool{}, checked: map[*load.Node]bool{}, numbers: map[*load.Node]bool{}, inHeader: map[string]bool{},
	}
	d.bodies()
	for _, b := range d.found { // which schemas have codes
		d.mark(b)
	}
	for _, b := range d.found {
		d.body(b)
	}
	d.few(d.silent, func(pointer string) { d.note("%s: no property looks like an error code with values", pointer) }, "bodies without a code")
	d.text()
	d.catalogs = slices.DeleteFunc(d.catalogs, func(c *catalog) bool { return len(c.codes) == 0 })
	slices.SortStableFunc(d.catalogs, func(a, b *catalog) int { return cmp.Compare(b.uses, a.uses) })
	if len(d.catalogs) == 0 {
		if n := d.set.Root.Get("x-errors"); n != nil {
			d.note("%s: the spec has x-errors, but no response has a property for its codes", n.Pos())
		}
		return Draft{Notes: d.notes}
	}
	for _, c := range d.catalogs {
		c.settle()
	}
	d.lists(d.catalogs[0])
	d.complete()
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
	main     *catalog // of the codes in JSON; nil before the first one
	notes    []string

	values   map[*load.Node][]value // that schemas list
	codes    map[*load.Node]bool    // schemas with codes in some body
	checked  map[*load.Node]bool    // schemas that list values, and whether a catalog can have them
	numbers  map[*load.Node]bool    // schemas that have a note
	inHeader map[string]bool        // headers that have one
	silent   []string               // bodies without a code
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

	schemas []*codeSchema // in document order
	byNode  map[*load.Node]*codeSchema
	bodies  []bodyEnvelope
}

// code is one code of the draft.
type code struct {
	value, name, title, description string
	statuses                        []int
	evidence                        []evidence
	anchor, upstreamAnchor          string
	message                         string // the message of an example
	match                           string // exact text, in a text catalog
}

// envelope is one x-error-envelope of the draft: field names with pointers.
type envelope struct {
	at      spot
	in      string // its place in the body, if it is on a part of the body
	success bool   // successes may have it
	fields  [][2]string
}

func (d *drafter) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

// few notes the first lines of a list, and the number of the others.
func (d *drafter) few(lines []string, note func(string), what string) {
	const most = 10
	for _, line := range lines[:min(len(lines), most)] {
		note(line)
	}
	if more := len(lines) - most; more > 0 {
		d.note("%d more %s", more, what)
	}
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
func (d *drafter) complete() {
	names := d.takenNames()
	anchors := map[string]bool{}
	for i, c := range d.catalogs {
		d.identify(names, c, i)
	}
	for i, c := range d.catalogs {
		for j, code := range c.codes {
			d.nameCode(names, c, code, j)
			anchor(anchors, c, code, j, i == 0)
		}
		d.note("%s: catalog %s, codes: %d, from %s", show(c.at.pointer), c.id, len(c.codes), strings.Join(c.sources, ", "))
		var lines []string
		for _, e := range c.envelopes {
			lines = append(lines, fmt.Sprintf("%s: envelope %s", show(e.at.pointer), e))
		}
		d.few(lines, func(line string) { d.note("%s", line) }, "envelopes")
	}
}

func (e envelope) String() string {
	words := make([]string, len(e.fields))
	for i, f := range e.fields {
		words[i] = f[0] + " " + f[1]
	}
	at := ""
	if e.in != "" {
		at = "at " + e.in + " "
	}
	return at + "with " + strings.Join(words, ", ")
}
