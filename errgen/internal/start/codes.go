package start

import (
	"net/url"
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/lint"
	"github.com/specpay/specpay/errgen/internal/load"
)

// mark records the schemas of a body that have codes.
func (d *drafter) mark(b *body) {
	if b.text {
		return
	}
	for _, p := range d.places(b) {
		for _, s := range p.spots {
			d.codes[s.node] = true
		}
	}
}

// body takes the codes of a response, and drafts its envelope. All codes of a spec are in one catalog: a response often has
// codes of several enumerations, and the same code often stands in several.
func (d *drafter) body(b *body) {
	if b.text {
		return // drafted together; see text
	}
	places := d.places(b)
	if len(places) == 0 {
		if !b.success {
			d.silent = append(d.silent, show(b.pointer))
		}
		return
	}
	c := d.catalog()
	c.uses += b.uses
	for _, p := range places {
		for _, s := range p.spots {
			from := c.source(s)
			from.statuses = append(from.statuses, b.statuses...)
		}
	}
	fields := d.neighbors(b, places)
	for _, p := range places {
		for _, e := range p.values {
			if from := c.source(e.at); e.body != nil || from.taken == nil || from.taken == b {
				from.taken = b
				d.take(c, p, e, fields)
			}
		}
	}
	c.bodies = append(c.bodies, bodyEnvelope{b, places, fields})
}

// catalog returns the catalog of the codes in JSON.
func (d *drafter) catalog() *catalog {
	if d.main == nil {
		d.main = &catalog{byValue: map[string]*code{}, byNode: map[*load.Node]*codeSchema{}}
		d.catalogs = append(d.catalogs, d.main)
	}
	return d.main
}

// codeSchema is a schema whose values are codes of a catalog.
type codeSchema struct {
	spot
	statuses []int // of the responses with it
	listed   map[string]bool
	taken    *body // the body with which its values were taken
}

// source returns what is known about a schema with codes of c.
func (c *catalog) source(s spot) *codeSchema {
	have := c.byNode[s.node]
	if have == nil {
		have = &codeSchema{spot: s, listed: map[string]bool{}}
		for _, v := range valuesOf(s.node) {
			have.listed[v.wire] = true
		}
		for _, keyword := range source(s.node) {
			c.from(keyword)
		}
		c.byNode[s.node] = have
		c.schemas = append(c.schemas, have)
	}
	return have
}

// take adds a value of a place to the catalog.
func (d *drafter) take(c *catalog, p *place, e evidence, fields [][2]string) {
	if !lint.Clean(e.wire) || oneLine(e.wire) != e.wire {
		d.note("%s has the value %s, which cannot be a code", show(e.at.pointer), finding.Quote(e.wire))
		return
	}
	if !e.list && !p.allows(c, e.wire) {
		d.note("%s is in an example, but the schema at %s does not list it", finding.Quote(e.wire), show(e.at.pointer))
		return
	}
	code := c.add(e.wire)
	if code == nil {
		return
	}
	if !e.list {
		c.from("examples")
	}
	code.describe(e.value)
	code.evidence = append(code.evidence, e)
	if e.body != nil {
		d.texts(code, e, p, fields)
	}
}

// allows reports whether a schema of the place lists a value, or any value.
func (p *place) allows(c *catalog, wire string) bool {
	return slices.ContainsFunc(p.spots, func(s spot) bool {
		listed := c.source(s).listed
		return len(listed) == 0 || listed[wire]
	})
}

// texts takes the message next to a code of an example, if the code is in the first item of its lists, as the envelope reads it.
func (d *drafter) texts(code *code, e evidence, p *place, fields [][2]string) {
	message := ""
	for _, f := range fields {
		if f[0] == "message" {
			message = or(message, f[1])
		}
	}
	if message == "" || at(e.body, p.pointer) != e.wire {
		return
	}
	if title := titleOf(message); title != "" {
		code.describe(value{title: at(e.body, title)})
	}
	code.message = or(code.message, at(e.body, message))
}

// lists adds the codes in x-errors of the document and in x-error-codes of operations and responses.
func (d *drafter) lists(c *catalog) {
	if list := d.set.Root.Get("x-errors"); list != nil {
		for i, item := range list.Items {
			key := ""
			if list.Kind == load.Map {
				key = list.Keys[i].Text()
			}
			d.known(c, key, item)
		}
	}
	for _, op := range d.spec.Operations {
		for _, list := range op.Lists {
			for _, t := range list.Codes {
				if code := d.addListed(c, t.Value, "x-error-codes"); code != nil && list.Status != "" {
					code.seen(statusOf(list.Status))
				}
			}
		}
	}
}

func (d *drafter) addListed(c *catalog, wire, where string) *code {
	if !lint.Clean(wire) || oneLine(wire) != wire || wire == "" {
		return nil
	}
	code := c.add(wire)
	if code == nil {
		d.note("%s is in %s, but the schema at %s does not list it", finding.Quote(wire), where, show(c.at.pointer))
		return nil
	}
	c.from(where)
	return code
}

// known reads one entry of x-errors: {name, message, link} or {code, status, title}, or these under the code as key.
func (d *drafter) known(c *catalog, key string, n *load.Node) {
	code := d.addListed(c, or(or(key, n.Get("code").Text()), n.Get("name").Text()), "x-errors")
	if code == nil {
		return
	}
	for _, s := range []string{"status", "http", "http_status"} {
		if v := n.Get(s); v != nil {
			code.seen(statusOf(v.Value))
		}
	}
	code.describe(value{title: n.Get("title").Text(), description: or(n.Get("description").Text(), n.Get("message").Text())})
	page, part, _ := strings.Cut(n.Get("link").Text(), "#")
	if u, err := url.Parse(page); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(page, " \"'<>\\^`{|}") {
		return
	}
	c.upstream = or(c.upstream, page)
	if page == c.upstream && matches(fragment, part) {
		code.upstreamAnchor = part
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
