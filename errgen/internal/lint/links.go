package lint

import (
	"net/url"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// catalogFields checks the fields of a catalog other than its codes.
func (l *linter) catalogFields(c *model.Catalog) {
	if !c.IsString && !c.IsInteger {
		l.Errorf(c.Pos, finding.Envelope, "x-error-catalog is on schema %s, which is not type: string or integer; move it to the schema whose value is the code", finding.Quote(c.Schema))
	}
	switch {
	case !c.ID.IsSet():
		l.Errorf(c.Pos, finding.Shape, "x-error-catalog has no id; add a short one in lower case, such as id: qpay")
	case !l.matches(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, c.ID.Value):
		l.Errorf(c.ID.Pos, finding.Shape, "id %s is invalid; use lower-case letters, digits and single hyphens, such as qpay", finding.Quote(c.ID.Value))
	}
	for _, other := range l.spec.Catalogs {
		if other == c {
			break
		}
		if other.ID.Value == c.ID.Value && c.ID.IsSet() {
			l.Errorf(c.ID.Pos, finding.Shape, "id %s is also the id of the catalog at %s; every catalog needs its own", finding.Quote(c.ID.Value), where(other.Pos, c.ID.Pos))
		}
	}
	l.page(c.Page, "page")
	l.page(c.Upstream, "upstream")
	switch {
	case c.UpstreamByCode() && !c.Upstream.IsSet():
		l.Errorf(c.UpstreamAnchor.Pos, finding.Link, "upstream_anchor: code requires upstream; add the address of the provider's page")
	case l.classed && !c.UpstreamByCode() && !c.Page.IsSet():
		l.Errorf(c.Pos, finding.Link, "catalog %s has no page; add the address of the generated page, or upstream with upstream_anchor: code", finding.Quote(c.ID.Value))
	}
	l.fragment(c.UpstreamAnchor, "upstream_anchor")
}

// page checks an address that anchors are appended to.
func (l *linter) page(t model.Text, field string) {
	if !t.IsSet() {
		return
	}
	u, err := url.Parse(t.Value)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(t.Value, " \"'<>\\^`{|}"):
		l.Errorf(t.Pos, finding.Link, "%s %s is not an absolute http or https address; write it like https://example.com/errors.html", field, finding.Quote(t.Value))
	case strings.Contains(t.Value, "#"):
		l.Errorf(t.Pos, finding.Link, "%s %s has a fragment; remove the # and what follows it", field, finding.Quote(t.Value))
	}
}

// links checks the anchors of a code.
func (l *linter) links(c *model.Catalog, code *model.Code) {
	l.fragment(code.UpstreamAnchor, "upstream_anchor")
	if c.UpstreamByCode() && !code.UpstreamAnchor.IsSet() {
		l.fragment(model.Text{Value: code.Value, Pos: code.Pos}, "the code, used as upstream_anchor,")
	}
	if code.UpstreamAnchor.IsSet() && !c.Upstream.IsSet() {
		l.Errorf(code.UpstreamAnchor.Pos, finding.Link, "upstream_anchor of code %s has no effect without upstream; add upstream to the catalog", finding.Quote(code.Value))
	}
}

func (l *linter) fragment(t model.Text, field string) {
	if t.IsSet() && !l.matches(`^[A-Za-z0-9_][A-Za-z0-9._~:-]*$`, t.Value) {
		l.Errorf(t.Pos, finding.Anchor, "%s %s is not a plain fragment; use only letters, digits and . _ ~ : -, without a leading #", field, finding.Quote(t.Value))
	}
}

// anchors checks that the anchors of a generated page are unique, ignoring case.
func (l *linter) anchors() {
	seen := map[string]string{}
	take := func(pos finding.Pos, anchor, who string) {
		key := strings.ToLower(anchor)
		if other, ok := seen[key]; ok {
			l.Errorf(pos, finding.Anchor, "%s and %s have the same anchor %s (ignoring case); set anchor on one of them", who, other, finding.Quote(anchor))
		}
		seen[key] = who
	}
	for _, c := range l.spec.Catalogs {
		for _, code := range c.Codes {
			t := code.Anchor
			if !t.IsSet() {
				t = model.Text{Value: c.AnchorOf(code), Pos: code.Pos}
			}
			l.fragment(t, "anchor")
			if l.matches(`^(?i:page-|catalog\.)`, t.Value) {
				l.Errorf(t.Pos, finding.Anchor, "anchor %s starts with page- or catalog., which the headings of the page use; set another anchor", finding.Quote(t.Value))
			}
			take(t.Pos, t.Value, "the code "+finding.Quote(code.Value))
		}
	}
	for _, op := range l.spec.Operations {
		if op.Unknown != nil && op.ID.IsSet() {
			anchor := model.Text{Value: op.UnknownAnchor(), Pos: op.ID.Pos}
			l.fragment(anchor, "anchor")
			take(anchor.Pos, anchor.Value, "the unknown outcome of "+finding.Quote(op.Name()))
		}
	}
}

// customer checks the messages that a payer may see.
func (l *linter) customer(pairs []model.Pair) {
	for _, p := range pairs {
		if !l.matches(`^[a-z]{2,3}(-[a-z0-9]{1,8})*$`, p.Key.Value) {
			l.Errorf(p.Key.Pos, finding.Customer, "%s is not a language tag; use BCP 47 in lower case, such as en, mn or zh-hans", finding.Quote(p.Key.Value))
		}
		switch {
		case p.Text.Line() == "":
			l.Errorf(p.Text.Pos, finding.Customer, "the %s customer message is empty; write one, or remove the language", finding.Quote(p.Key.Value))
		case l.matches(`<[A-Za-z/!?]|&([A-Za-z]+|#[0-9xX][0-9A-Fa-f]*);`, p.Text.Value):
			l.Errorf(p.Text.Pos, finding.Customer, "the %s customer message contains HTML; write plain text", finding.Quote(p.Key.Value))
		}
	}
}

func (l *linter) matches(pattern, s string) bool { return l.regexp(pattern).MatchString(s) }
