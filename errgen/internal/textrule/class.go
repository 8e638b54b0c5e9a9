package textrule

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"github.com/specpay/specpay/errgen/internal/finding"
)

const space = "\t\n\f\r " // what \s stands for

// capture reads a named group: any number of characters of a class that parts can express.
func capture(re *syntax.Regexp) (piece, error) {
	sub := re.Sub[0]
	p := piece{capture: re.Name, lazy: sub.Flags&syntax.NonGreedy != 0}
	least, ok := repeats(sub)
	if ok {
		p.empty = least == 0
		ok = p.hold(sub.Sub[0])
	}
	if !ok {
		return p, fmt.Errorf("capture %q contains %s, which is not supported; write (?P<%s>\\S+) for one word, or (?P<%s>.+) for any text",
			re.Name, show(sub), re.Name, re.Name)
	}
	return p, nil
}

// repeats returns the minimum number of repetitions, 0 or 1, if there is no maximum.
func repeats(re *syntax.Regexp) (least int, ok bool) {
	switch re.Op {
	case syntax.OpStar:
		return 0, true
	case syntax.OpPlus:
		return 1, true
	case syntax.OpRepeat:
		return re.Min, re.Min <= 1 && re.Max < 0
	}
	return 0, false
}

// hold records what a capture of this class can contain, and returns false if parts cannot express it. That a dot excludes
// line ends is ignored, because error texts of several lines are one text.
func (p *piece) hold(class *syntax.Regexp) bool {
	out, ok := excluded(class)
	if !ok {
		return false
	}
	p.spaces = strings.ContainsFunc(space, func(r rune) bool { return !slices.Contains(out, r) })
	out = slices.DeleteFunc(out, func(r rune) bool {
		if p.spaces {
			return r == '\n' || r == '\r'
		}
		return unicode.IsSpace(r)
	})
	if len(out) == 1 {
		p.stop = out[0]
	}
	return len(out) <= 1
}

// excluded returns the characters that are not in a class, if there are few.
func excluded(re *syntax.Regexp) ([]rune, bool) {
	const few = 32
	switch re.Op {
	case syntax.OpAnyChar:
		return nil, true
	case syntax.OpAnyCharNotNL:
		return []rune{'\n'}, true
	case syntax.OpCharClass:
	default:
		return nil, false
	}
	var out []rune
	next := rune(0)
	for i := 0; i <= len(re.Rune); i += 2 {
		low, high := rune(unicode.MaxRune+1), rune(unicode.MaxRune)
		if i < len(re.Rune) {
			low, high = re.Rune[i], re.Rune[i+1]
		}
		if int(low-next)+len(out) > few {
			return nil, false
		}
		for ; next < low; next++ {
			out = append(out, next)
		}
		next = high + 1
	}
	return out, true
}

// show quotes an expression as it is usually written, without flags for a dot.
func show(re *syntax.Regexp) string {
	text := re.String()
	if inner, ok := strings.CutPrefix(text, "(?-s:"); ok {
		text = strings.TrimSuffix(inner, ")")
	}
	return finding.Quote(text)
}

// refusal returns an error about an expression that is neither a literal nor a named capture, with what to write instead.
func refusal(re *syntax.Regexp) error {
	text := show(re)
	switch re.Op {
	case syntax.OpAlternate:
		return fmt.Errorf("%s has alternatives; write one rule for each", text)
	case syntax.OpQuest:
		return fmt.Errorf("%s is optional; write one rule with it and one without", text)
	case syntax.OpCharClass:
		return fmt.Errorf("%s is a character class; write one rule for each character, or use a capture such as (?P<name>\\S+)", text)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return errors.New("a dot matches any character; write \\. for a period, or use a capture such as (?P<name>.+)")
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		if _, ok := excluded(re.Sub[0]); ok {
			return fmt.Errorf("%s has no name; write it as a capture: (?P<name>.+), or (?P<name>\\S+) for one word", text)
		}
		return fmt.Errorf("%s is repeated; write out the text, or use a capture such as (?P<name>\\S+)", text)
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return fmt.Errorf("%s is a word boundary; remove it", text)
	}
	return fmt.Errorf("%s is neither a text nor a named capture; write texts and captures such as (?P<name>\\S+)", text)
}
