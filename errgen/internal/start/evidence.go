package start

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/lint"
	"github.com/specpay/specpay/errgen/internal/load"
)

// evidence is a value that a spec shows for a place, and how.
type evidence struct {
	value
	at     spot
	status int  // of the example; 0 if it is not known
	list   bool // the schema lists the value
	sole   bool // the only value of the schema
	body   *load.Node
}

// evidence returns the values that the schemas of a place list, and their examples.
func (d *drafter) evidence(p *place) []evidence {
	var out []evidence
	for _, s := range p.spots {
		values := d.valuesOf(s.node)
		for _, v := range values {
			out = append(out, evidence{value: v, at: s, list: true, sole: len(values) == 1})
		}
		examples := d.examples(s.node, 0, false)
		for _, e := range examples {
			if v := e.value.Text(); v != "" {
				out = append(out, evidence{value: value{wire: v}, at: s, sole: len(values) == 0 && len(examples) == 1})
			}
		}
	}
	return out
}

// sift keeps the schemas with plausible values, and their values. The values of one list are kept or dropped together,
// because a catalog has all of them.
func (p *place) sift(values []evidence, b *body) {
	dropped := map[*load.Node]bool{}
	for _, e := range values {
		if e.list {
			dropped[e.at.node] = true
		}
	}
	for _, e := range values {
		if e.list && p.plausible(e, b) {
			dropped[e.at.node] = false
		}
	}
	p.spots = slices.DeleteFunc(p.spots, func(s spot) bool { return dropped[s.node] })
	p.values = slices.DeleteFunc(append(values, p.shown(b)...), func(e evidence) bool {
		return dropped[e.at.node] || !e.list && !p.plausible(e, b)
	})
}

// usable reports whether a catalog can have all values that a schema lists.
func (d *drafter) usable(s spot, values []value) bool {
	if ok, checked := d.checked[s.node]; checked {
		return ok
	}
	d.checked[s.node] = false
	for _, key := range []string{"enum", "x-extensible-enum"} {
		for _, n := range itemsOf(s.node.Get(key)) {
			if !n.IsString() && n.Tag != load.Null {
				d.note("%s lists %s, which cannot be a code", show(s.pointer), n.Describe())
				return false
			}
		}
	}
	for _, v := range values {
		if !lint.Clean(v.wire) || strings.TrimSpace(v.wire) == "" || oneLine(v.wire) != v.wire {
			d.note("%s lists the value %s, which cannot be a code", show(s.pointer), finding.Quote(v.wire))
			return false
		}
	}
	d.checked[s.node] = true
	return true
}

func itemsOf(n *load.Node) []*load.Node {
	if n == nil || n.Kind != load.List {
		return nil
	}
	return n.Items
}

// shown returns the values that the examples of a body have at a place.
func (p *place) shown(b *body) []evidence {
	if len(p.spots) == 0 {
		return nil
	}
	var out []evidence
	for _, e := range b.examples {
		for _, wire := range all(e.value, p.pointer) {
			out = append(out, evidence{value: value{wire: wire}, at: p.spots[0], status: e.status, body: e.value})
		}
	}
	return out
}

// listed reports whether a schema of the place lists values.
func (p *place) listed() bool {
	return slices.ContainsFunc(p.values, func(e evidence) bool { return e.list })
}

// shouting reports whether all values look like constants, as the status of an RPC and the name of an error do.
func (p *place) shouting() bool {
	n := normal(p.name)
	return (n == "name" || n == "status") && !slices.ContainsFunc(p.values, func(e evidence) bool { return !constant.MatchString(e.wire) })
}

var (
	constant = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$|^[A-Z]{5,}$`)
	wordy    = regexp.MustCompile(`^[A-Za-z]+([_.-][A-Za-z]+)*$`)
	media    = regexp.MustCompile(`^(text|application|image|audio|video|multipart)/`)
	filler   = regexp.MustCompile(`^(?i:string|null|none|code|error_?code|example\w*|true|false|x+)$`)
	generic  = regexp.MustCompile(`^(?i:errors?|fail|failed|failure|ok|success|fault|exception)$`)
)

// plausible reports whether a value of a place is a code. Sentences, media types and status texts are not, and a property
// that is a code only by its ordinary name needs more.
func (p *place) plausible(e evidence, b *body) bool {
	s := e.wire
	switch {
	case s == "" || len(s) > 200 || strings.ContainsAny(s, " \t\r\n") || s == "about:blank" || media.MatchString(s):
		return e.list && s != "" && p.level < levelAlone
	case !e.list && (filler.MatchString(s) || slices.ContainsFunc(b.statuses, func(n int) bool { return s == strconv.Itoa(n) })):
		return false
	case p.level < levelAlone:
		return true
	case generic.MatchString(s) || phrase(s):
		return false
	}
	switch normal(p.name) {
	case "id":
		return wordy.MatchString(s)
	case "status", "name":
		return wordy.MatchString(s) || constant.MatchString(s)
	}
	return true
}

// phrase reports whether a text is the reason phrase of a status, such as Unauthorized. A code is usually spelled differently.
func phrase(s string) bool {
	for status := 400; status < 600; status++ {
		if http.StatusText(status) == s {
			return true
		}
	}
	return false
}
