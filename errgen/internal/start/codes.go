package start

import (
	"net/url"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/lint"
	"github.com/specpay/specpay/errgen/internal/load"
)

// body drafts the catalog and the envelope of an error response.
func (d *drafter) body(b *body) {
	if b.text {
		return // drafted together; see text
	}
	candidates := d.candidates(b)
	if len(candidates) == 0 {
		d.note("%s: no property looks like an error code with values", show(b.pointer))
		return
	}
	best := candidates[0]
	c := d.byCode[best.node]
	if c == nil {
		if twin := d.twin(best); twin != nil {
			d.note("%s has its own schema with a code at %s; make it refer to the same component as %s", show(b.pointer), best.pointer, show(twin.at.pointer))
			d.fromExamples(twin, b, best.pointer)
			return
		}
		c = d.newCatalog(best.spot)
		if c == nil {
			return
		}
	}
	c.uses += b.uses
	if only := b.only(); only != 0 && best.exemplary == 0 {
		for _, code := range c.codes {
			code.seen(only)
		}
	}
	d.fromExamples(c, b, best.pointer)
	c.envelopes = append(c.envelopes, envelope{b.spot, d.neighbors(b, best.pointer)})
}

// twin returns the catalog of an equal body if both are inline schemas. Otherwise a spec that repeats its error schema
// would get a catalog for each copy.
func (d *drafter) twin(c candidate) *catalog {
	if !strings.HasPrefix(c.spot.pointer, "/paths/") {
		return nil
	}
	for _, have := range d.catalogs {
		if strings.HasPrefix(have.at.pointer, "/paths/") && len(have.envelopes) > 0 && have.envelopes[0].fields[0][1] == c.pointer {
			return have
		}
	}
	return nil
}

// newCatalog makes the catalog of a code schema with the values that the schema lists. It returns nil if lint would reject
// one of them.
func (d *drafter) newCatalog(at spot) *catalog {
	values := valuesOf(at.node)
	c := &catalog{at: at, byValue: map[string]*code{}}
	for _, v := range values {
		if !lint.Clean(v.wire) || strings.TrimSpace(v.wire) == "" || oneLine(v.wire) != v.wire {
			d.note("%s lists the value %s, which cannot be a code", show(at.pointer), finding.Quote(v.wire))
			return nil
		}
		if code := c.add(v.wire); code != nil {
			code.describe(v)
		}
	}
	if len(values) > 0 {
		c.closed = true
		c.from(strings.Join(source(at.node), " and "))
	}
	d.byCode[at.node] = c
	d.catalogs = append(d.catalogs, c)
	return c
}

// fromExamples takes codes, statuses and messages from the examples of a body.
func (d *drafter) fromExamples(c *catalog, b *body, pointer string) {
	message := ""
	for _, f := range d.neighbors(b, pointer) {
		if f[0] == "message" {
			message = or(message, f[1])
		}
	}
	for _, e := range b.examples {
		wire := at(e.value, pointer)
		if !plausible(wire) || !lint.Clean(wire) {
			continue
		}
		code := c.add(wire)
		if code == nil {
			d.note("%s is in an example, but the schema at %s does not list it", finding.Quote(wire), show(c.at.pointer))
			continue
		}
		c.from("examples")
		code.seen(e.status)
		if title := titleOf(message); title != "" {
			code.describe(value{title: at(e.value, title)})
		}
		if message != "" {
			code.message = or(code.message, at(e.value, message))
		}
	}
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
