package load

import (
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// maxPointers is the limit on the pointers of one catalog file.
const maxPointers = 10_000

// extensions returns the extensions that a catalog file may add to a spec.
func extensions() []string {
	return []string{"x-error-catalog", "x-error-envelope", "x-error-codes", "x-operation-class", "x-idempotency-key", "x-echo", "x-unknown-outcome", "x-inquiry"}
}

// sidecar adds the extensions of a catalog file at its pointers. Findings go to s.Found. The valid parts are added
// nevertheless, so that one run reports everything.
func (s *Set) sidecar(doc Document) {
	root, err := s.extra(doc)
	if err != nil {
		s.report(err)
		return
	}
	if root.Kind != Map {
		s.Found.Errorf(root.Pos(), finding.Shape, "a catalog file must be a map from JSON pointers into the spec, such as /components/schemas/Code, not %s", root.Describe())
		return
	}
	if len(root.Keys) > maxPointers {
		s.Found.Errorf(root.Pos(), finding.Limit, "the catalog file has %d pointers; at most %d are allowed", len(root.Keys), maxPointers)
		return
	}
	seen := map[string]*Node{}
	for i, k := range root.Keys {
		if first := seen[k.Value]; first != nil {
			s.Found.Errorf(k.Pos(), finding.DuplicateKey, "the key %s is a duplicate; the first is at line %d", finding.Quote(k.Value), first.Line)
			continue
		}
		seen[k.Value] = k
		s.place(k, root.Items[i])
	}
}

// place adds the extensions of one pointer to the spec.
func (s *Set) place(pointer, add *Node) {
	to, err := s.pointed(pointer)
	if err != nil {
		s.report(err)
		return
	}
	switch {
	case to.Kind != Map:
		s.Found.Errorf(pointer.Pos(), finding.Shape, "%s leads to %s; it must lead to a map, such as a schema, a response or an operation", finding.Quote(pointer.Value), to.Describe())
		return
	case add.Kind != Map:
		s.Found.Errorf(add.Pos(), finding.Shape, "the value of a pointer must be a map of extensions such as x-error-catalog, not %s", add.Describe())
		return
	}
	operation := isOperation(Tokens(pointer.Value))
	for i, k := range add.Keys {
		if !slices.Contains(extensions(), k.Value) {
			s.Found.Errorf(k.Pos(), finding.Shape, "a catalog file cannot add %s to a spec%s", finding.Quote(k.Value), orNear(k.Value, extensions()))
			continue
		}
		if there, _ := to.Entry(k.Value); there != nil {
			s.Found.Errorf(k.Pos(), finding.DuplicateKey, "%s leads to a place that already has %s, at %s; change it there, or remove it here",
				finding.Quote(pointer.Value), k.Value, there.Pos())
			continue
		}
		if !operation && forOperations(k.Value) {
			s.Found.Warnf(k.Pos(), finding.Shape, "%s has no effect at %s; move it to an operation, such as /paths/~1pets/get", k.Value, finding.Quote(pointer.Value))
		}
		to.Keys, to.Items = append(to.Keys, k), append(to.Items, add.Items[i])
		delete(s.index, to)
	}
}

func forOperations(extension string) bool {
	return extension != "x-error-codes" && !strings.HasPrefix(extension, "x-error-")
}

func isOperation(tokens []string) bool {
	return len(tokens) > 2 && IsMethod(tokens[len(tokens)-1])
}

// IsMethod reports whether a key of a path item is that of an operation.
func IsMethod(key string) bool {
	switch key {
	case "get", "put", "post", "delete", "options", "head", "patch", "trace":
		return true
	}
	return false
}

// pointed returns the place in the spec that a pointer leads to. It follows references, including a last one.
func (s *Set) pointed(pointer *Node) (*Node, error) {
	if pointer.Kind != Scalar || !strings.HasPrefix(pointer.Value, "/") {
		return nil, fail(pointer, finding.Shape, "a key of a catalog file must be a JSON pointer into the spec, such as /components/schemas/Code (~1 for a slash in a name), not %s", pointer.Describe())
	}
	n := s.Root
	way := ""
	for _, token := range Tokens(pointer.Value) {
		var err error
		if n, err = s.Follow(n); err != nil {
			return nil, err
		}
		next := s.step(n, token)
		if next == nil {
			return nil, fail(pointer, finding.Reference, "%s does not resolve: there is no %s in %s%s", finding.Quote(pointer.Value), finding.Quote(token), wayName(way), orNear(token, names(n)))
		}
		n, way = next, way+"/"+Escape(token)
	}
	return s.Follow(n)
}

func wayName(way string) string {
	if way == "" {
		return "the spec"
	}
	return finding.Quote(way)
}

// Escape escapes a name as a token of a JSON pointer.
func Escape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

// names returns the keys of a map, for suggestions.
func names(n *Node) []string {
	var out []string
	for _, k := range n.Keys {
		out = append(out, k.Value)
	}
	return out
}

// orNear completes a message about an unknown word with the nearest known one, or with all if they are few.
func orNear(word string, known []string) string {
	if best := finding.Nearest(word, known); best != "" {
		return "; did you mean " + finding.Quote(best) + "?"
	}
	if len(known) == 0 || len(known) > 12 {
		return ""
	}
	return "; there are " + finding.Quotes(known)
}
