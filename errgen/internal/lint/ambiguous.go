package lint

import (
	"slices"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// twins are two codes of different catalogs.
type twins struct{ first, second *model.Code }

// ambiguous reports codes that a client cannot tell from those of another catalog: both catalogs are declared for the same
// response, at the same place of its body, and no status distinguishes the codes.
func (l *linter) ambiguous() {
	found := map[[2]*model.Catalog][]twins{}
	reported := map[twins]bool{}
	for _, op := range l.spec.Operations {
		for _, reply := range op.Replies {
			for i, a := range reply.Shapes {
				for _, b := range reply.Shapes[i+1:] {
					pointer := sharedPointer(a.Envelope, b.Envelope)
					if a.Catalog == nil || b.Catalog == nil || a.Catalog == b.Catalog || pointer == "" {
						continue
					}
					pair := [2]*model.Catalog{a.Catalog, b.Catalog}
					if _, ok := found[pair]; !ok {
						found[pair] = twinsOf(a.Catalog, b.Catalog)
					}
					for _, t := range found[pair] {
						if !reported[t] && !reported[twins{t.second, t.first}] && t.meet(reply.Status) {
							reported[t] = true
							l.Warnf(t.second.Pos, finding.Ambiguous, "%s is also in catalog %s, and both are read at %s of the %s response of %s, where it always becomes the code of %[2]s; keep it in one catalog, or give each code the statuses (http) that distinguish them",
								t.what(), finding.Quote(a.Catalog.ID.Value), finding.Quote(pointer), finding.Quote(reply.Status), finding.Quote(op.Name()))
						}
					}
				}
			}
		}
	}
}

// sharedPointer returns a place of the body where both envelopes look for a code, or "".
func sharedPointer(a, b *model.Envelope) string {
	for _, p := range a.Code {
		for _, q := range b.Code {
			if a.At.Value+p.Value == b.At.Value+q.Value {
				return a.At.Value + p.Value
			}
		}
	}
	return ""
}

// twinsOf returns the codes of the second catalog that have a value on the wire in common with one of the first.
func twinsOf(a, b *model.Catalog) []twins {
	var out []twins
	for _, code := range b.Codes {
		for _, value := range append([]string{code.Value}, model.Values(code.Aliases)...) {
			first := a.Find(value)
			if first == nil {
				first = a.FindAlias(value)
			}
			if first != nil {
				out = append(out, twins{first, code})
				break
			}
		}
	}
	return out
}

// what describes the second code and, if that is not its own value, the alias that both have.
func (t twins) what() string {
	for _, alias := range t.second.Aliases {
		if c := t.first.Catalog; t.first.Value != t.second.Value && (c.Find(alias.Value) == t.first || c.FindAlias(alias.Value) == t.first) {
			return "the alias " + finding.Quote(alias.Value) + " of code " + finding.Quote(t.second.Value)
		}
	}
	return "the code " + finding.Quote(t.second.Value)
}

// meet reports whether both codes may occur at one status of a response. A code without statuses may occur at any.
func (t twins) meet(response string) bool {
	first, second := t.first.Statuses(), t.second.Statuses()
	if len(first) == 0 || len(second) == 0 {
		return true
	}
	return slices.ContainsFunc(first, func(status int) bool {
		return slices.Contains(second, status) && (response == "default" || covers(response, status))
	})
}
