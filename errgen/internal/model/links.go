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

// UpstreamURL returns where the provider itself speaks of a code. On a page with anchors a code without one gets "":
// it is often not there at all. A page without any anchor is linked as a whole, for all codes that are certain.
func (c *Catalog) UpstreamURL(code *Code) string {
	anchor := c.UpstreamAnchor.Value
	switch {
	case code.UpstreamAnchor.IsSet():
		anchor = code.UpstreamAnchor.Value
	case c.UpstreamByCode():
		anchor = code.Value
	}
	switch {
	case !c.Upstream.IsSet():
		return ""
	case anchor == "" && !c.anchored() && !code.Unverified.IsSet():
		return c.Upstream.Value
	case anchor == "":
		return ""
	}
	return c.Upstream.Value + "#" + anchor
}

// anchored reports whether any code of the catalog has an anchor on the provider's page.
func (c *Catalog) anchored() bool {
	for _, code := range c.Codes {
		if code.UpstreamAnchor.IsSet() {
			return true
		}
	}
	return false
}

// DocURL returns the address under which a code is explained: the provider's page where it has an anchor for each
// code, else ours, or "" when the catalog has no page.
func (c *Catalog) DocURL(code *Code) string {
	if c.UpstreamByCode() {
		return c.UpstreamURL(code)
	}
	if !c.Page.IsSet() {
		return ""
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
