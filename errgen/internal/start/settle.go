package start

import (
	"slices"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/internal/load"
)

// bodyEnvelope is the envelope of one body.
type bodyEnvelope struct {
	body   *body
	places []*place
	fields [][2]string
}

// settle derives from all bodies what no single one shows: the schema that carries the catalog, whether it is closed, the
// statuses of the codes, and the envelopes.
func (c *catalog) settle() {
	if c.text {
		return
	}
	c.closed = !slices.ContainsFunc(c.schemas, func(s *codeSchema) bool { return len(s.listed) == 0 })
	best := -1
	for _, s := range c.schemas {
		if rank := s.carries(); rank > best {
			c.at, best = s.spot, rank
		}
	}
	for _, code := range c.codes {
		for _, e := range code.evidence {
			for _, status := range e.statuses(c.byNode[e.at.node]) {
				code.seen(status)
			}
		}
	}
	c.join()
}

// carries ranks a schema as the place of the catalog. One without a list allows the codes of the others, and a component is
// easy to find.
func (s *codeSchema) carries() int {
	rank := 0
	if len(s.listed) == 0 {
		rank = 2
	}
	if strings.Count(s.pointer, "/") == 3 && strings.HasPrefix(s.pointer, "/components/schemas/") {
		rank++
	}
	return rank
}

// statuses returns the statuses that a code occurs with, as far as its evidence shows them: that of the response with the
// example; those of the responses with a schema that lists no other code; or the only one of the responses with a schema
// that may have other codes, unless the name of the code contradicts it. Of several responses, the name tells which one it
// belongs to.
func (e evidence) statuses(schema *codeSchema) []int {
	if e.status != 0 {
		return []int{e.status}
	}
	known, open := schema.known()
	named := statusOfName(e.wire)
	switch {
	case e.sole && e.list:
		return known
	case len(known) == 1 && !open && (named == 0 || category(named) == category(known[0])):
		return known
	case slices.Contains(known, named):
		return []int{named}
	}
	return nil
}

// known returns the distinct statuses of the responses with a schema. open reports whether some response has no certain status.
func (s *codeSchema) known() (statuses []int, open bool) {
	for _, status := range s.statuses {
		open = open || status == 0
		if status != 0 && !slices.Contains(statuses, status) {
			statuses = append(statuses, status)
		}
	}
	return statuses, open
}

func category(status int) apierr.Category { return apierr.OfStatus(status).Category }

// shared is the part of a body that several bodies have in common, with the place where they have it.
type shared struct {
	node *load.Node
	in   string
}

// join drafts the envelopes. If several bodies contain the same error object, one envelope is on that object.
func (c *catalog) join() {
	count := map[shared]int{}
	for _, b := range c.bodies {
		count[b.shared()]++
	}
	success, done := map[shared]bool{}, map[shared]bool{}
	for _, b := range c.bodies {
		success[b.shared()] = success[b.shared()] || b.body.success
	}
	for _, b := range c.bodies {
		s := b.shared()
		switch {
		case s.in == "" || count[s] == 1:
			c.envelopes = append(c.envelopes, envelope{at: b.body.spot, success: b.body.success, fields: b.fields})
		case !done[s]:
			done[s] = true
			e := envelope{at: b.places[0].host, in: s.in, success: success[s]}
			for _, f := range b.fields {
				e.fields = append(e.fields, [2]string{f[0], strings.TrimPrefix(f[1], s.in)})
			}
			c.envelopes = append(c.envelopes, e)
		}
	}
}

// shared returns the object below the root of a body that contains all parts of the error, or the zero shared.
func (b bodyEnvelope) shared() shared {
	first := b.places[0]
	in := parent(first.pointer)
	if slices.ContainsFunc(b.places, func(p *place) bool { return p.host.node != first.host.node }) ||
		slices.ContainsFunc(b.fields, func(f [2]string) bool { return !strings.HasPrefix(f[1], in+"/") }) {
		return shared{}
	}
	return shared{first.host.node, in}
}
