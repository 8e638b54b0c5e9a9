package diff

import (
	"slices"
	"strconv"

	"github.com/specpay/specpay/errgen/internal/model"
)

// catalog compares a catalog with its new version, which is nil if it was removed.
func catalog(before, after *model.Catalog) []Change {
	c := &changes{subject: Change{Catalog: before.ID.Value}}
	if after == nil {
		c.add(Breaking, "whole catalog, Go type", before.Type.Value, "")
		return c.list
	}
	c.compare(Breaking, "Go type", before.Type.Value, after.Type.Value)
	c.compare(Breaking, "prefix of the Go constants", before.Prefix.Value, after.Prefix.Value)
	c.pages(before, after)
	c.compare(Notice, "message_public", strconv.FormatBool(before.MessagePublic.Value), strconv.FormatBool(after.MessagePublic.Value))
	c.compare(ifText(after, Breaking, Notice), "fallback", before.Fallback.Value, after.Fallback.Value)
	renamed := c.codes(before, after)
	for _, code := range after.Codes {
		if before.Find(code.Value) == nil && !slices.Contains(renamed, code) {
			c.list = append(c.list, Change{Class: Additive, Catalog: before.ID.Value, Code: code.Value, What: "code", To: code.Const})
		}
	}
	return c.list
}

func ifText(c *model.Catalog, yes, no Class) Class {
	if c.IsText() {
		return yes
	}
	return no
}

// pages compares the addresses that anchors are appended to. Only addresses that users receive are links.
func (c *changes) pages(before, after *model.Catalog) {
	links := func(ownPage bool) Class {
		if ownPage != before.UpstreamByCode() {
			return Links
		}
		return Notice
	}
	if before.UpstreamByCode() != after.UpstreamByCode() {
		c.add(Links, "page that documents the codes", address(before), address(after))
		return
	}
	c.compare(links(true), "page", before.Page.Value, after.Page.Value)
	c.compare(links(false), "upstream", before.Upstream.Value, after.Upstream.Value)
	c.compare(Notice, "upstream_anchor", before.UpstreamAnchor.Value, after.UpstreamAnchor.Value)
}

func address(c *model.Catalog) string {
	if c.UpstreamByCode() {
		return c.Upstream.Value
	}
	return c.Page.Value
}

// codes compares the codes of the old catalog. It returns the new codes that replace an old one under another wire value.
func (c *changes) codes(before, after *model.Catalog) (renamed []*model.Code) {
	for _, old := range before.Codes {
		code := &changes{subject: Change{Catalog: before.ID.Value, Code: old.Value}}
		next := after.Find(old.Value)
		heir := successor(before, after, old)
		switch {
		case next != nil:
			code.code(old, next)
		case heir != nil:
			code.add(Breaking, "wire value", old.Value, heir.Value)
			code.code(old, heir)
			renamed = append(renamed, heir)
		case after.FindAlias(old.Value) != nil:
			code.add(Breaking, "code, now an alias", old.Const, after.FindAlias(old.Value).Const)
		default:
			code.add(Breaking, "code", old.Const, "")
		}
		c.list = append(c.list, code.list...)
	}
	return renamed
}

// successor returns the new code with the constant of a removed code.
func successor(before, after *model.Catalog, old *model.Code) *model.Code {
	for _, code := range after.Codes {
		if code.Const == old.Const && old.Const != "" && before.Find(code.Value) == nil {
			return code
		}
	}
	return nil
}
