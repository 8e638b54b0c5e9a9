package explain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

const (
	width = 100 // columns of a line
	label = 15  // columns of the label of a fact
)

// Text returns all facts about a match for a terminal. No line is wider than 100 columns, except for a longer word, and
// control characters of the spec or the body are replaced.
func Text(m Match) string {
	w := &writer{}
	if m.Reading != nil {
		w.reading(m.Reading)
	}
	code := m.Code
	if code == nil {
		return w.String()
	}
	w.line(0, code.Value, ": "+code.Headline())
	w.line(2, "", fmt.Sprintf("catalog %s of %s, declared at %s:%d", code.Catalog.ID.Value, m.Spec, code.Pos.File, code.Pos.Line))
	for _, p := range []struct{ before, text string }{
		{"Deprecated: ", code.Deprecated.Line()}, {"Unverified: ", code.Unverified.Line()},
		{"", code.Description.Line()}, {"What to do: ", code.Resolution.Line()},
	} {
		if p.text != "" {
			w.WriteString("\n")
			w.line(2, "", p.before+p.text)
		}
	}
	w.WriteString("\n")
	w.facts(code)
	return w.String()
}

type writer struct{ strings.Builder }

func (w *writer) facts(code *model.Code) {
	c := code.Catalog
	w.fact("advice", meaning(model.Advices(), code.Advice.Value, code.AdviceReason.Line()))
	for _, s := range code.ByStatus {
		w.fact("  at "+strconv.Itoa(s.Status.Value), meaning(model.Advices(), s.Advice.Value, ""))
	}
	if code.Idempotent {
		w.fact("retry", "Retrying the same request with the same idempotency key is safe.")
	}
	outcome := code.Outcome.Value
	if outcome == "" {
		outcome = "failed"
	}
	w.fact("outcome", meaning(model.Outcomes(), outcome, ""))
	w.fact("category", meaning(model.Categories(), code.Category.Value, ""))
	w.fact("type", code.Type.Value)
	w.fact("HTTP status", statuses(code.Statuses()))
	w.fact("aliases", list(code.Aliases))
	for _, m := range code.Match {
		w.fact("recognized by", m.Kind+" "+rule(m))
	}
	w.fact("operations", strings.Join(code.Operations, ", "))
	for _, p := range code.Params {
		w.fact("parameter", strings.TrimSpace(p.Key.Value+"  "+p.Text.Line()))
	}
	if code.Const != "" {
		w.fact("Go constant", code.Const+" (type "+c.Type.Value+")")
	}
	w.fact("documented at", c.DocURL(code))
	if up := c.UpstreamURL(code); up != c.DocURL(code) {
		w.fact("provider's page", up)
	}
	w.fact("since", code.Since.Line())
	for _, p := range code.Customer {
		w.fact("customer ("+p.Key.Value+")", p.Text.Line())
	}
}

// fact writes a fact unless it is empty.
func (w *writer) fact(name, text string) {
	if text != "" {
		w.line(label+4, fmt.Sprintf("  %-*s  ", label, finding.Visible(name)), text)
	}
}

// line writes head and text, and indents further lines of the text.
func (w *writer) line(indent int, head, text string) {
	if head == "" {
		head = strings.Repeat(" ", indent)
	}
	column := utf8.RuneCountInString(head)
	w.WriteString(finding.Visible(head))
	for i, word := range strings.Fields(finding.Visible(text)) {
		n := utf8.RuneCountInString(word)
		switch {
		case i > 0 && column+1+n > width:
			w.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		case i > 0:
			w.WriteString(" ")
			column++
		}
		w.WriteString(word)
		column += n
	}
	w.WriteString("\n")
}

func meaning(words []model.Word, wire, reason string) string {
	w, ok := model.Lookup(words, wire)
	switch {
	case wire == "":
		return ""
	case !ok:
		return wire
	}
	return strings.TrimSpace(wire + ": " + w.Means + " " + reason)
}

func statuses(list []int) string {
	if len(list) == 0 {
		return "none is documented"
	}
	out := strconv.Itoa(list[0])
	for i, s := range list[1:] {
		out += [...]string{", also seen with ", ", "}[min(i, 1)] + strconv.Itoa(s)
	}
	return out
}

func list(texts []model.Text) string {
	var out []string
	for _, t := range texts {
		out = append(out, t.Value)
	}
	return strings.Join(out, ", ")
}

func rule(m model.Match) string {
	if m.Kind == "status" {
		return strconv.Itoa(m.Status.Value) + ", any body"
	}
	return m.Quoted()
}
