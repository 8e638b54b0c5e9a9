// Package docgen writes the reference pages of a spec's errors, for people (Markdown, HTML) and for programs (JSON).
package docgen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// page is what both page formats show. Every string in it is plain text; escaping is the writer's work.
type page struct {
	Title    string
	Source   string // the spec as the note about generation names it
	Matching string // how a code is recognised
	Catalogs []section
	Unknown  []entry
}

type section struct {
	Anchor, Title string
	Type          string // Go type
	Upstream      string
	Groups        []group
	Entries       []entry
}

// group is the part of the table of contents for one category.
type group struct {
	Anchor, Title, Means string
	Links                []link
}

type link struct{ Anchor, Text string }

type entry struct {
	Anchor, Name, Title     string
	Description, Resolution string
	Unverified, Deprecated  string
	Facts                   []fact
	Payer                   []payer
	Link                    string // page of the provider
}

// fact is one line about an entry: a label, words of code, and a plain sentence.
type fact struct {
	Label string
	Code  []string
	Text  string
}

type payer struct{ Lang, Text string }

func newPage(spec *model.Spec, source string) page {
	p := page{Title: "Errors", Source: source, Matching: "Codes are matched by their wire value, never by the HTTP status."}
	if len(spec.Catalogs) > 0 && spec.Catalogs[0].IsText() {
		p.Matching = "Codes are matched by the text of the answer together with its HTTP status."
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
	for _, w := range append(model.Categories(), model.Word{Means: "Not a failure."}) {
		g := group{Anchor: s.Anchor + "." + w.Wire, Title: strings.ReplaceAll(w.Wire, "_", " "), Means: w.Means}
		if w.Wire == "" {
			g.Anchor, g.Title = s.Anchor+".other", "other answers"
		}
		for _, code := range c.Codes {
			if code.Category.Value == w.Wire {
				g.Links = append(g.Links, link{c.AnchorOf(code), code.Value})
			}
		}
		if g.Links != nil {
			s.Groups = append(s.Groups, g)
		}
	}
	for _, code := range c.Codes {
		s.Entries = append(s.Entries, newEntry(c, code))
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
	e.add("Go constant", []string{code.Const}, "")
	e.add("Also spelt", values(code.Aliases), "")
	e.addStatuses(code)
	e.add("Recognised by", nil, matchWords(code))
	e.add("Type", one(code.Type.Value), "")
	e.add("Category", one(code.Category.Value), meaning(model.Categories(), code.Category.Value))
	e.add("Outcome", one(code.Outcome.Value), meaning(model.Outcomes(), code.Outcome.Value))
	e.add("Advice", one(code.Advice.Value), strings.TrimSpace(meaning(model.Advices(), code.Advice.Value)+" "+code.AdviceReason.Line()))
	for _, s := range code.ByStatus {
		e.add("Advice at "+strconv.Itoa(s.Status.Value), one(s.Advice.Value), meaning(model.Advices(), s.Advice.Value))
	}
	if code.Idempotent {
		e.add("Repeating", nil, "The same request with the same idempotency key is safe.")
	}
	e.add("Answered by", code.Operations, "")
	for _, p := range code.Params {
		e.add("Parameter", one(p.Key.Value), p.Text.Line())
	}
	e.add("Since", nil, code.Since.Line())
	return e
}

// add leaves out a fact that says nothing.
func (e *entry) add(label string, code []string, text string) {
	if len(code) > 0 || text != "" {
		e.Facts = append(e.Facts, fact{label, code, text})
	}
}

func (e *entry) addStatuses(code *model.Code) {
	if len(code.HTTP) == 0 {
		e.add("HTTP status", nil, "none is documented")
		return
	}
	words := make([]string, len(code.HTTP))
	for i, n := range code.HTTP {
		words[i] = strconv.Itoa(n.Value)
	}
	e.add("HTTP status", words[:1], "")
	e.add("Also seen with", words[1:], "")
}

func unknownEntry(op *model.Operation) entry {
	u := op.Unknown
	e := entry{
		Anchor: op.UnknownAnchor(), Name: op.ID.Value,
		Description: u.Description.Line(), Resolution: u.Resolution.Line(), Payer: payers(u.Customer),
	}
	e.add("Call", one(strings.ToUpper(op.Method)+" "+op.Path), "")
	e.add("Advice", one(u.Advice.Value), strings.TrimSpace(meaning(model.Advices(), u.Advice.Value)+" "+u.AdviceReason.Line()))
	return e
}

func matchWords(code *model.Code) string {
	var out []string
	for _, m := range code.Match {
		word := fmt.Sprintf("%s %q", m.Kind, m.Value.Value)
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

// marker is the note that a file is generated, fit for an HTML comment.
func marker(source string) string {
	return "<!-- Code generated by errgen from " + strings.ReplaceAll(source, ">", "&gt;") + "; DO NOT EDIT. -->\n"
}
