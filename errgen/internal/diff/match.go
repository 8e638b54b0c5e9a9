package diff

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/specpay/specpay/errgen/internal/model"
)

// matches compares the text rules of a code.
func (c *changes) matches(before, after *model.Code) {
	for _, m := range before.Match {
		next := sameRule(after.Match, m)
		switch {
		case next == nil:
			c.add(Breaking, "match rule", show(m), "")
		case m.AnyStatus && !next.AnyStatus:
			c.add(Breaking, "match rule narrowed", show(m)+" at any status", show(*next)+" at the code's statuses")
		case !m.AnyStatus && next.AnyStatus:
			c.add(Additive, "match rule widened", show(m)+" at the code's statuses", show(*next)+" at any status")
		}
	}
	for _, m := range after.Match {
		if sameRule(before.Match, m) == nil {
			c.add(Additive, "match rule", "", show(m))
		}
	}
	c.set("capture", captures(before), captures(after), Breaking)
}

// sameRule finds the rule with the same text or status, even if any_status or the capture differ.
func sameRule(list []model.Match, m model.Match) *model.Match {
	i := slices.IndexFunc(list, func(o model.Match) bool {
		return o.Kind == m.Kind && o.Value.Value == m.Value.Value && o.Status.Value == m.Status.Value
	})
	if i < 0 {
		return nil
	}
	return &list[i]
}

func show(m model.Match) string {
	if m.Kind == "status" {
		return "status " + strconv.Itoa(m.Status.Value)
	}
	return m.Kind + " " + m.Value.Value
}

// captures returns the names of the captures of a code.
func captures(code *model.Code) []string {
	var out []string
	note := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, m := range code.Match {
		note(m.Capture.Value)
		if m.Kind != "pattern" {
			continue
		}
		if re, err := regexp.Compile(m.Value.Value); err == nil { // lint speaks of those that do not compile
			for _, name := range re.SubexpNames() {
				note(name)
			}
		}
	}
	return out
}
