package start

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

const head = `# The error codes of a spec, drafted by errgen init from %s.
# Keys are JSON pointers into the spec. Use this file with -catalog, or as catalog: in errgen.yaml.
#
# Entries with x-unverified are incomplete. Category, advice and outcome are guessed from the statuses that the spec
# has for the code, as listed below: correct them, write description and resolution, and remove x-unverified. With
# category unknown, the status of the response decides. Set page on the catalog to the address of your reference
# page once there is one.
#
%s`

// writer writes the lines of the file.
type writer struct{ bytes.Buffer }

func (w *writer) line(indent int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// field writes a member unless its value is empty.
func (w *writer) field(indent int, name, value string) {
	if value != "" {
		w.line(indent, "%s: %s", name, quote(value))
	}
}

// write returns the file. All extensions at one place of the spec are under one key.
func (d *drafter) write(source string) []byte {
	w := &writer{}
	fmt.Fprintf(w, head, oneLine(source), guessTable())
	written := map[string]bool{}
	for _, c := range d.catalogs {
		for _, e := range c.envelopes {
			if e.at.pointer != c.at.pointer && !written[e.at.pointer] {
				written[e.at.pointer] = true
				w.line(0, "\n%s:", quote(e.at.pointer))
				w.envelope(e, c)
			}
		}
		w.line(0, "\n%s:", quote(c.at.pointer))
		for _, e := range c.envelopes {
			if e.at.pointer == c.at.pointer {
				w.envelope(e, c)
			}
		}
		w.catalog(c, d.spec.Classed())
	}
	return w.Bytes()
}

func (w *writer) envelope(e envelope, c *catalog) {
	w.line(1, "x-error-envelope:")
	w.field(2, "at", e.in)
	if len(c.schemas) > 1 {
		w.field(2, "catalog", c.id)
	}
	if e.success {
		w.field(2, "success", "scan")
	}
	for i, f := range e.fields {
		pointers := []string{quote(f[1])}
		for _, more := range e.fields[i+1:] {
			if more[0] == f[0] {
				pointers = append(pointers, quote(more[1]))
			}
		}
		switch {
		case i > 0 && e.fields[i-1][0] == f[0]:
		case len(pointers) > 1:
			w.line(2, "%s: [%s]", f[0], strings.Join(pointers, ", "))
		default:
			w.field(2, f[0], f[1])
		}
	}
	if c.text {
		w.line(2, "trim: true")
	}
}

// catalog writes a catalog. One of a spec with retry classes needs a page.
func (w *writer) catalog(c *catalog, classed bool) {
	w.line(1, "x-error-catalog:")
	w.field(2, "id", c.id)
	w.field(2, "type", c.kind)
	w.field(2, "prefix", c.prefix)
	if classed {
		w.line(2, "page: https://errors.invalid/%s.html # TODO: the address of your reference page", c.id)
	}
	w.field(2, "upstream", c.upstream)
	if c.text {
		w.field(2, "fallback", fallback)
	}
	w.line(2, "codes:")
	for _, code := range c.codes {
		w.code(c, code)
	}
	if c.text {
		w.line(3, "%s:", fallback)
		w.line(4, "http: []")
		w.line(4, "category: unknown")
		w.line(4, "advice: never")
		w.field(4, "description", "The body matches no text of this catalog.")
		w.field(4, "resolution", "Check the status and the body.")
	}
}

func (w *writer) code(c *catalog, code *code) {
	statuses := slices.Clone(code.statuses)
	slices.Sort(statuses)
	g := guessOf(statuses)
	w.line(3, "%s:", quote(code.value))
	w.field(4, "name", code.name)
	w.line(4, "http: %s", numbers(statuses))
	w.line(4, "category: %s", g.category)
	w.line(4, "advice: %s", g.advice)
	w.field(4, "outcome", g.outcome)
	if odd(g.advice, statuses) {
		w.line(4, "advice_reason: %s", reason(g))
	}
	w.field(4, "title", code.title)
	w.field(4, "description", code.description)
	w.field(4, "anchor", code.anchor)
	w.field(4, "upstream_anchor", code.upstreamAnchor)
	switch {
	case c.text && len(statuses) == 0:
		w.line(4, "match: [{exact: %s, any_status: true}]", quote(code.match))
	case c.text:
		w.line(4, "match: [{exact: %s}]", quote(code.match))
	}
	w.field(4, "x-unverified", todo(code, statuses, g))
}

// odd reports whether the guess would be another one for some status.
func odd(advice string, statuses []int) bool {
	return slices.ContainsFunc(statuses, func(s int) bool { return guessFrom(s).advice != advice })
}

func reason(g guess) string {
	if g == undecided() {
		return "the status of the response decides"
	}
	return "guessed, and the same for all statuses"
}

// todo describes what has to be completed.
func todo(c *code, statuses []int, g guess) string {
	text := "TODO: no status is known, so the status of the response decides"
	switch {
	case len(statuses) > 0 && g == undecided():
		text = "TODO: the statuses mean different things, so the status of the response decides"
	case len(statuses) == 1:
		text = "TODO: category, advice and outcome are guessed from the status " + strconv.Itoa(statuses[0])
	case len(statuses) > 1:
		text = "TODO: category, advice and outcome are guessed from the statuses"
	}
	if named := statusOfName(c.value); named != 0 && !slices.ContainsFunc(statuses, func(s int) bool { return category(s) == category(named) }) {
		text += "; the name suggests category " + string(category(named))
	}
	missing := "; write the resolution"
	if c.description == "" {
		missing = "; write description and resolution"
	}
	if message := oneLine(c.message); message != "" {
		missing += "; an example has the message " + finding.Quote(message)
	}
	return text + missing
}

func numbers(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(n)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

const (
	plain    = `^[A-Za-z/][A-Za-z0-9_./~-]*$`
	reserved = `^(?i:y|n|yes|no|on|off|true|false|null)$`
)

// quote formats a string as YAML: plain if every parser reads it as a string, otherwise quoted as in JSON.
func quote(s string) string {
	if matches(plain, s) && !matches(reserved, s) {
		return s
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
