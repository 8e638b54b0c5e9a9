package load

import (
	"errors"
	"io/fs"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// Source is a spec with the files that belong to it.
type Source struct {
	Name  string // path as printed in findings
	Data  []byte
	Files fs.FS // the folder of the spec, for $ref to files; nil rejects such references

	Overlay Document // changes to the spec, as an OpenAPI Overlay 1.0
	Catalog Document // errgen's extensions for a spec, by JSON pointer; applied after the overlay
}

// Set is a spec with the files that it refers to. Each file is read at most once.
type Set struct {
	Root  *Node
	Found finding.List // about the overlay and the catalog file

	files fs.FS
	dir   string
	docs  map[string]loaded
	index map[*Node]map[string]*Node // members of large maps, to resolve many references fast
	alone bool                       // no node has two parents, because nodes are changed
	nodes int                        // so far, if alone
	spent budget                     // by the files and the overlay
	full  bool                       // the overlay can add nothing more
}

type loaded struct {
	root *Node
	err  error
}

// Open parses the spec and merges the other documents into it. An error is a finding.Finding. Findings about the other
// documents are in Found.
func Open(src Source) (*Set, error) {
	name := strings.ReplaceAll(src.Name, "\\", "/")
	file := &File{Name: src.Name, Path: path.Base(name)}
	s := &Set{files: src.Files, dir: path.Dir(name), docs: map[string]loaded{}, index: map[*Node]map[string]*Node{}}
	root, err := parseCounted(file, src.Data, &s.spent)
	if err != nil {
		return nil, err
	}
	s.alone = root.Kind == Map && (src.Overlay.Name != "" || src.Catalog.Name != "")
	if s.Root, err = s.own(root); err != nil {
		return nil, err
	}
	s.docs[file.Path] = loaded{root: s.Root}
	if s.alone && src.Overlay.Name != "" {
		s.overlay(src.Overlay)
	}
	if s.alone && src.Catalog.Name != "" {
		s.sidecar(src.Catalog)
	}
	return s, nil
}

// Ref returns the $ref member of n, or nil. A schema property named $ref is not a reference.
func Ref(n *Node) *Node {
	if r := n.Get("$ref"); r != nil && r.Kind == Scalar && r.Tag == Str {
		return r
	}
	return nil
}

// Follow returns n or, if n is a reference, the end of its chain. An error is a finding.Finding at the reference.
func (s *Set) Follow(n *Node) (*Node, error) {
	first := Ref(n)
	for range maxHops {
		ref := Ref(n)
		if ref == nil {
			return n, nil
		}
		var err error
		if n, err = s.target(ref); err != nil {
			return nil, err
		}
	}
	return nil, fail(first, finding.Reference, "$ref %s leads to more than %d references, probably a cycle", finding.Quote(first.Value), maxHops)
}

// Next resolves the reference n by one step. An error is a finding.Finding.
func (s *Set) Next(n *Node) (*Node, error) { return s.target(Ref(n)) }

// Siblings reports whether members next to a $ref count, as they do in schemas since OpenAPI 3.1.
func (s *Set) Siblings() bool { return strings.HasPrefix(s.Root.Get("openapi").Text(), "3.1") }

func (s *Set) target(ref *Node) (*Node, error) {
	name, fragment, _ := strings.Cut(ref.Value, "#")
	root, err := s.document(ref, name)
	if err != nil {
		return nil, err
	}
	fragment, err = url.PathUnescape(fragment)
	if err != nil || fragment != "" && fragment[0] != '/' {
		return nil, fail(ref, finding.Reference, "$ref %s has no JSON pointer after #; write one such as /components/schemas/Name", finding.Quote(ref.Value))
	}
	n := root
	for _, token := range Tokens(fragment) {
		if n = s.step(n, token); n == nil {
			return nil, fail(ref, finding.Reference, "$ref %s: there is no %s", finding.Quote(ref.Value), finding.Quote(token))
		}
	}
	return n, nil
}

func (s *Set) step(n *Node, token string) *Node {
	switch {
	case n.Kind == Map && len(n.Keys) > 32:
		return s.members(n)[token]
	case n.Kind != List:
		return n.Get(token)
	}
	i, err := strconv.Atoi(token)
	if err != nil || i < 0 || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}

func (s *Set) members(n *Node) map[string]*Node {
	m, ok := s.index[n]
	if !ok {
		m = make(map[string]*Node, len(n.Keys))
		for i, k := range n.Keys {
			if _, twice := m[k.Value]; !twice {
				m[k.Value] = n.Items[i]
			}
		}
		s.index[n] = m
	}
	return m
}

// document returns the root of the file that a reference names. An empty name is the file of the reference.
func (s *Set) document(ref *Node, name string) (*Node, error) {
	file := ref.File.Path
	if name != "" {
		u, err := url.Parse(name)
		if err != nil || u.Scheme != "" || u.Host != "" || u.RawQuery != "" {
			return nil, fail(ref, finding.Reference, "$ref %s is a URL, which errgen does not open; refer to a file below the folder of the spec", finding.Quote(ref.Value))
		}
		file = path.Join(path.Dir(file), u.Path)
		if path.IsAbs(u.Path) || strings.ContainsAny(u.Path, "\\\x00") || !fs.ValidPath(file) {
			return nil, fail(ref, finding.Reference, "$ref %s leaves the folder of the spec; refer to a file below it", finding.Quote(ref.Value))
		}
	}
	doc, ok := s.docs[file]
	if !ok {
		if len(s.docs) >= maxFiles {
			return nil, fail(ref, finding.Limit, "$ref %s refers to one file too many: the spec consists of %d files already; at most %d are allowed", finding.Quote(ref.Value), len(s.docs), maxFiles)
		}
		doc.root, doc.err = s.read(ref, file)
		s.docs[file] = doc
	}
	return doc.root, doc.err
}

func (s *Set) read(ref *Node, file string) (*Node, error) {
	if s.files == nil {
		return nil, fail(ref, finding.Reference, "$ref %s refers to another file, which this run cannot read", finding.Quote(ref.Value))
	}
	info, err := fs.Stat(s.files, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fail(ref, finding.Reference, "$ref %s refers to a file that does not exist", finding.Quote(ref.Value))
	case err != nil:
		return nil, fail(ref, finding.Reference, "$ref %s refers to a file outside the folder of the spec", finding.Quote(ref.Value))
	case !info.Mode().IsRegular():
		return nil, fail(ref, finding.Reference, "$ref %s does not refer to a regular file", finding.Quote(ref.Value))
	case info.Size() > int64(MaxBytes-s.spent.bytes):
		return nil, fail(ref, finding.Limit, "$ref %s refers to a file of %d bytes, and the files before it have %d; at most %d (64 MiB) are allowed for a spec with all its files",
			finding.Quote(ref.Value), info.Size(), s.spent.bytes, MaxBytes)
	}
	data, err := fs.ReadFile(s.files, file)
	if err != nil {
		return nil, fail(ref, finding.Reference, "$ref %s refers to a file that cannot be read", finding.Quote(ref.Value))
	}
	root, err := parseCounted(&File{Name: path.Join(s.dir, file), Path: file}, data, &s.spent)
	if err != nil {
		return nil, err
	}
	return s.own(root)
}

// Tokens splits a JSON pointer (RFC 6901) into its unescaped tokens. The empty pointer has none.
func Tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
	}
	return tokens
}
