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
# Entries with x-unverified are incomplete. Category, advice and outcome are guessed from the status alone, as
# listed below: correct them, write description and resolution, and remove x-unverified. Set page on the catalog
# to the address of your reference page once there is one.
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
				w.envelope(e, c.text)
			}
		}
		w.line(0, "\n%s:", quote(c.at.pointer))
		for _, e := range c.envelopes {
			if e.at.pointer == c.at.pointer {
				w.envelope(e, c.text)
			}
		}
		w.catalog(c)
	}
	return w.Bytes()
}

func (w *writer) envelope(e envelope, text bool) {
	w.line(1, "x-error-envelope:")
	for i, f := range e.fields {
		switch {
		case i+1 < len(e.fields) && e.fields[i+1][0] == f[0]:
			w.line(2, "%s: [%s, %s]", f[0], quote(f[1]), quote(e.fields[i+1][1]))
		case i > 0 && e.fields[i-1][0] == f[0]:
		default:
			w.field(2, f[0], f[1])
		}
	}
	if text {
		w.line(2, "trim: true")
	}
}

func (w *writer) catalog(c *catalog) {
	w.line(1, "x-error-catalog:")
	w.field(2, "id", c.id)
	w.field(2, "type", c.kind)
	w.field(2, "prefix", c.prefix)
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
	first := 0
	if len(statuses) > 0 {
		first = statuses[0]
	}
	g := guessFrom(first)
	w.line(3, "%s:", quote(code.value))
	w.field(4, "name", code.name)
	w.line(4, "http: %s", numbers(statuses))
	w.line(4, "category: %s", g.category)
	w.line(4, "advice: %s", g.advice)
	w.field(4, "outcome", g.outcome)
	if odd(g.advice, statuses) {
		w.line(4, "advice_reason: guessed from the first status alone")
	}
	w.field(4, "title", code.title)
	w.field(4, "description", code.description)
	w.field(4, "anchor", code.anchor)
	w.field(4, "upstream_anchor", code.upstreamAnchor)
	switch {
	case c.text && first == 0:
		w.line(4, "match: [{exact: %s, any_status: true}]", quote(code.match))
	case c.text:
		w.line(4, "match: [{exact: %s}]", quote(code.match))
	}
	w.field(4, "x-unverified", todo(code, first))
}

// odd reports whether the guess for the first status would be unusual for another one.
func odd(advice string, statuses []int) bool {
	return slices.ContainsFunc(statuses, func(s int) bool { return guessFrom(s).advice != advice })
}

// todo describes what has to be completed.
func todo(c *code, status int) string {
	text := "TODO: no status is known, so category and advice are placeholders"
	if status != 0 {
		text = "TODO: category, advice and outcome are guessed from the status " + strconv.Itoa(status)
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
