package gogen

import (
	"fmt"

	"github.com/specpay/specpay/errgen/internal/gogen/wirehash"
	"github.com/specpay/specpay/errgen/internal/model"
)

// index writes the lookup: static data, no code at start, no allocation.
func (f *file) index(c *model.Catalog) error {
	var codes, aliases []string
	var places []int
	for i, code := range c.Codes {
		codes = append(codes, code.Value)
		for _, a := range code.Aliases {
			aliases, places = append(aliases, a.Value), append(places, i)
		}
	}
	table, err := wirehash.New(codes, aliases, places)
	if err != nil {
		return fmt.Errorf("catalog %s: %w", c.ID.Value, err)
	}
	small := model.Lower(c.Type.Value)
	f.line("// %sIndex returns the place of a code or alias in %sTable, or -1.", small, small)
	f.line("func %sIndex(wire string) int { return %sLookup.index(wire) }\n", small, small)
	f.line("// %sLookup leads from a wire value to its place in %sTable.", small, small)
	f.line("var %sLookup = %s\n", small, table.Go())
	return nil
}
