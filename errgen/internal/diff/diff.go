// Package diff says what a change of a spec means to those who use its codes.
package diff

import (
	"cmp"
	"slices"

	"github.com/specpay/specpay/errgen/internal/model"
)

// Class says how much a change asks of the users of a spec.
type Class uint8

// The classes, from harmless to harmful.
const (
	Additive Class = iota // something new; what was written before works as before
	Notice                // worth reading; nothing breaks
	Links                 // addresses that were given out lead elsewhere: the old page needs a redirect
	Breaking              // code that was written against the old spec does not compile, or does something else
)

// String returns the class in words.
func (c Class) String() string {
	return [...]string{"additive", "notice", "breaking for links", "breaking"}[c]
}

// Change is one difference between two specs. From and To are empty where there was or is nothing.
type Change struct {
	Class     Class
	Catalog   string // id of the catalog, "" for what is about no catalog
	Code      string // wire value, "" for what is about the whole catalog
	Operation string // operationId, "" for what is about no operation
	What      string // the thing that changed, such as "advice"
	From, To  string
}

// Specs returns the changes from one version of a spec to the next, the most harmful first and otherwise in the order
// of the old spec. Catalogs are told by their ids, codes by their wire values, operations by their operationIds and
// envelopes by their schemas.
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

// Count returns how many changes there are of each class.
func Count(changes []Change) map[Class]int {
	out := map[Class]int{}
	for _, c := range changes {
		out[c.Class]++
	}
	return out
}

// changes collects what is about one subject.
type changes struct {
	subject Change // its names
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

// set compares two lists whose order says nothing. What is new is additive, what is missing has the class gone.
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
