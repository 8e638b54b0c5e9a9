package diff

import (
	"fmt"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// String returns the change on one line: class, subject, what changed, old and new value.
func (c Change) String() string {
	return finding.Visible(c.Class.String() + ": " + c.subject(plain) + c.what(finding.Quote, "->"))
}

func plain(s string) string { return s }

// subject names the subject of the change, followed by a colon. quote quotes names for the format.
func (c Change) subject(quote func(string) string) string {
	var words []string
	if c.Catalog != "" {
		words = append(words, "catalog "+quote(c.Catalog))
	}
	if c.Code != "" {
		words = append(words, "code "+quote(c.Code))
	}
	if c.Operation != "" {
		words = append(words, "operation "+quote(c.Operation))
	}
	if words == nil {
		return ""
	}
	return strings.Join(words, ", ") + ": "
}

func (c Change) what(quote func(string) string, arrow string) string {
	switch {
	case c.To == "":
		return fmt.Sprintf("%s %s removed", c.What, quote(c.From))
	case c.From == "":
		return fmt.Sprintf("%s %s added", c.What, quote(c.To))
	}
	return fmt.Sprintf("%s %s %s %s", c.What, quote(c.From), arrow, quote(c.To))
}

// Markdown returns the changes as a block for a changelog, with a list for each class.
func Markdown(changes []Change) string {
	var b strings.Builder
	for i, c := range changes {
		if i == 0 || c.Class != changes[i-1].Class {
			if i > 0 {
				b.WriteString("\n")
			}
			name := c.Class.String()
			b.WriteString("**" + strings.ToUpper(name[:1]) + name[1:] + "**\n\n")
		}
		b.WriteString("- " + finding.Visible(c.subject(span)+c.what(span, "→")) + "\n")
	}
	if len(changes) == 0 {
		return "No changes of error codes.\n"
	}
	return b.String()
}

// span returns s as a code span. Its fence is longer than any run of backticks in s.
func span(s string) string {
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
