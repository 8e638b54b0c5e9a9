package docgen

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// Markdown returns the page as GitHub-flavored Markdown. source is the name of the spec in the note that the file is
// generated.
func Markdown(spec *model.Spec, source string, home Home) []byte {
	m := &markdown{}
	p := newPage(spec, source, home)
	m.line("%s", strings.TrimSuffix(marker(source), "\n"))
	m.line("# %s\n", escape(p.Title))
	m.line("Generated from %s. %s\n", code(source), p.Matching)
	if home.Markdown != "" {
		m.line("[%s](<%s>)\n", escape(home.Title), home.Markdown)
	}
	for _, s := range p.Catalogs {
		m.contents(s)
	}
	if len(p.Unknown) > 0 {
		m.line("- [When the outcome is unknown](#page-unknown-outcome)\n")
	}
	if len(p.Unverified) > 0 {
		m.line("- [What else is unverified](#page-unverified)\n")
	}
	for _, s := range p.Catalogs {
		m.line("<a id=\"%s.codes\"></a>\n\n## %s, type %s\n", html.EscapeString(s.Anchor), escape(s.Title), code(s.Type))
		for _, e := range s.Entries {
			m.entry(e)
		}
	}
	if len(p.Unknown) > 0 {
		m.line("<a id=\"page-unknown-outcome\"></a>\n\n## When the outcome is unknown\n")
		m.line("%s\n", unknownIntro)
		for _, e := range p.Unknown {
			m.entry(e)
		}
	}
	if len(p.Unverified) > 0 {
		m.line("<a id=\"page-unverified\"></a>\n\n## What else is unverified\n\n%s\n", unverifiedIntro)
		for _, u := range p.Unverified {
			m.line("- %s: %s", code(u.Where), escape(u.Reason.Line()))
		}
	}
	return append(bytes.TrimRight(m.Bytes(), "\n"), '\n')
}

const unknownIntro = "A call without a response, or with an unreadable one, may or may not have taken effect. What to do, by operation:"

const unverifiedIntro = "These parts of the spec are inferred or come from a single source. A code that is unverified says so in its entry."

type markdown struct{ bytes.Buffer }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *markdown) contents(s section) {
	m.line("<a id=\"%s\"></a>\n\n**%s**, Go type %s%s\n", html.EscapeString(s.Anchor), escape(s.Title), code(s.Type), providerLink(s.Upstream))
	for _, g := range s.Groups {
		links := make([]string, len(g.Entries))
		for i, e := range g.Entries {
			links[i] = fmt.Sprintf("[%s](#%s)", code(e.Name), e.Anchor)
		}
		m.line("- **%s** (%s) %s", escape(g.Title), escape(g.Means), strings.Join(links, ", "))
	}
	m.line("")
}

func providerLink(upstream string) string {
	if upstream == "" {
		return ""
	}
	return ", [provider documentation](<" + upstream + ">)"
}

func (m *markdown) entry(e entry) {
	m.line("<a id=\"%s\"></a>\n\n### %s\n", html.EscapeString(e.Anchor), code(e.Name))
	if e.Title != "" {
		m.line("**%s**\n", escape(e.Title))
	}
	m.paragraph("Deprecated: ", e.Deprecated)
	m.paragraph("Unverified: ", e.Unverified)
	m.paragraph("", e.Description)
	m.paragraph("What to do: ", e.Resolution)
	for _, f := range e.Facts {
		words := make([]string, len(f.Code))
		for i, w := range f.Code {
			words[i] = code(w)
		}
		text := escape(f.Text)
		if len(words) > 0 && text != "" {
			text = ": " + text
		}
		m.line("- %s: %s%s", escape(f.Label), strings.Join(words, ", "), text)
	}
	for _, p := range e.Payer {
		m.line("- Customer message (%s): “%s”", escape(p.Lang), escape(p.Text))
	}
	if e.Link != "" {
		m.line("- [Provider documentation](<%s>)", e.Link)
	}
	m.line("")
}

func (m *markdown) paragraph(label, text string) {
	if text != "" {
		m.line("%s%s\n", label, escape(text))
	}
}

// escape escapes s as plain text at any place in a line. s has no line ends.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|~#", r):
			b.WriteString("\\" + string(r))
		case i == 0 && strings.ContainsRune("-+=", r):
			b.WriteString("\\" + string(r))
		case (r == '.' || r == ')') && i > 0 && strings.Trim(s[:i], "0123456789") == "": // "1." starts a list
			b.WriteString("\\" + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code returns s as a code span. Its fence is longer than any run of backticks in s.
func code(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
