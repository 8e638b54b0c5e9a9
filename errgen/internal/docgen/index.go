package docgen

import (
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// Part is one spec of an index.
type Part struct {
	Spec           *model.Spec
	Label          string // name of the spec in generated files, for a spec without a title
	HTML, Markdown string // URLs of its pages, relative to the index in the same form
}

// index is a table of all codes of several specs, with an explanation of the values in it.
type index struct {
	Title, Source       string
	Parts               []indexPart
	Categories, Advices []model.Word
}

type indexPart struct {
	Name           string
	HTML, Markdown string
	Rows           []row
}

type row struct {
	Provider string
	Type     string // Go type of the code, if the spec has several
	entry
}

// IndexHTML returns the index as an HTML page. source is the name of the config in the note that the file is generated.
func IndexHTML(title, source string, parts []Part) ([]byte, error) {
	return render("index.tmpl", source, struct {
		index
		frame
	}{newIndex(title, source, parts), newFrame()})
}

// IndexMarkdown returns the index as GitHub-flavored Markdown.
func IndexMarkdown(title, source string, parts []Part) []byte {
	m := &markdown{}
	x := newIndex(title, source, parts)
	m.line("%s# %s\n", marker(source), escape(x.Title))
	m.line("Generated from %s.\n", code(source))
	for _, p := range x.Parts {
		m.line("- [%s](<%s>): %d", escape(p.Name), p.Markdown, len(p.Rows))
	}
	m.line("\n| Code | Meaning | HTTP | Category | Advice | Provider |\n|---|---|---|---|---|---|")
	for _, p := range x.Parts {
		for _, r := range p.Rows {
			m.row(p.Markdown, r)
		}
	}
	m.line("\n## Categories\n")
	m.words(x.Categories)
	m.line("## Advice\n")
	m.words(x.Advices)
	return append([]byte(strings.TrimRight(m.String(), "\n")), '\n')
}

func (m *markdown) row(page string, r row) {
	provider := escape(r.Provider)
	if r.Type != "" {
		provider += ", " + cell(r.Type)
	}
	m.line("| [%s](<%s#%s>) | %s | %s | %s | %s | %s |", cell(r.Name), page, r.Anchor, escape(r.Headline),
		texts(r.Of("http")), texts(r.Of("category")), texts(r.Of("advice")), provider)
}

func texts(chips []chip) string {
	out := make([]string, len(chips))
	for i, c := range chips {
		out[i] = escape(c.Text)
	}
	return strings.Join(out, ", ")
}

// cell returns a code span for a table, in which an unescaped | would end the cell.
func cell(s string) string { return strings.ReplaceAll(code(s), "|", `\|`) }

func (m *markdown) words(words []model.Word) {
	for _, w := range words {
		m.line("- %s: %s", code(w.Wire), escape(w.Means))
	}
	m.line("")
}

func newIndex(title, source string, parts []Part) index {
	x := index{Title: title, Source: source, Categories: model.Categories(), Advices: model.Advices()}
	for _, part := range parts {
		p := indexPart{Name: part.Spec.Title.Line(), HTML: part.HTML, Markdown: part.Markdown}
		if p.Name == "" {
			p.Name = part.Label
		}
		for _, c := range part.Spec.Catalogs {
			for _, g := range newSection(c).Groups {
				for _, e := range g.Entries {
					r := row{Provider: p.Name, entry: e}
					if len(part.Spec.Catalogs) > 1 {
						r.Type = c.Type.Value
					}
					p.Rows = append(p.Rows, r)
				}
			}
		}
		x.Parts = append(x.Parts, p)
	}
	return x
}

// Of returns the chips of one kind: http, category, outcome or advice.
func (e entry) Of(kind string) []chip {
	var out []chip
	for _, c := range e.Chips {
		if c.Kind == kind {
			out = append(out, c)
		}
	}
	return out
}
