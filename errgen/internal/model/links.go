package model

import "strings"

// AnchorOf returns the anchor of a code on the generated page: the anchor in the spec, or the code in lower case, preceded
// by the catalog's id in all catalogs but the first.
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

// UpstreamURL returns the address of a code on the provider's page. If other codes have anchors there, a code without one
// gets "", because the page often does not list it. If none has, the whole page is linked for all codes.
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
	case anchor == "" && !c.anchored():
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

// DocURL returns the address that documents a code: on the provider's page if it has an anchor for each code, otherwise on
// the generated page, or "" if the catalog has no page.
func (c *Catalog) DocURL(code *Code) string {
	if c.UpstreamByCode() {
		return c.UpstreamURL(code)
	}
	if !c.Page.IsSet() {
		return ""
	}
	return c.Page.Value + "#" + c.AnchorOf(code)
}

// UnknownAnchor returns the anchor of the entry about an unknown outcome of the operation.
func (o *Operation) UnknownAnchor() string { return "unknown-outcome-" + strings.ToLower(o.ID.Value) }

// UnknownURL returns the address of that entry, or "" if the spec has no page.
func (s *Spec) UnknownURL(o *Operation) string {
	if len(s.Catalogs) == 0 || !s.Catalogs[0].Page.IsSet() {
		return ""
	}
	return s.Catalogs[0].Page.Value + "#" + o.UnknownAnchor()
}
