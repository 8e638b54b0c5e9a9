package drift

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/errgen/catalogs"
)

// maxSpec is the size of the largest spec that is read, in bytes.
const maxSpec = 8 << 20

// Spec is a spec to compare recordings with.
type Spec struct {
	Name     string // of its file
	doc      *openapi3.T
	api      *catalogs.API
	routes   []*route
	hosts    map[string]bool // of its servers
	bases    []string        // paths of its servers, longest first; "" is always one
	prefixes []string        // of headers that belong to the API, such as x-pay-
	headers  map[string]bool // all declared headers, in lower case
	// queryKeys are query parameters that authenticate.
	queryKeys map[string]bool
	v31       bool
}

// route is a path of the spec.
type route struct {
	path    string // template
	match   *regexp.Regexp
	literal int // characters outside parameters
	item    *openapi3.PathItem
	methods map[string]*openapi3.Operation // by method in upper case
	at      location
}

// LoadSpec reads a spec and the files that it refers to, which must be in its folder.
func LoadSpec(name string) (*Spec, error) { return loadSpec(name, nil) }

// loadSpec reads a spec; change, if it is not nil, edits it before it is read.
func loadSpec(name string, change func([]byte) ([]byte, error)) (*Spec, error) {
	data, err := readLimited(name)
	if err == nil && change != nil {
		data, err = change(data)
	}
	if err != nil {
		return nil, inputErrorf("the spec cannot be read: %v", err)
	}
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, inputErrorf("the folder of the spec cannot be opened: %v", err)
	}
	defer func() { _ = root.Close() }()
	api, err := catalogs.Read(catalogs.Source{Name: filepath.ToSlash(name), Data: data, Files: root.FS()})
	if err != nil {
		return nil, inputErrorf("the spec cannot be read: %v", err)
	}
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, at *url.URL) ([]byte, error) {
		path, err := filepath.Rel(filepath.Dir(name), filepath.FromSlash(at.Path))
		if err != nil || at.Host != "" {
			return nil, errors.New("a reference leads out of the folder of the spec")
		}
		return fsRead(root, path)
	}
	doc, err := loader.LoadFromDataWithPath(data, &url.URL{Path: filepath.ToSlash(name)})
	if err != nil {
		return nil, inputErrorf("%s: the spec cannot be read: %v", filepath.ToSlash(name), err)
	}
	s := &Spec{Name: filepath.Base(name), doc: doc, api: api, v31: strings.HasPrefix(doc.OpenAPI, "3.1")}
	s.addServers()
	s.addRoutes()
	s.addHeaders()
	if len(s.routes) == 0 {
		return nil, inputErrorf("%s has no paths", filepath.ToSlash(name))
	}
	return s, nil
}

func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readAll(f)
}

func fsRead(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readAll(f)
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSpec+1))
	if err == nil && len(data) > maxSpec {
		return nil, inputErrorf("it has more than %d bytes", maxSpec)
	}
	return data, err
}

func (s *Spec) addServers() {
	s.hosts, s.bases = map[string]bool{}, []string{""}
	for _, server := range s.doc.Servers {
		u, err := url.Parse(server.URL)
		if err != nil {
			continue
		}
		if u.Host != "" {
			s.hosts[strings.ToLower(u.Host)] = true
		}
		if base := strings.TrimSuffix(u.EscapedPath(), "/"); !slices.Contains(s.bases, base) {
			s.bases = append(s.bases, base)
		}
	}
	slices.SortStableFunc(s.bases, func(a, b string) int { return len(b) - len(a) })
}

var parameter = regexp.MustCompile(`\\\{[^{}/]*\\\}`)

func (s *Spec) addRoutes() {
	if s.doc.Paths == nil {
		return
	}
	for _, path := range slices.Sorted(maps.Keys(s.doc.Paths.Map())) {
		pattern := parameter.ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`)
		match, err := regexp.Compile("^" + pattern + "$")
		if err != nil {
			continue
		}
		literal := len(regexp.MustCompile(`\{[^{}/]*\}`).ReplaceAllString(path, ""))
		s.routes = append(s.routes, &route{path: path, match: match, literal: literal, item: s.doc.Paths.Value(path), methods: s.doc.Paths.Value(path).Operations(), at: location{"paths", path}})
	}
	slices.SortStableFunc(s.routes, func(a, b *route) int { return b.literal - a.literal })
}

// find returns the route of a path and the operation of a method, which is nil if the
// path does not have it.
func (s *Spec) find(method, path string) (found *route, op *openapi3.Operation) {
	for _, base := range s.bases {
		rest, ok := strings.CutPrefix(path, base)
		if !ok {
			continue
		}
		for _, r := range s.routes {
			if !r.match.MatchString(rest) {
				continue
			}
			if op := r.methods[method]; op != nil {
				return r, op
			}
			if found == nil {
				found = r
			}
		}
	}
	return found, nil
}

// addHeaders collects the declared headers and the prefixes that only this API has: those
// that at least two of them share.
func (s *Spec) addHeaders() {
	s.headers, s.queryKeys = map[string]bool{}, map[string]bool{}
	parameters := func(list openapi3.Parameters) {
		for _, p := range list {
			if p.Value != nil && p.Value.In == "header" {
				s.headers[strings.ToLower(p.Value.Name)] = true
			}
		}
	}
	for _, r := range s.routes {
		parameters(r.item.Parameters)
		for _, op := range r.methods {
			parameters(op.Parameters)
			if op.Responses == nil {
				continue
			}
			for _, resp := range op.Responses.Map() {
				if resp.Value != nil {
					for name := range resp.Value.Headers {
						s.headers[strings.ToLower(name)] = true
					}
				}
			}
		}
	}
	if s.doc.Components != nil {
		for _, scheme := range s.doc.Components.SecuritySchemes {
			switch {
			case scheme.Value == nil:
			case scheme.Value.In == "header":
				s.headers[strings.ToLower(scheme.Value.Name)] = true
			case scheme.Value.In == "query":
				s.queryKeys[scheme.Value.Name] = true
			}
		}
	}
	count := map[string]int{}
	for name := range s.headers {
		if parts := strings.SplitN(name, "-", 3); len(parts) == 3 && parts[0] == "x" {
			count["x-"+parts[1]+"-"]++
		}
	}
	for prefix, n := range count {
		if n > 1 && prefix != "x-request-" {
			s.prefixes = append(s.prefixes, prefix)
		}
	}
}

// isPreflight reports whether a request is a browser's question about another one.
func isPreflight(e *entry) bool {
	return e.Request.Method == http.MethodOptions && header(e.Request.Headers, "Access-Control-Request-Method") != ""
}

// location is a place in the spec, as the keys that lead to it; nil is not in its file.
type location []string

func (l location) with(keys ...string) location {
	if l == nil {
		return nil
	}
	return append(slices.Clip(l), keys...)
}

// plainKeys are written as .key in a JSONPath. All others are quoted, because readers take
// names such as count and length for functions.
var plainKeys = map[string]bool{
	"paths": true, "get": true, "put": true, "post": true, "delete": true, "patch": true, "head": true, "options": true, "trace": true,
	"components": true, "schemas": true, "responses": true, "parameters": true, "requestBody": true, "requestBodies": true, "headers": true,
	"content": true, "schema": true, "properties": true, "additionalProperties": true, "items": true, "anyOf": true, "oneOf": true, "allOf": true, "required": true,
}

// String returns the location as a JSONPath.
func (l location) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, key := range l {
		switch {
		case plainKeys[key]:
			b.WriteString("." + key)
		case isIndex(key):
			b.WriteString("[" + key[1:] + "]")
		default:
			b.WriteString("['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(key) + "']")
		}
	}
	return b.String()
}

// indexMark begins a key that is an index of a list. No name in a document has it.
const indexMark = "\x00"

// isIndex reports whether a key is an index of a list.
func isIndex(key string) bool { return strings.HasPrefix(key, indexMark) }

// refLocation returns where a reference leads to.
func refLocation(ref string) location {
	rest, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	keys := strings.Split(rest, "/")
	for i, k := range keys {
		if u, err := url.PathUnescape(k); err == nil {
			k = u
		}
		if strings.Contains(k, "~") {
			k = strings.ReplaceAll(strings.ReplaceAll(k, "~1", "/"), "~0", "~")
		}
		keys[i] = k
	}
	return keys
}
