package record

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// numbersWord is the extension that says which numbers are no personal data.
const numbersWord = "x-record-numbers"

// model is what the recorder needs of a spec.
type model struct {
	servers     []*url.URL
	routes      []route
	literals    map[string]bool // segments of paths that are no parameters
	keepNumbers bool            // x-record-numbers: keep
	text        []catalogText
}

// route is one operation.
type route struct {
	id, method string
	segments   []string
	op         *openapi3.Operation
	parameters openapi3.Parameters
}

func readSpec(spec []byte) (*model, error) {
	doc, err := openapi3.NewLoader().LoadFromData(spec)
	if err != nil {
		return nil, errors.New("record: the spec cannot be read as OpenAPI 3; want the YAML or JSON of a document without external references")
	}
	m := &model{literals: map[string]bool{}, keepNumbers: doc.Extensions[numbersWord] == "keep"}
	for _, server := range doc.Servers {
		if u, err := url.Parse(server.URL); err == nil && u.Host != "" && !strings.Contains(server.URL, "{") {
			u.User, u.RawQuery, u.Fragment = nil, "", ""
			m.servers = append(m.servers, u)
		}
	}
	if doc.Paths == nil || doc.Paths.Len() == 0 {
		return nil, errors.New("record: the spec has no paths; nothing of any traffic could be kept")
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for method, op := range item.Operations() {
			r := route{id: op.OperationID, method: method, segments: strings.Split(strings.Trim(path, "/"), "/"), op: op}
			r.parameters = append(append(r.parameters, op.Parameters...), item.Parameters...)
			m.routes = append(m.routes, r)
			for _, s := range r.segments {
				if !parameter(s) {
					m.literals[s] = true
				}
			}
		}
	}
	if doc.Components != nil {
		if err := m.readTexts(doc.Components.Schemas); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func parameter(segment string) bool { return strings.HasPrefix(segment, "{") }

// find returns the operation of a request, nil if there is none, and the segments of
// its path without the path of a base URL.
func (m *model) find(method, path string) (*route, []string) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	var best *route
	var below []string
	rank := -1
	for i := range m.routes {
		r := &m.routes[i]
		skip := len(segments) - len(r.segments)
		if r.method != method || skip < 0 || skip > maxPrefix {
			continue
		}
		if n := r.fits(segments[skip:]); n >= 0 && n*10-skip > rank {
			best, below, rank = r, segments[skip:], n*10-skip
		}
	}
	return best, below
}

// maxPrefix is the most segments of a base URL's path.
const maxPrefix = 8

// fits returns how many segments of a path are literally those of the operation, -1 if
// it is another path.
func (r *route) fits(segments []string) int {
	literal := 0
	for i, s := range r.segments {
		switch {
		case parameter(s):
			if segments[i] == "" {
				return -1
			}
		case s != segments[i]:
			return -1
		default:
			literal++
		}
	}
	return literal
}

// parameter returns the schemas of a parameter of the operation; nil if it declares none.
func (r *route) parameter(in, name string) []*openapi3.Schema {
	if r == nil {
		return nil
	}
	for _, p := range r.parameters {
		if p.Value == nil || p.Value.In != in || p.Value.Schema == nil {
			continue
		}
		if p.Value.Name == name || in == openapi3.ParameterInHeader && strings.EqualFold(p.Value.Name, name) {
			return []*openapi3.Schema{p.Value.Schema.Value}
		}
	}
	return nil
}

// request returns the schemas of the request body by media type.
func (r *route) request() openapi3.Content {
	if r == nil || r.op.RequestBody == nil || r.op.RequestBody.Value == nil {
		return nil
	}
	return r.op.RequestBody.Value.Content
}

// response returns the schemas of a response body by media type.
func (r *route) response(status int) openapi3.Content {
	if r == nil || r.op.Responses == nil {
		return nil
	}
	for _, key := range []string{fmt.Sprint(status), fmt.Sprintf("%dXX", status/100), "default"} {
		if ref := r.op.Responses.Value(key); ref != nil && ref.Value != nil {
			return ref.Value.Content
		}
	}
	return nil
}

// header returns the schemas of a response header.
func (r *route) header(status int, name string) []*openapi3.Schema {
	if r == nil || r.op.Responses == nil {
		return nil
	}
	for _, key := range []string{fmt.Sprint(status), fmt.Sprintf("%dXX", status/100), "default"} {
		ref := r.op.Responses.Value(key)
		if ref == nil || ref.Value == nil {
			continue
		}
		for declared, h := range ref.Value.Headers {
			if strings.EqualFold(declared, name) && h.Value != nil && h.Value.Schema != nil {
				return []*openapi3.Schema{h.Value.Schema.Value}
			}
		}
	}
	return nil
}

// schemas returns all schemas of a body: a provider may use one status or media type for
// several documents.
func schemas(content openapi3.Content) (all []*openapi3.Schema) {
	for _, media := range slices.Sorted(maps.Keys(content)) {
		if s := content[media].Schema; s != nil && s.Value != nil {
			all = append(all, s.Value)
		}
	}
	return all
}

// failures returns the schemas of every declared response, for a status that the
// operation does not declare.
func (r *route) failures() (all []*openapi3.Schema) {
	if r == nil || r.op.Responses == nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(r.op.Responses.Map())) {
		if ref := r.op.Responses.Value(key); ref != nil && ref.Value != nil {
			all = append(all, schemas(ref.Value.Content)...)
		}
	}
	return all
}

// url returns the URL that is recorded instead of the real one, without its query.
func (k *keeper) url(r *http.Request, op *route, segments []string) string {
	if op == nil {
		segments = strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	}
	out := k.server(r.URL)
	for i, s := range segments[:min(len(segments), 64)] {
		switch {
		case op != nil && !parameter(op.segments[i]), op == nil && (s == "" || k.spec.literals[s]):
			out += "/" + s
		case op != nil:
			value, err := url.PathUnescape(s)
			if err != nil {
				value = s
			}
			out += "/" + url.PathEscape(k.word(op.parameter(openapi3.ParameterInPath, strings.Trim(op.segments[i], "{}")), value))
		default:
			out += "/" + k.placeholder(s)
		}
	}
	return out
}

// server returns the host of the spec instead of that of the request, which may name
// the merchant or an internal proxy. A loopback address is kept without its port, so
// that a reader sees which recordings were made against a sandbox.
func (k *keeper) server(u *url.URL) string {
	if loopback(u.Hostname()) && u.Scheme == "https" {
		return "https://localhost"
	} else if loopback(u.Hostname()) {
		return "http://localhost"
	}
	for _, s := range k.spec.servers {
		if s.Scheme == u.Scheme && s.Host == u.Host {
			return s.Scheme + "://" + s.Host
		}
	}
	if len(k.spec.servers) > 0 {
		return k.spec.servers[0].Scheme + "://" + k.spec.servers[0].Host
	}
	return "https://redacted.example"
}
