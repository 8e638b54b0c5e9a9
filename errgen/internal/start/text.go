package start

import (
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/lint"
	"github.com/specpay/specpay/errgen/internal/load"
)

// maxTexts is the limit on the texts of a drafted catalog.
const maxTexts = 500

// text drafts one catalog for all plain-text bodies, from their examples.
func (d *drafter) text() {
	var c *catalog
	for _, b := range d.found {
		if !b.text || !d.res.IsString(b.node) || len(b.examples) == 0 {
			continue
		}
		if len(valuesOf(b.node)) > 0 {
			d.note("%s: a plain text with an enumeration is not drafted", show(b.pointer))
			continue
		}
		if c == nil {
			c = &catalog{at: b.spot, text: true, byValue: map[string]*code{}}
			c.envelopes = []envelope{{at: b.spot, fields: [][2]string{{"text", "body"}}}}
			c.from("examples")
		} else {
			d.note("%s is a plain text with its own schema; make it refer to the same component as %s", show(b.pointer), show(c.at.pointer))
		}
		c.uses += b.uses
		for _, e := range b.examples {
			c.texts(e)
		}
	}
	if c == nil || len(c.codes) == 0 {
		return
	}
	d.catalogs = append(d.catalogs, c)
}

// texts adds the code of one example. The same text at another status is the same code.
func (c *catalog) texts(e example) {
	body := strings.TrimSpace(e.value.Text())
	if e.value.Kind != load.Scalar || body == "" || len(body) > 200 || !lint.Clean(body) || len(c.codes) >= maxTexts {
		return
	}
	for _, have := range c.codes {
		if have.match == body {
			have.seen(e.status)
			return
		}
	}
	base := or(strings.ToUpper(strings.ReplaceAll(slug(body), "-", "_")), "TEXT")
	if base[0] < 'A' {
		base = "TEXT_" + base
	}
	value := base
	for n := 2; c.byValue[value] != nil || value == fallback; n++ {
		value = base + "_" + strconv.Itoa(n)
	}
	code := c.add(value)
	code.match = body
	code.seen(e.status)
}

// fallback is the code of a text that matches no rule.
const fallback = "UNKNOWN_TEXT"
