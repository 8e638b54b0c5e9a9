package gogen

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const width = 100 // columns of a comment, about

// comment writes a doc comment. Spec text in it can neither end the comment nor become markup of its own: every line
// starts with "// " and no line starts with a mark of a list, heading or link.
func (f *file) comment(indent int, text string) {
	tabs := strings.Repeat("\t", indent)
	for _, line := range wrap(text, width-4*indent-3) {
		f.line("%s// %s", tabs, line)
	}
}

// wrap breaks text into lines of about limit characters. It treats every kind of line end as a space.
func wrap(text string, limit int) []string {
	var lines []string
	now := ""
	for _, word := range strings.FieldsFunc(visible(text), isSpace) {
		switch {
		case now == "":
			now = word
		case utf8.RuneCountInString(now)+1+utf8.RuneCountInString(word) > limit && !mark(word):
			lines, now = append(lines, now), word
		default:
			now += " " + word
		}
	}
	if now != "" {
		lines = append(lines, now)
	}
	return lines
}

// visible spells out what cannot be seen: characters without a shape, and bytes that are no UTF-8.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if isSpace(r) || strconv.IsPrint(r) && r != utf8.RuneError {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
	}
	return b.String()
}

func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\v', '\f', '\r', '\u0085', '\u00a0', '\u2028', '\u2029':
		return true
	}
	return r < ' '
}

// mark tells the words that mean something to Go tools when a comment line starts with them.
func mark(word string) bool {
	if strings.ContainsAny(word[:1], "-*+#[") || strings.HasPrefix(word, "•") || strings.HasPrefix(word, "//") || strings.HasSuffix(word, ":") {
		return true
	}
	number := strings.TrimRight(word, ".)")
	return number != word && strings.Trim(number, "0123456789") == ""
}
