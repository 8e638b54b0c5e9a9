package specpay_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestUnverifiedIsVisible compares each spec with what is generated from it: every x-unverified has to reach the comment of
// its Go declaration, if it has one, and the reference page in every format.
func TestUnverifiedIsVisible(t *testing.T) {
	for _, p := range []string{"qpay", "openapi", "xpay", "gateway"} {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			s := readMarks(t, "specs/"+p+".yaml")
			if len(s.marks) == 0 {
				t.Fatal("the spec has no x-unverified; does the test read it?")
			}
			docs := goDocs(t, p+"/client.gen.go", p+"/errors.gen.go")
			for _, m := range s.marks {
				if strings.HasSuffix(m.reason, ".") || m.reason == "" {
					t.Errorf("%s: the reason %q is empty or has a final period", m.path, m.reason)
				}
				for _, place := range s.places(t, m, docs) {
					docs.check(t, place)
				}
			}
			docs.checkReasons(t, s.marks)
			checkPages(t, p, s.marks)
		})
	}
}

// mark is an x-unverified with the keys that lead to it.
type mark struct {
	path   []string
	node   *yaml.Node
	reason string
}

func (m mark) ofCode() bool { return len(m.path) > 4 && m.path[3] == "x-error-catalog" }

type markedSpec struct {
	root  *yaml.Node
	marks []mark
}

func readMarks(t *testing.T, name string) markedSpec {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	s := markedSpec{root: doc.Content[0]}
	s.walk(s.root, nil)
	return s
}

func (s *markedSpec) walk(n *yaml.Node, path []string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.SequenceNode {
		for i, item := range n.Content {
			s.walk(item, append(slices.Clip(path), strconv.Itoa(i)))
		}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if key == "x-unverified" {
			reason := n.Content[i+1]
			if reason.Kind == yaml.AliasNode {
				reason = reason.Alias
			}
			s.marks = append(s.marks, mark{path, n, words(reason.Value)})
			continue
		}
		s.walk(n.Content[i+1], append(slices.Clip(path), key))
	}
}

// goPlace is a Go declaration and the paragraph that its comment must have.
type goPlace struct{ name, paragraph string }

// places returns where users of the Go package have to see a mark.
func (s markedSpec) places(t *testing.T, m mark, docs declarations) []goPlace {
	t.Helper()
	paragraph := "Unverified: " + m.reason + "."
	switch path := m.path; {
	case m.ofCode():
		return []goPlace{{"const " + path[len(path)-1], paragraph}}
	case path[0] == "components" && path[1] == "schemas":
		return s.schemaPlaces(t, path[2:], paragraph, docs)
	case path[0] == "components" && path[1] == "parameters":
		name := value(m.node, "name")
		return s.parameterPlaces(path[2], "Unverified (parameter "+name+"): "+m.reason+".")
	case path[0] == "paths" && len(path) == 3 && !internal(m.node):
		return []goPlace{{"call " + strings.ToUpper(path[2]) + " " + path[1], paragraph}}
	case path[0] == "paths" && len(path) == 5 && path[3] == "responses":
		return []goPlace{{"call " + strings.ToUpper(path[2]) + " " + path[1], "Unverified (response " + path[4] + "): " + m.reason + "."}}
	case path[0] == "paths" && (len(path) == 3 || path[3] == "callbacks"), // not generated for an application
		path[0] == "servers",
		path[0] == "components" && slices.Contains([]string{"headers", "callbacks", "securitySchemes"}, path[1]):
		return nil
	}
	t.Errorf("%s: this test does not know where users have to see a mark of this place", m.path)
	return nil
}

// internal reports whether no client method is generated for an operation.
func internal(operation *yaml.Node) bool {
	tags := child(operation, "tags")
	return tags != nil && slices.ContainsFunc(tags.Content, func(n *yaml.Node) bool { return n.Value == "inbound" || n.Value == "operator" })
}

// schemaPlaces returns the type of a schema or the field of a property. The marks of a type that is not generated have to
// be on the fields that refer to it.
func (s markedSpec) schemaPlaces(t *testing.T, path []string, paragraph string, docs declarations) []goPlace {
	t.Helper()
	switch {
	case path[0] == "Acknowledgement": // only inbound operations use it
		return nil
	case len(path) == 3 && path[1] == "properties":
		return []goPlace{{"field " + strings.ToLower(path[0]) + " " + path[2], paragraph}}
	case len(path) != 1:
		t.Errorf("schema %s: this test does not know where users have to see a mark of this place", path)
		return nil
	case docs["type "+strings.ToLower(path[0])] != nil:
		return []goPlace{{"type " + strings.ToLower(path[0]), paragraph}}
	}
	var out []goPlace
	schemas := child(child(s.root, "components"), "schemas")
	for i := 0; i < len(schemas.Content); i += 2 {
		properties := child(schemas.Content[i+1], "properties")
		for j := 0; properties != nil && j < len(properties.Content); j += 2 {
			if strings.HasSuffix(value(properties.Content[j+1], "$ref"), "/"+path[0]) {
				out = append(out, goPlace{"field " + strings.ToLower(schemas.Content[i].Value) + " " + properties.Content[j].Value, paragraph})
			}
		}
	}
	if len(out) == 0 {
		t.Errorf("schema %s: no Go type and no field has its mark", path)
	}
	return out
}

// parameterPlaces returns the methods of the operations that refer to a parameter.
func (s markedSpec) parameterPlaces(name, paragraph string) []goPlace {
	var out []goPlace
	paths := child(s.root, "paths")
	for i := 0; i < len(paths.Content); i += 2 {
		item := paths.Content[i+1]
		for j := 0; j < len(item.Content); j += 2 {
			parameters := child(item.Content[j+1], "parameters")
			if parameters == nil {
				continue
			}
			for _, p := range parameters.Content {
				if strings.HasSuffix(value(p, "$ref"), "/parameters/"+name) {
					out = append(out, goPlace{"call " + strings.ToUpper(item.Content[j].Value) + " " + paths.Content[i].Value, paragraph})
				}
			}
		}
	}
	return out
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i+1]
			}
		}
	}
	return nil
}

func value(n *yaml.Node, key string) string {
	if v := child(n, key); v != nil {
		return v.Value
	}
	return ""
}

// words returns a text on one line.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// declarations has the paragraphs of the comments of generated declarations: types and their fields in lower case, methods by
// the operation that they call, and constants by their value.
type declarations map[string][]string

func goDocs(t *testing.T, names ...string) declarations {
	t.Helper()
	d := declarations{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		calls := map[string]string{} // variable of an operation -> its method and path
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				d.method(decl, calls)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					d.spec(decl, spec, calls)
				}
			}
		}
	}
	return d
}

func (d declarations) spec(decl *ast.GenDecl, spec ast.Spec, calls map[string]string) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		name := strings.ToLower(spec.Name.Name)
		d["type "+name] = paragraphs(decl.Doc)
		if fields, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range fields.Fields.List {
				tag, _ := strconv.Unquote(f.Tag.Value)
				member, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
				d["field "+name+" "+member] = paragraphs(f.Doc)
			}
		}
	case *ast.ValueSpec:
		for _, v := range spec.Values {
			switch v := v.(type) {
			case *ast.BasicLit:
				text, _ := strconv.Unquote(v.Value)
				d["const "+text] = append(d["const "+text], paragraphs(spec.Doc)...)
			case *ast.CompositeLit:
				calls[spec.Names[0].Name] = literal(v, "Method") + " " + literal(v, "Path")
			}
		}
	}
}

// literal returns the string of a key in a composite literal.
func literal(lit *ast.CompositeLit, key string) string {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			name, _ := kv.Key.(*ast.Ident)
			if text, ok := kv.Value.(*ast.BasicLit); ok && name != nil && name.Name == key {
				s, _ := strconv.Unquote(text.Value)
				return s
			}
		}
	}
	return ""
}

// method reads the comment of a method that makes a call.
func (d declarations) method(decl *ast.FuncDecl, calls map[string]string) {
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if v, ok := n.(*ast.UnaryExpr); ok {
			if name, ok := v.X.(*ast.Ident); ok && calls[name.Name] != "" && decl.Name.Name != "Inquire" {
				d["call "+calls[name.Name]] = paragraphs(decl.Doc)
			}
		}
		return true
	})
}

func paragraphs(doc *ast.CommentGroup) []string {
	var out []string
	for _, p := range strings.Split(doc.Text(), "\n\n") {
		out = append(out, words(p))
	}
	return out
}

func (d declarations) check(t *testing.T, p goPlace) {
	t.Helper()
	switch comment, ok := d[p.name]; {
	case !ok:
		t.Errorf("%s is not in the generated code", p.name)
	case !slices.Contains(comment, p.paragraph):
		t.Errorf("the comment of %s is %q, without the paragraph %q", p.name, comment, p.paragraph)
	}
}

// checkReasons checks that each generated reason is in the spec.
func (d declarations) checkReasons(t *testing.T, marks []mark) {
	t.Helper()
	for name, comment := range d {
		for _, p := range comment {
			_, reason, found := strings.Cut(p, ": ")
			if !found || !strings.HasPrefix(p, "Unverified") {
				continue
			}
			if !slices.ContainsFunc(marks, func(m mark) bool { return m.reason+"." == reason }) {
				t.Errorf("the comment of %s has the reason %q, which is not in the spec", name, reason)
			}
		}
	}
}

// checkPages checks the reference page of a provider in every format.
func checkPages(t *testing.T, provider string, marks []mark) {
	t.Helper()
	read := func(ext string) string {
		data, err := os.ReadFile("docs/errors/" + provider + "." + ext)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	var page struct {
		Unverified []struct{ Where, Reason string }
		Catalogs   []struct {
			Codes []struct{ Value, Unverified string }
		}
	}
	if err := json.Unmarshal([]byte(read("json")), &page); err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, c := range page.Catalogs {
		for _, code := range c.Codes {
			codes[code.Value] += code.Unverified
		}
	}
	markdown, web := html.UnescapeString(strings.ReplaceAll(read("md"), `\`, "")), html.UnescapeString(read("html"))
	var got, want []string
	for _, u := range page.Unverified {
		got = append(got, u.Reason)
	}
	for _, m := range marks {
		if m.ofCode() {
			if code := m.path[len(m.path)-1]; codes[code] != m.reason {
				t.Errorf("the JSON page says of the code %s: %q, want %q", code, codes[code], m.reason)
			}
		} else {
			want = append(want, m.reason)
		}
		if !strings.Contains(markdown, m.reason) || !strings.Contains(web, m.reason) {
			t.Errorf("%s: the Markdown or the HTML page does not have the reason %q", m.path, m.reason)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the JSON page lists the reasons %q, want %q", got, want)
	}
}
