package lint

import (
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// unused reports what is declared and can never be seen.
func (l *linter) unused() {
	for _, c := range l.spec.Catalogs {
		if c.Component && !l.spec.References[c.Node] {
			l.Warnf(c.Pos, finding.Unused, "nothing refers to schema %s, so its catalog %s is never seen on the wire", finding.Quote(c.Schema), finding.Quote(c.ID.Value))
		}
		l.fallback(c)
	}
}

func (l *linter) fallback(c *model.Catalog) {
	f := c.Fallback
	switch {
	case f.IsSet() && c.Find(f.Value) == nil:
		l.Errorf(f.Pos, finding.Unused, "fallback %s is no code of catalog %s", finding.Quote(f.Value), finding.Quote(c.ID.Value))
	case f.IsSet() && !c.IsText() && !l.spec.Served:
		l.Warnf(f.Pos, finding.Unused, "fallback has no effect: the codes of catalog %s are read from JSON, and unknown ones pass through as they are; only a server answers with it (-server)", finding.Quote(c.ID.Value))
	case !f.IsSet() && c.IsText() && c.First: // what a further catalog does not know may be nobody's
		l.Errorf(c.Pos, finding.Unused, "the text catalog %s has no fallback: name the code for a body that fits no rule", finding.Quote(c.ID.Value))
	}
}
