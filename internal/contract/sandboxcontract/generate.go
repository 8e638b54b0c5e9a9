package sandboxcontract

import (
	"fmt"
	"maps"
	rand "math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
)

// generator makes probes from the spec. A seed always makes the same ones, as long as
// the responses of the sandbox are the same.
type generator struct {
	*prober
	*rand.Rand
	make specmodel.Maker
}

// generatedRequestsAreHandled sends requests to the sandbox: valid, nearly valid,
// hostile, unauthorized, and about resources that were deleted.
func generatedRequestsAreHandled(t *testing.T, s harness.Suite) {
	const seed = 1
	p := newProber(t, s)
	want := sample.Count(1000, max(120, 8*len(p.Calls)))
	g := p.generator(seed)
	for n := range want {
		if problem := p.probe(g.next(n)); problem != "" {
			t.Errorf("seed %d, case %d, %s", seed, n, problem)
		}
		if n%3 == 0 {
			g.payRandom()
		}
	}
	deleted := g.deletedResourcesAreGone(t)
	t.Logf("%d requests, %d resources deleted, %d of %d operations succeeded; %d requests with null for an optional member were accepted",
		want, deleted, len(p.accepted), len(p.Calls), p.nulls)
}

// payRandom pays a random resource, if it can be paid.
func (g *generator) payRandom() {
	var known []string
	for _, name := range slices.Sorted(maps.Keys(g.pool)) {
		if strings.HasSuffix(name, "id") {
			known = append(known, g.pool[name]...)
		}
	}
	if len(known) > 0 {
		if status, body := g.send(probe{method: http.MethodPost, target: "/_sandbox/pay", body: `{"id":` + string(specmodel.Encode(known[g.IntN(len(known))])) + `}`}); status < 300 {
			g.learn([]byte(body))
		}
	}
}

func (p *prober) generator(seed uint64) *generator {
	k := specmodel.Maker{}
	specmodel.EachOperation(p.Doc, func(_, _ string, op *openapi3.Operation) {
		if schema, example := specmodel.RequestBody(op); schema != nil && example != nil {
			k.Learn(schema, example)
		}
	})
	return &generator{prober: p, Rand: rand.New(rand.NewPCG(seed, seed)), make: k}
}

// next makes the n-th probe. Operations and kinds take turns.
func (g *generator) next(n int) probe {
	c := g.Calls[n%len(g.Calls)]
	valid := g.valid(c)
	switch (n / len(g.Calls)) % 8 {
	case 0, 1:
		return valid
	case 2, 3, 4:
		return g.nearly(c, valid)
	case 5, 6:
		return g.hostile(valid)
	}
	valid.name, valid.auth, valid.refused = "unauthorized "+c.ID, []string{"none", "wrong"}[g.IntN(2)], true
	return valid
}

func (g *generator) operation(c *harness.Operation) *openapi3.Operation {
	return g.Doc.Paths.Value(c.Path).GetOperation(c.Method)
}

// valid makes a request that the spec allows. Some of its ids exist.
func (g *generator) valid(c *harness.Operation) probe {
	op := g.operation(c)
	p := probe{name: "valid " + c.ID, method: c.Method, target: g.target(c, op)}
	schema, example := specmodel.RequestBody(op)
	if schema == nil {
		return p
	}
	doc := specmodel.Decode(specmodel.Encode(example))
	if example == nil || g.IntN(3) == 0 {
		doc = specmodel.Decode(specmodel.Encode(g.make.Instance(schema, g.IntN(4))))
	}
	alive := specmodel.Edits{Replace: map[string]string{}}
	for _, m := range specmodel.Members(doc) {
		if known := g.pool[strings.ToLower(m.Name)]; len(known) > 0 && strings.HasSuffix(strings.ToLower(m.Name), "id") && g.IntN(4) > 0 {
			alive.Replace[m.Pointer] = string(specmodel.Encode(known[g.IntN(len(known))]))
		}
		if strings.HasSuffix(m.Name, "RequestId") { // chosen by the merchant, and its idempotency key
			alive.Replace[m.Pointer] = string(specmodel.Encode(fmt.Sprintf("r-%d", g.Uint32())))
		}
	}
	p.body = alive.Write(doc)
	return p
}

// target fills a path with ids and a query with values from the spec.
func (g *generator) target(c *harness.Operation, op *openapi3.Operation) string {
	path, query := c.Path, url.Values{}
	params := slices.Concat(g.Doc.Paths.Value(c.Path).Parameters, op.Parameters)
	for _, ref := range params {
		v := ref.Value
		switch v.In {
		case "path":
			path = strings.Replace(path, "{"+v.Name+"}", url.PathEscape(g.id(v)), 1)
		case "query":
			if v.Required || g.IntN(3) == 0 {
				query.Set(v.Name, fmt.Sprint(g.make.Instance(v.Schema.Value, 1)))
			}
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// id returns an id of a response, the example of the spec, or an invented one.
func (g *generator) id(p *openapi3.Parameter) string {
	var known []string
	for _, name := range []string{p.Name, "id"} {
		known = append(known, g.pool[strings.ToLower(name)]...)
	}
	switch {
	case len(known) > 0 && g.IntN(5) > 0:
		return known[g.IntN(len(known))]
	case p.Example != nil:
		return fmt.Sprint(p.Example)
	}
	return "invented-0001"
}

// nearly makes one part of a valid request invalid.
func (g *generator) nearly(c *harness.Operation, p probe) probe {
	schema, _ := specmodel.RequestBody(g.operation(c))
	doc := specmodel.Decode([]byte(p.body))
	all := specmodel.Members(doc)
	if schema == nil || len(all) == 0 {
		p.name = "nearly " + c.ID + " with an invented id"
		p.target = strings.NewReplacer("{", "invented-", "}", "").Replace(c.Path)
		p.refused = strings.Contains(c.Path, "{")
		return p
	}
	m := all[g.IntN(len(all))]
	values := []string{"null", "7", "-1", "1e400", "3.5", "true", `"x"`, `""`, "[]", "{}", `[{}]`, `"` + strings.Repeat("x", 5000) + `"`, `"\u0000"`, `"2026-13-45"`}
	switch g.IntN(6) {
	case 0:
		if must := specmodel.Required(schema, doc); len(must) > 0 {
			at := must[g.IntN(len(must))]
			p.name, p.body = "nearly "+c.ID+" without "+at, specmodel.Edits{Drop: at}.Write(doc)
			return p
		}
	case 1:
		p.name, p.contentType, p.refused = "nearly "+c.ID+" as XML", "application/xml", true
		return p
	case 2:
		p.name, p.refused = "nearly "+c.ID+" with a member twice", true
		p.body = specmodel.Edits{Insert: map[string]string{m.Object: string(specmodel.Encode(m.Name)) + ":null,"}}.Write(doc)
		return p
	}
	v := values[g.IntN(len(values))]
	p.name, p.body = fmt.Sprintf("nearly %s with %s = %.20s", c.ID, m.Pointer, v), specmodel.Edits{Replace: map[string]string{m.Pointer: v}}.Write(doc)
	return p
}

// hostile makes a request that a client does not send by mistake.
func (g *generator) hostile(p probe) probe {
	p.refused = true
	switch what := g.IntN(10); what {
	case 0:
		p.name, p.body = "hostile 2 MiB", `{"x":"`+strings.Repeat("x", 2<<20)+`"}`
	case 1:
		p.name, p.body = "hostile brackets", faulthttp.Brackets(100_000)
	case 2:
		p.name, p.body = "hostile nesting", strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)
	case 3:
		p.name, p.body = "hostile bytes", "\xff\xfe\x00{\x80}"
	case 4:
		p.name, p.body = "hostile second document", p.body+"{} {}"
	case 5:
		p.name, p.method = "hostile method", []string{"PUT", "TRACE", "OPTIONS", "HEAD", "PROPFIND", "X"}[g.IntN(6)]
	case 6:
		paths := []string{"/", "//", "/..", "/v2//invoice", "/%00", "/%2e%2e/%2e%2e/etc", "/" + strings.Repeat("a", 8000), "/v1/payments/../../x", "/ä", "/v2/invoice/" + strings.Repeat("%2f", 100)}
		p.name, p.target = "hostile path", paths[g.IntN(len(paths))]
	case 7:
		p.name, p.target = "hostile query", p.target+"?"+strings.Repeat("a=b&", 2000)+"page=-1&limit=99999999999999999999&%zz"
		p.refused = false
	case 8:
		p.name, p.refused = "hostile header", false
		p.change = func(h http.Header) {
			h.Set("X-Flood", strings.Repeat("x", 20_000))
			h["Authorization"] = append(h["Authorization"], "Bearer x")
			h.Set("Accept", "*/*;q=99")
		}
	default:
		p.name, p.body = "hostile truncation", p.body[:len(p.body)/2]+"\x00"
	}
	return p
}

// deletedResourcesAreGone deletes resources and reads them again: each is gone, or reads
// differently.
func (g *generator) deletedResourcesAreGone(t *testing.T) (n int) {
	t.Helper()
	for _, c := range g.Calls {
		if c.Method != http.MethodDelete {
			continue
		}
		for range 60 { // until one can be deleted
			target := g.target(c, g.operation(c))
			before := g.fetch(target)
			if before == "" || g.ended[target] {
				continue
			}
			if status, _ := g.send(probe{method: c.Method, target: target}); status >= 400 {
				continue
			}
			after := g.fetch(target)
			again, body := g.send(probe{method: c.Method, target: target})
			if after == before || after == "" && (again < 400 || again >= 500) {
				t.Errorf("operation %s, input %s: after deletion it reads as %s, and deleting it again gives status %d with body %s", c.ID, target, harness.Short(after), again, harness.Short(body))
			}
			n++
			break
		}
	}
	return n
}

// fetch reads a resource; "" if it does not exist.
func (g *generator) fetch(target string) string {
	status, body := g.send(probe{method: http.MethodGet, target: target})
	if status >= 400 {
		return ""
	}
	return body
}
