package lint

import (
	"slices"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// unused reports declarations that can never take effect.
func (l *linter) unused() {
	for _, c := range l.spec.Catalogs {
		if c.Component && !c.Named && !l.spec.References[c.Node] {
			l.Warnf(c.Pos, finding.Unused, "nothing refers to schema %s, so its catalog %s is never used; refer to it, or remove it", finding.Quote(c.Schema), finding.Quote(c.ID.Value))
		}
		l.fallback(c)
		if c.MessagePublic.Value && !l.hasMessage(c) {
			l.Warnf(c.MessagePublic.Pos, finding.Unused, "message_public has no effect: no envelope that leads to catalog %s has a message; add the JSON pointer of the message to the envelope, or remove message_public", finding.Quote(c.ID.Value))
		}
	}
}

// hasMessage reports whether a body with a code of the catalog may have a message.
func (l *linter) hasMessage(c *model.Catalog) bool {
	return slices.ContainsFunc(l.spec.Readers(), func(r model.Reader) bool {
		return r.Catalog == c && (len(r.Envelope.Message) > 0 || r.Envelope.Text.IsSet())
	})
}

func (l *linter) fallback(c *model.Catalog) {
	f := c.Fallback
	switch {
	case f.IsSet() && c.Find(f.Value) == nil:
		l.Errorf(f.Pos, finding.Unused, "fallback %s is not a code of catalog %s; use one of its codes", finding.Quote(f.Value), finding.Quote(c.ID.Value))
	case f.IsSet() && !c.IsText() && !l.spec.Served:
		l.Warnf(f.Pos, finding.Unused, "fallback has no effect: the codes of catalog %s are read from JSON, and unknown ones are passed through; only a server returns it (-server)", finding.Quote(c.ID.Value))
	case !f.IsSet() && c.IsText() && c.First: // a text that a further catalog does not match need not be an error
		l.Errorf(c.Pos, finding.Unused, "the text catalog %s has no fallback; add the code for a body that matches no rule", finding.Quote(c.ID.Value))
	}
}
