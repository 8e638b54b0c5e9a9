package explain

import (
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Spec is a spec with its name for output.
type Spec struct {
	Name string
	*model.Spec
}

// Match is a code that was found, with the spec that declares it.
type Match struct {
	Spec    string
	Code    *model.Code
	Reading *Reading // the parts of the body; nil if the code was looked up by name
}

// Find returns every code with this wire value, alias or Go constant, ignoring case. With catalog:CODE it searches only one
// catalog.
func Find(specs []Spec, word string) []Match {
	var out []Match
	for _, s := range specs {
		for _, c := range s.Catalogs {
			for _, code := range c.Codes {
				if slices.ContainsFunc(names(code), func(name string) bool { return strings.EqualFold(name, word) }) {
					out = append(out, Match{Spec: s.Name, Code: code})
				}
			}
		}
	}
	return out
}

func names(code *model.Code) []string {
	out := []string{code.Value, code.Const}
	for _, a := range code.Aliases {
		out = append(out, a.Value)
	}
	for _, name := range out {
		out = append(out, code.Catalog.ID.Value+":"+name)
	}
	return out
}

// Near returns the wire values that are most similar to an unknown word, at most five.
func Near(specs []Spec, word string) []string {
	var known []string
	for _, s := range specs {
		for _, c := range s.Catalogs {
			for _, code := range c.Codes {
				known = append(known, code.Value)
			}
		}
	}
	return finding.Near(word, known)
}
