// Package docgen generates the reference pages for the error codes of specs, as Markdown, HTML and JSON, and the page about
// retries.
package docgen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// page is the content of the HTML and Markdown pages. Its strings are plain text, which the writers escape.
type page struct {
	Title    string
	Source   string // name of the spec in the note that the file is generated
	Home     Home
	Matching string // how a code is recognized
	Catalogs []section
	Unknown  []entry

	Unverified []model.Mark // outside of the catalogs
}

type section struct {
	Anchor, Title string
	Type          string // Go type
	Upstream      string
	Groups        []group
	Entries       []entry
}

// group is one category of a section.
type group struct {
	Anchor, Title, Means string
	Entries              []entry
}

type entry struct {
	Anchor, Name, Title     string
	Call                    bool   // about an operation, not a code
	Headline                string // of a code: never empty
	Also                    string // of a code: further search terms for an index
	Chips                   []chip
	Description, Resolution string
	Unverified, Deprecated  string
	Facts                   []fact
	Payer                   []payer
	Link                    string // page of the provider
}

// chip is a short fact about an entry, shown below its title.
type chip struct{ Kind, Label, Text string }

// fact is a line about an entry: a label, code words, and text.
type fact struct {
	Label  string
	Code   []string
	Text   string
	Chip   bool // a chip and the heading above show it already
	Common bool // the same text is on many entries, so it is not a search term
}

type payer struct{ Lang, Text string }

func newPage(spec *model.Spec, source string, home Home) page {
	p := page{Title: "Errors", Source: source, Home: home, Unverified: spec.Unverified, Matching: "Codes are matched by their value on the wire, never by the HTTP status."}
	if len(spec.Catalogs) > 0 && spec.Catalogs[0].IsText() {
		p.Matching = "Codes are matched by the text of the response together with its HTTP status."
	}
	if t := spec.Title.Line(); t != "" {
		p.Title = t + ": errors"
	}
	for _, c := range spec.Catalogs {
		p.Catalogs = append(p.Catalogs, newSection(c))
	}
	for _, op := range spec.Operations {
		if op.Unknown != nil {
			p.Unknown = append(p.Unknown, unknownEntry(op))
		}
	}
	return p
}

func newSection(c *model.Catalog) section {
	s := section{Anchor: "catalog." + c.ID.Value, Title: "Catalog " + c.ID.Value, Type: c.Type.Value, Upstream: c.Upstream.Value}
	entries := map[string][]entry{}
	for _, code := range c.Codes {
		e := newEntry(c, code)
		s.Entries = append(s.Entries, e)
		entries[code.Category.Value] = append(entries[code.Category.Value], e)
	}
	for _, w := range append(model.Categories(), model.Word{Means: "Not a failure."}) {
		g := group{Anchor: s.Anchor + "." + w.Wire, Title: strings.ReplaceAll(w.Wire, "_", " "), Means: w.Means}
		if w.Wire == "" {
			g.Anchor, g.Title = s.Anchor+".other", "other responses"
		}
		if g.Entries = entries[w.Wire]; g.Entries != nil {
			s.Groups = append(s.Groups, g)
		}
	}
	return s
}

func newEntry(c *model.Catalog, code *model.Code) entry {
	e := entry{
		Anchor: c.AnchorOf(code), Name: code.Value, Title: code.Title.Line(),
		Description: code.Description.Line(), Resolution: code.Resolution.Line(),
		Unverified: code.Unverified.Line(), Deprecated: code.Deprecated.Line(),
		Payer: payers(code.Customer), Link: c.UpstreamURL(code),
	}
	e.Headline, e.Also = code.Headline(), findable(code)
	e.add("Go constant", []string{code.Const}, "")
	e.add("Aliases", values(code.Aliases), "")
	e.addStatuses(code)
	e.add("Recognized by", nil, matchWords(code))
	e.add("Type", one(code.Type.Value), "")
	e.word("category", code.Category.Value, model.Categories(), "")
	e.word("outcome", code.Outcome.Value, model.Outcomes(), "")
	e.word("advice", code.Advice.Value, model.Advices(), code.AdviceReason.Line())
	for _, s := range code.ByStatus {
		e.add("Advice at "+strconv.Itoa(s.Status.Value), one(s.Advice.Value), meaning(model.Advices(), s.Advice.Value)).Common = true
	}
	if code.Idempotent {
		e.add("Retry", nil, "Retrying the same request with the same idempotency key is safe.")
	}
	e.add("Returned by", code.Operations, "")
	for _, p := range code.Params {
		e.add("Parameter", one(p.Key.Value), p.Text.Line())
	}
	e.add("Since", nil, code.Since.Line())
	return e
}

// findable returns the search terms of a code for the filter of an index, in addition to its row.
func findable(code *model.Code) string {
	words := append([]string{code.Const}, values(code.Aliases)...)
	for _, m := range code.Match {
		words = append(words, m.Value.Value)
	}
	words = append(words, code.Description.Line(), code.Resolution.Line())
	for _, p := range code.Customer {
		words = append(words, p.Text.Line())
	}
	return strings.Join(words, " ")
}

// add adds a fact unless it is empty. The caller may set flags on the result.
func (e *entry) add(label string, code []string, text string) *fact {
	if len(code) == 0 && text == "" {
		return &fact{}
	}
	e.Facts = append(e.Facts, fact{Label: label, Code: code, Text: text})
	return &e.Facts[len(e.Facts)-1]
}

// word adds a value of a closed list, as a chip and as a fact with its meaning.
func (e *entry) word(kind, wire string, list []model.Word, reason string) {
	if wire == "" {
		return
	}
	c := chip{Kind: kind, Label: kind, Text: wire}
	if kind == "category" { // needs no label
		c.Label = ""
	}
	e.Chips = append(e.Chips, c)
	label := strings.ToUpper(kind[:1]) + kind[1:]
	f := e.add(label, one(wire), strings.TrimSpace(meaning(list, wire)+" "+reason))
	f.Chip, f.Common = kind == "category", true
}

func (e *entry) addStatuses(code *model.Code) {
	if len(code.HTTP) == 0 {
		e.add("HTTP status", nil, "none is documented").Common = true
		return
	}
	words := make([]string, len(code.HTTP))
	for i, n := range code.HTTP {
		words[i] = strconv.Itoa(n.Value)
		label := "HTTP"
		if i > 0 {
			label = "also"
		}
		e.Chips = append(e.Chips, chip{Kind: "http", Label: label, Text: words[i]})
	}
	e.add("HTTP status", words[:1], "").Chip = true
	e.add("Also seen with", words[1:], "").Chip = true
}

func unknownEntry(op *model.Operation) entry {
	u := op.Unknown
	e := entry{
		Anchor: op.UnknownAnchor(), Name: op.ID.Value, Call: true,
		Description: u.Description.Line(), Resolution: u.Resolution.Line(), Payer: payers(u.Customer),
	}
	e.add("Operation", one(strings.ToUpper(op.Method)+" "+op.Path), "")
	e.word("advice", u.Advice.Value, model.Advices(), u.AdviceReason.Line())
	return e
}

func matchWords(code *model.Code) string {
	var out []string
	for _, m := range code.Match {
		word := m.Kind + " " + m.Quoted()
		if m.Kind == "status" {
			word = fmt.Sprintf("any body with status %d", m.Status.Value)
		}
		out = append(out, word)
	}
	return strings.Join(out, "; ")
}

func meaning(words []model.Word, wire string) string {
	w, _ := model.Lookup(words, wire)
	return w.Means
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func values(texts []model.Text) []string {
	var out []string
	for _, t := range texts {
		out = append(out, t.Value)
	}
	return out
}

func payers(pairs []model.Pair) []payer {
	var out []payer
	for _, p := range pairs {
		out = append(out, payer{p.Key.Value, p.Text.Line()})
	}
	return out
}

// marker returns the note that a file is generated, as an HTML comment.
func marker(source string) string {
	return "<!-- Code generated by errgen from " + strings.ReplaceAll(source, ">", "&gt;") + "; DO NOT EDIT. -->\n"
}
