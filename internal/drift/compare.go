// Package drift compares recorded HTTP traffic with a spec and reports where the two
// differ. It reads HAR files of any origin. Nothing that it returns contains a value of
// the traffic, except for codes and words of enumerations.
package drift

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxHosts is how many hosts are told apart.
const maxHosts = 500

// comparison is the state of Compare.
type comparison struct {
	spec   *Spec
	only   []string // hosts to compare; empty decides by the spec
	report *Report
	hosts  map[string]*collection
	room   room
}

// Compare compares the entries of HAR files with the spec. It compares the hosts that are
// given. Without any it compares the hosts of the spec's servers if the files have them,
// and otherwise each host of which a request matches an operation. An *InputError says
// that a file cannot be used, or that nothing in it belongs to the spec.
func (s *Spec) Compare(hosts, files []string) (*Report, error) {
	c := s.comparison(hosts)
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, inputErrorf("the recording cannot be read: %v", err)
		}
		err = c.read(filepath.Base(name), f)
		_ = f.Close()
		if err != nil {
			return nil, err
		}
	}
	return c.report, c.choose()
}

func (s *Spec) comparison(hosts []string) *comparison {
	c := &comparison{
		spec: s, hosts: map[string]*collection{}, room: room{maxFindings, maxShapes},
		report: &Report{Spec: s.Name, Findings: []*Finding{}, Seen: []*Seen{}, Hosts: []string{}, OtherHosts: map[string]int{}, spec: s},
	}
	for _, h := range hosts {
		c.only = append(c.only, strings.ToLower(h))
	}
	return c
}

func (c *comparison) read(name string, r io.Reader) error {
	c.report.Files = append(c.report.Files, name)
	return readHAR(name, r, func(i int, e *entry) { c.entry(e, Evidence{File: name, Entry: i, Time: e.time()}) })
}

// choose puts the findings of the compared hosts into the report.
func (c *comparison) choose() error {
	chosen, matched := c.only, 0
	if len(chosen) == 0 {
		byServer := func(name string) bool { return c.spec.hosts[name] && c.hosts[name].matched > 0 }
		named := slices.ContainsFunc(slices.Collect(maps.Keys(c.hosts)), byServer)
		for name, h := range c.hosts {
			if h.matched > 0 && (!named || c.spec.hosts[name]) {
				chosen = append(chosen, name)
			}
		}
	}
	var all []*collection
	for _, name := range slices.Sorted(maps.Keys(c.hosts)) {
		h := c.hosts[name]
		if slices.Contains(chosen, name) {
			all, matched = append(all, h), matched+h.matched
			c.report.Hosts = append(c.report.Hosts, showHost(name))
			continue
		}
		c.report.OtherHosts[showHost(name)] += h.entries
	}
	if matched == 0 {
		return inputErrorf("no entry matches an operation of %s; %s", c.spec.Name, c.hostsSeen())
	}
	c.report.merge(all)
	return nil
}

func (c *comparison) hostsSeen() string {
	if c.report.Entries == 0 {
		return "the recording has no entries"
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.hosts)) {
		names = append(names, showHost(name))
	}
	more := ""
	if len(names) > 10 {
		names, more = names[:10], fmt.Sprintf(" and %d others", len(names)-10)
	}
	return "the recording has requests to " + strings.Join(names, ", ") + more
}

func (c *comparison) entry(e *entry, at Evidence) {
	c.report.Entries++
	if e.Request == nil {
		c.host("").entries++
		return
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil || u.Host == "" {
		c.host("").entries++
		return
	}
	name := strings.ToLower(u.Host)
	h := c.host(name)
	h.entries++
	if len(c.only) > 0 && !slices.Contains(c.only, name) {
		return
	}
	if isPreflight(e) {
		h.preflights++
		return
	}
	x := exchange{spec: c.spec, to: h, first: at, entry: e, url: u}
	x.compare()
}

func (c *comparison) host(name string) *collection {
	h := c.hosts[name]
	if h == nil && len(c.hosts) >= maxHosts && !c.spec.hosts[name] && !slices.Contains(c.only, name) {
		name = ""
		h = c.hosts[name]
	}
	if h == nil {
		h = newCollection(&c.room)
		c.hosts[name] = h
	}
	return h
}

// exchange is a request with its response.
type exchange struct {
	spec  *Spec
	to    *collection
	first Evidence
	entry *entry
	url   *url.URL

	route *route
	op    *openapi3.Operation
	at    place
	sent  any // the decoded request body
}

func (x *exchange) compare() {
	method := x.entry.Request.Method
	x.at = place{in: "request"}
	x.route, x.op = x.spec.find(method, x.url.EscapedPath())
	switch {
	case x.route == nil:
		path := showPath(x.url.EscapedPath())
		x.found(problem{kind: UnknownPath, pointer: path, expected: "a path of the spec", seen: showMethod(method) + " " + path, value: showMethod(method)})
		return
	case x.op == nil:
		declared := slices.Sorted(maps.Keys(x.route.methods))
		x.at.operation = x.route.path
		x.found(problem{kind: UnknownMethod, pointer: x.route.path, expected: strings.Join(declared, ", "), seen: showMethod(method), value: showMethod(method)})
		return
	}
	x.to.matched++
	x.at.operation, x.at.at = operationName(x.op, method, x.route.path), x.route.at.with(strings.ToLower(method))
	x.marked("operation", x.op.Extensions, x.at.at)
	x.request()
	if x.entry.Response == nil || x.entry.Response.Status == 0 {
		x.to.noResponse++
		return
	}
	x.response()
}

func operationName(op *openapi3.Operation, method, path string) string {
	if op.OperationID != "" {
		return op.OperationID
	}
	return method + " " + path
}

func showMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return m
	}
	return "(another method)"
}

func (x *exchange) found(problems ...problem) {
	for _, p := range problems {
		x.to.add(p, x.at, x.first)
	}
}

func (x *exchange) marked(what string, extensions map[string]any, at location) {
	if reason, ok := extensions["x-unverified"].(string); ok {
		x.to.note(mark{at: at, what: what, reason: reason}, x.at.operation, x.first)
	}
}

func (x *exchange) result(r result) {
	x.found(r.problems...)
	for _, m := range r.marks {
		x.to.note(m, x.at.operation, x.first)
	}
}

func (x *exchange) walker(request bool) *walker {
	return &walker{spec: x.spec, request: request, replaced: x.entry.Attempt > 0}
}

// parameterAt is a parameter with its place in the spec.
type parameterAt struct {
	*openapi3.Parameter
	at location
}

func (x *exchange) parameters() (out []parameterAt) {
	list := func(all openapi3.Parameters, at location) {
		for i, p := range all {
			if p.Value == nil {
				continue
			}
			place := at.with("parameters", index(i))
			if p.Ref != "" {
				place = refLocation(p.Ref)
			}
			out = append(out, parameterAt{p.Value, place})
		}
	}
	list(x.op.Parameters, x.at.at)
	list(x.route.item.Parameters, x.route.at)
	return out
}

// request compares parameters and body.
func (x *exchange) request() {
	w := x.walker(true)
	query, _ := url.ParseQuery(x.url.RawQuery)
	declared := map[string]bool{}
	for _, p := range x.parameters() {
		var texts []string
		switch p.In {
		case "query":
			declared[p.Name] = true
			texts = query[p.Name]
			if list, ok := query[p.Name+"[]"]; ok {
				declared[p.Name+"[]"], texts = true, list
			}
			if texts == nil && p.Required {
				x.found(problem{kind: MissingParameter, pointer: "query:" + p.Name, expected: "required", seen: "absent", node: node{at: p.at}})
			}
		case "header":
			if v := header(x.entry.Request.Headers, p.Name); v != "" {
				texts = []string{v}
			}
		case "path":
			x.marked("parameter", p.Extensions, p.at)
		}
		if texts == nil {
			continue
		}
		x.marked("parameter", p.Extensions, p.at)
		if p.Schema != nil {
			n := newNode(p.Schema, p.at.with("schema"))
			x.result(w.check(n, n.convert(texts), p.In+":"+p.Name, 0))
		}
	}
	x.undeclared(query, declared)
	x.requestBody(w)
}

// undeclared reports query parameters that the operation does not have, and headers whose
// prefix only this API has. Other headers belong to HTTP and to the client.
func (x *exchange) undeclared(query url.Values, declared map[string]bool) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		base, _, _ := strings.Cut(name, "[")
		if !declared[name] && !declared[base] && !x.spec.queryKeys[name] {
			x.found(problem{kind: Parameter, pointer: "query:" + showName(name), expected: "absent", seen: "present", name: name})
		}
	}
	for _, h := range x.entry.Request.Headers {
		if h != nil {
			x.undeclaredHeader(h.Name)
		}
	}
}

func (x *exchange) undeclaredHeader(name string) {
	low := strings.ToLower(name)
	if x.spec.headers[low] || !slices.ContainsFunc(x.spec.prefixes, func(p string) bool { return strings.HasPrefix(low, p) }) {
		return
	}
	x.found(problem{kind: Parameter, pointer: "header:" + showName(low), expected: "absent", seen: "present", name: name})
}

func (x *exchange) requestBody(w *walker) {
	b := x.entry.requestBody()
	rb := x.op.RequestBody
	if rb == nil || rb.Value == nil {
		if b.recorded && len(b.data) > 0 {
			x.found(problem{kind: ContentType, pointer: b.media, expected: "no body", seen: "a body"})
		}
		return
	}
	at := x.at.at.with("requestBody")
	if rb.Ref != "" {
		at = refLocation(rb.Ref)
	}
	if b.recorded && len(b.data) == 0 && b.params == nil {
		if rb.Value.Required {
			x.found(problem{kind: MissingMember, expected: "a body", seen: "an empty body"})
		}
		return
	}
	x.sent = x.body(w, rb.Value.Content, at, b)
}
