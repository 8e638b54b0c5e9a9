package diff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// code compares the two versions of a code, field by field.
func (c *changes) code(before, after *model.Code) {
	c.compare(Breaking, "Go constant", own(before), own(after))
	c.set("alias", model.Values(before.Aliases), model.Values(after.Aliases), Breaking)
	c.advices(before, after)
	c.outcome("outcome", before.Outcome.Value, after.Outcome.Value)
	c.compare(severity(!before.Idempotent && after.Idempotent), "idempotent", strconv.FormatBool(before.Idempotent), strconv.FormatBool(after.Idempotent))
	c.compare(Breaking, "category", before.Category.Value, after.Category.Value)
	c.statuses(before, after)
	c.matches(before, after)
	c.anchors(before, after)
	c.texts(before, after)
	c.set("example", examples(before), examples(after), Notice)
	c.set("operation", before.Operations, after.Operations, Notice)
}

// own returns the constant without the prefix, which is compared separately.
func own(code *model.Code) string {
	return strings.TrimPrefix(code.Const, code.Catalog.Prefix.Value)
}

// statuses compares the documented status separately from the others. A status that becomes known is not breaking.
func (c *changes) statuses(before, after *model.Code) {
	from, to := before.Statuses(), after.Statuses()
	first := func(list []int) string {
		if len(list) == 0 {
			return ""
		}
		return strconv.Itoa(list[0])
	}
	class := Breaking
	if len(from) == 0 {
		class = Notice
	}
	c.compare(class, "first HTTP status", first(from), first(to))
	for _, s := range from {
		if gone := !slices.Contains(to, s) && s != from[0]; gone {
			// Text rules apply only at the statuses of their code.
			c.add(ifText(before.Catalog, Breaking, Notice), "HTTP status", strconv.Itoa(s), "")
		}
	}
	for _, s := range to {
		if fresh := !slices.Contains(from, s) && s != to[0]; fresh {
			c.add(Notice, "HTTP status", "", strconv.Itoa(s))
		}
	}
}

func (c *changes) anchors(before, after *model.Code) {
	class, from, to := Links, before.Catalog.AnchorOf(before), after.Catalog.AnchorOf(after)
	up, down := fragment(before), fragment(after)
	if before.Catalog.UpstreamByCode() && after.Catalog.UpstreamByCode() {
		c.compare(Links, "upstream_anchor", up, down)
		class = Notice
	} else if before.Catalog.UpstreamByCode() == after.Catalog.UpstreamByCode() {
		c.compare(Notice, "upstream_anchor", up, down)
	}
	c.compare(class, "anchor", from, to)
}

// fragment returns the anchor of a code on the provider's page.
func fragment(code *model.Code) string {
	_, anchor, _ := strings.Cut(code.Catalog.UpstreamURL(code), "#")
	return anchor
}

func (c *changes) texts(before, after *model.Code) {
	for _, t := range []struct {
		what     string
		from, to model.Text
	}{
		{"deprecated", before.Deprecated, after.Deprecated},
		{"type", before.Type, after.Type},
		{"title", before.Title, after.Title},
		{"description", before.Description, after.Description},
		{"resolution", before.Resolution, after.Resolution},
		{"advice_reason", before.AdviceReason, after.AdviceReason},
		{"x-unverified", before.Unverified, after.Unverified},
		{"since", before.Since, after.Since},
	} {
		c.compare(Notice, t.what, t.from.Line(), t.to.Line())
	}
	c.pairs("customer message", before.Customer, after.Customer, Notice)
	c.pairs("parameter", before.Params, after.Params, Additive)
}

// pairs compares named texts. A new one has the class fresh, every other change is a notice.
func (c *changes) pairs(what string, before, after []model.Pair, fresh Class) {
	for _, p := range before {
		to, ok := lookup(after, p.Key.Value)
		from := p.Text.Line()
		if !ok && from == "" {
			from = p.Key.Value
		}
		c.compare(Notice, fmt.Sprintf("%s (%s)", what, p.Key.Value), from, to)
	}
	for _, p := range after {
		if _, ok := lookup(before, p.Key.Value); !ok {
			c.add(fresh, fmt.Sprintf("%s (%s)", what, p.Key.Value), "", p.Text.Line())
		}
	}
}

func lookup(pairs []model.Pair, key string) (string, bool) {
	for _, p := range pairs {
		if p.Key.Value == key {
			return p.Text.Line(), true
		}
	}
	return "", false
}

func examples(code *model.Code) []string {
	var out []string
	for _, e := range code.Examples {
		out = append(out, e.Body.Value)
	}
	return out
}
