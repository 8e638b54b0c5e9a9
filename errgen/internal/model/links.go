package model

import "strings"

// AnchorOf returns the id of a code's entry on our page: what the spec says, else the code in lower case, with the
// catalog's id in front for all catalogs but the first.
func (c *Catalog) AnchorOf(code *Code) string {
	if code.Anchor.IsSet() {
		return code.Anchor.Value
	}
	anchor := strings.ToLower(code.Value)
	if c.First {
		return anchor
	}
	return c.ID.Value + "-" + anchor
}

// UpstreamURL returns the provider's own words about a code, or "" for a code that has no anchor there: such a code
// is often not on the provider's page at all.
func (c *Catalog) UpstreamURL(code *Code) string {
	anchor := c.UpstreamAnchor.Value
	switch {
	case code.UpstreamAnchor.IsSet():
		anchor = code.UpstreamAnchor.Value
	case c.UpstreamByCode():
		anchor = code.Value
	}
	if anchor == "" || !c.Upstream.IsSet() {
		return ""
	}
	return c.Upstream.Value + "#" + anchor
}

// DocURL returns the address under which a code is explained: the provider's page where it has an anchor for each
// code, else ours.
func (c *Catalog) DocURL(code *Code) string {
	if c.UpstreamByCode() {
		return c.UpstreamURL(code)
	}
	return c.Page.Value + "#" + c.AnchorOf(code)
}

// UnknownAnchor returns the id of the entry about an unknown outcome of an operation.
func (o *Operation) UnknownAnchor() string { return "unknown-outcome-" + strings.ToLower(o.ID.Value) }

// UnknownURL returns the address of that entry, or "" when the spec names no page.
func (s *Spec) UnknownURL(o *Operation) string {
	if len(s.Catalogs) == 0 || !s.Catalogs[0].Page.IsSet() {
		return ""
	}
	return s.Catalogs[0].Page.Value + "#" + o.UnknownAnchor()
}
