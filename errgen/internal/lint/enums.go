package lint

import (
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// drift compares the enum of the schema with the catalog in both directions.
func (l *linter) drift(c *model.Catalog) {
	known, listed := map[string]bool{}, map[string]bool{}
	for _, enum := range c.Enums { // of other schemas with codes of the catalog
		for _, t := range enum {
			listed[t.Value] = true
			if c.Find(t.Value) == nil && c.FindAlias(t.Value) == nil {
				l.Errorf(t.Pos, finding.Drift, "%s is in the enum but not in the catalog at %s; declare it there as a code or an alias", finding.Quote(t.Value), where(c.Pos, t.Pos))
			}
		}
	}
	if !c.EnumPos.IsSet() {
		return
	}
	again := l.Errorf
	if l.foreign() {
		again = l.Warnf
	}
	own := map[string]bool{}
	for _, t := range c.Enum {
		if own[t.Value] {
			again(t.Pos, finding.Drift, "the enum contains %s twice; remove one", finding.Quote(t.Value))
		}
		own[t.Value], listed[t.Value] = true, true
	}
	for _, code := range c.Codes {
		for _, t := range append([]model.Text{{Value: code.Value, Pos: code.Pos}}, code.Aliases...) {
			known[t.Value] = true
			if !listed[t.Value] {
				l.Errorf(t.Pos, finding.Drift, "%s is in the catalog but not in the enum at %s; add it there", finding.Quote(t.Value), where(c.EnumPos, t.Pos))
			}
		}
	}
	for _, t := range c.Enum {
		if !known[t.Value] {
			l.Errorf(t.Pos, finding.Drift, "%s is in the enum but not in the catalog at %s; declare it there as a code or an alias", finding.Quote(t.Value), where(c.Pos, t.Pos))
		}
	}
}

// aliases checks that every alias belongs to exactly one code.
func (l *linter) aliases(c *model.Catalog) {
	owner := map[string]string{}
	for _, code := range c.Codes {
		owner[code.Value] = "the code at line " + line(code.Pos)
	}
	for _, code := range c.Codes {
		for _, a := range code.Aliases {
			if other, ok := owner[a.Value]; ok {
				l.Errorf(a.Pos, finding.Alias, "the alias %s of code %s is also %s; a wire value can mean only one code", finding.Quote(a.Value), finding.Quote(code.Value), other)
				continue
			}
			owner[a.Value] = "an alias of the code at line " + line(code.Pos)
		}
	}
	for _, t := range wireValues(c) {
		if strings.TrimSpace(t.Value) == "" {
			l.Errorf(t.Pos, finding.Shape, "a code or alias is empty; write its value on the wire")
		}
	}
}

func wireValues(c *model.Catalog) []model.Text {
	var out []model.Text
	for _, code := range c.Codes {
		out = append(append(out, model.Text{Value: code.Value, Pos: code.Pos}), code.Aliases...)
	}
	return out
}

// where formats a position for a message about another position. The file is included if it differs.
func where(p, from finding.Pos) string {
	if p.File != from.File {
		return p.String()
	}
	return "line " + line(p)
}

func line(p finding.Pos) string { return numbers([]int{p.Line}) }
