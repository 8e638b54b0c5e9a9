package gogen

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const width = 100 // approximate width of a comment, in columns

// comment writes a doc comment. Text from the spec cannot end the comment or become markup: every line starts with "// ",
// and no line starts with the mark of a list, heading or link.
func (f *file) comment(indent int, text string) {
	tabs := strings.Repeat("\t", indent)
	for _, line := range wrap(text, width-4*indent-3) {
		f.line("%s// %s", tabs, line)
	}
}

// wrap breaks text into lines of about limit characters. Line breaks in text are treated as spaces.
func wrap(text string, limit int) []string {
	var lines []string
	now := ""
	for _, word := range strings.FieldsFunc(visible(text), isSpace) {
		switch {
		case now == "":
			now = word
		case utf8.RuneCountInString(now)+1+utf8.RuneCountInString(word) > limit && !isMark(word):
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

// visible escapes unprintable characters and bytes that are not valid UTF-8.
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

// isMark reports whether a word has a meaning for Go tools at the start of a comment line.
func isMark(word string) bool {
	if strings.ContainsAny(word[:1], "-*+#[") || strings.HasPrefix(word, "•") || strings.HasPrefix(word, "//") || strings.HasSuffix(word, ":") {
		return true
	}
	number := strings.TrimRight(word, ".)")
	return number != word && strings.Trim(number, "0123456789") == ""
}
