// Package diff classifies the changes between two versions of a spec by their effect on users of its codes.
package diff

import (
	"cmp"
	"slices"

	"github.com/specpay/specpay/errgen/internal/model"
)

// Class is the effect of a change on the users of a spec.
type Class uint8

// The classes, from least to most severe.
const (
	Additive Class = iota // something new; existing code works as before
	Notice                // worth reading, but nothing breaks
	Links                 // published addresses change; the old ones need a redirect
	Breaking              // code written for the old spec does not compile or behaves differently
)

// String returns the class in words.
func (c Class) String() string {
	return [...]string{"additive", "notice", "breaking for links", "breaking"}[c]
}

// Change is a difference between two specs. From is empty for an addition, To for a removal.
type Change struct {
	Class     Class
	Catalog   string // id of the catalog; "" if the change is not about a catalog
	Code      string // wire value; "" if the change is about the whole catalog
	Operation string // operationId; "" if the change is not about an operation
	What      string // what changed, such as "advice"
	From, To  string
}

// Specs returns the changes from one version of a spec to the next, the most severe first and otherwise in the order of
// the old spec. Catalogs are identified by id, codes by wire value, operations by operationId and envelopes by schema.
func Specs(before, after *model.Spec) []Change {
	var all []Change
	for _, c := range before.Catalogs {
		all = append(all, catalog(c, after.CatalogByID(c.ID.Value))...)
	}
	for _, c := range after.Catalogs {
		if before.CatalogByID(c.ID.Value) == nil {
			all = append(all, Change{Class: Additive, Catalog: c.ID.Value, What: "whole catalog, Go type", To: c.Type.Value})
		}
	}
	all = append(all, envelopes(before, after)...)
	all = append(all, operations(before, after)...)
	slices.SortStableFunc(all, func(a, b Change) int { return cmp.Compare(b.Class, a.Class) })
	return all
}

// Count returns the number of changes of each class.
func Count(changes []Change) map[Class]int {
	out := map[Class]int{}
	for _, c := range changes {
		out[c.Class]++
	}
	return out
}

// changes collects the changes of one subject.
type changes struct {
	subject Change // its catalog, code or operation
	list    []Change
}

func (c *changes) add(class Class, what, from, to string) {
	next := c.subject
	next.Class, next.What, next.From, next.To = class, what, from, to
	c.list = append(c.list, next)
}

// compare adds a change if there is one.
func (c *changes) compare(class Class, what, from, to string) {
	if from != to {
		c.add(class, what, from, to)
	}
}

// set compares two lists, ignoring order. A new item is additive, a missing one has the class gone.
func (c *changes) set(what string, from, to []string, gone Class) {
	for _, v := range from {
		if !slices.Contains(to, v) {
			c.add(gone, what, v, "")
		}
	}
	for _, v := range to {
		if !slices.Contains(from, v) {
			c.add(Additive, what, "", v)
		}
	}
}
