package lint

import (
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// lists checks every x-error-codes of the document, and reports codes that no operation lists.
func (l *linter) lists() {
	for _, t := range l.spec.Lists {
		l.listed(t)
	}
	for _, op := range l.spec.Operations {
		for _, list := range op.Lists {
			seen := map[string]bool{}
			for _, t := range list.Codes {
				name := t.Value
				if code := l.spec.Listed(name); code != nil {
					name = l.spec.ListName(code)
				}
				if seen[name] {
					l.Errorf(t.Pos, finding.ListedCode, "x-error-codes lists %s twice; remove one", finding.Quote(t.Value))
				}
				seen[name] = true
				l.listed(t)
			}
		}
	}
	for _, c := range l.spec.Catalogs {
		l.neverListed(c)
	}
}

func (l *linter) listed(t model.Text) {
	if l.spec.Listed(t.Value) != nil {
		return
	}
	for _, c := range l.spec.Catalogs {
		if code := c.FindAlias(t.Value); code != nil {
			l.Errorf(t.Pos, finding.ListedCode, "x-error-codes lists %s, an alias; list the code itself: %s", finding.Quote(t.Value), finding.Quote(l.spec.ListName(code)))
			return
		}
	}
	if id, value, ok := strings.Cut(t.Value, ":"); ok && id != "" && !strings.HasPrefix(value, "//") { // a URL can be a code
		l.qualified(t, id, value)
		return
	}
	l.Errorf(t.Pos, finding.ListedCode, "x-error-codes lists %s, which no catalog of this spec declares; declare it, or remove it", finding.Quote(t.Value))
}

// qualified reports an invalid entry of the form catalogId:CODE.
func (l *linter) qualified(t model.Text, id, value string) {
	c := l.spec.CatalogByID(id)
	if c == nil {
		var ids []string
		for _, c := range l.spec.Catalogs {
			ids = append(ids, c.ID.Value)
		}
		l.Errorf(t.Pos, finding.ListedCode, "x-error-codes lists %s, but this spec has no catalog %s; its catalogs are %s",
			finding.Quote(t.Value), finding.Quote(id), finding.Quotes(ids))
		return
	}
	if code := c.FindAlias(value); code != nil {
		l.Errorf(t.Pos, finding.ListedCode, "x-error-codes lists %s, an alias; list the code itself: %s", finding.Quote(t.Value), finding.Quote(id+":"+code.Value))
		return
	}
	l.Errorf(t.Pos, finding.ListedCode, "x-error-codes lists %s, but catalog %s has no code %s", finding.Quote(t.Value), finding.Quote(id), finding.Quote(value))
}

func (l *linter) neverListed(c *model.Catalog) {
	var missing []string
	used := false
	for _, code := range c.Codes {
		used = used || len(code.Operations) > 0
		// For a code marked x-unverified the operation may be unknown.
		if len(code.Operations) == 0 && code.Outcome.Value != "ok" && code.Value != c.Fallback.Value && code.Unverified.Value == "" {
			missing = append(missing, code.Value)
		}
	}
	if used && len(missing) > 0 {
		l.Warnf(c.Pos, finding.NeverListed, "no operation lists %s of catalog %s in x-error-codes, although others are listed", finding.Quotes(missing), finding.Quote(c.ID.Value))
	}
}
