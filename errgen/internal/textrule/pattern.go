package textrule

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/finding"
)

// Pattern is a regular expression as literals and captures.
type Pattern struct {
	Ways   [][]catalog.TextPart // tried in order: with all captures, then without those that may be empty
	Greedy []string             // captures that can contain the literal after them, which the expression ends later than the parts
}

// piece is one step of a pattern.
type piece struct {
	literal string
	capture string
	spaces  bool // the capture may contain white space
	empty   bool // it may be empty
	lazy    bool // it is non-greedy
	stop    rune // the only visible character that it cannot contain; 0 = none
}

// maxEmpty is the limit on captures that may be empty. Three give up to eight ways in which a pattern can match.
const maxEmpty = 3

// Compile converts a pattern to parts. The error names what cannot be converted, and what to write instead.
func Compile(pattern string) (Pattern, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return Pattern{}, err
	}
	list, err := pieces(re)
	if err != nil {
		return Pattern{}, err
	}
	list = join(list)
	if err := neighbors(list); err != nil {
		return Pattern{}, err
	}
	return ways(list)
}

func pieces(re *syntax.Regexp) ([]piece, error) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return nil, nil
	case syntax.OpLiteral:
		if folds(re) {
			return nil, fmt.Errorf("it ignores case at %s; write the text as it occurs, with one rule for each spelling", finding.Quote(string(re.Rune)))
		}
		return []piece{{literal: string(re.Rune)}}, nil
	case syntax.OpCapture:
		p, err := capture(re)
		return []piece{p}, err
	case syntax.OpConcat:
		var out []piece
		for _, sub := range re.Sub {
			more, err := pieces(sub)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	}
	return nil, refusal(re)
}

// folds reports whether a literal also matches in another case.
func folds(re *syntax.Regexp) bool {
	return re.Flags&syntax.FoldCase != 0 &&
		strings.ContainsFunc(string(re.Rune), func(r rune) bool { return unicode.SimpleFold(r) != r })
}

// join merges adjacent literals.
func join(list []piece) []piece {
	var out []piece
	for _, p := range list {
		if n := len(out); n > 0 && p.capture == "" && out[n-1].capture == "" {
			out[n-1].literal += p.literal
			continue
		}
		out = append(out, p)
	}
	return out
}

// neighbors checks that the end of each capture can be found.
func neighbors(list []piece) error {
	for i, p := range list {
		if p.capture == "" {
			continue
		}
		next := piece{}
		if i+1 < len(list) {
			next = list[i+1]
		}
		first, _ := utf8.DecodeRuneInString(next.literal)
		switch {
		case next.capture != "":
			return fmt.Errorf("capture %q follows %q directly; put a text between them, or use one capture for both", next.capture, p.capture)
		case p.stop != 0 && (next.literal == "" || first != p.stop):
			return fmt.Errorf("capture %q excludes %q, but something else follows it; write (?P<%s>\\S+) for one word, or (?P<%s>.+) for any text",
				p.capture, p.stop, p.capture, p.capture)
		}
	}
	return nil
}

// ways returns the parts for each choice of empty captures.
func ways(list []piece) (Pattern, error) {
	var out Pattern
	empty := 0
	for i, p := range list {
		if p.empty {
			empty++
		}
		if i+1 < len(list) && p.greedy(list[i+1].literal) {
			out.Greedy = append(out.Greedy, p.capture)
		}
	}
	if empty > maxEmpty {
		return Pattern{}, fmt.Errorf("%d captures may be empty, but at most %d are supported; write + for *", empty, maxEmpty)
	}
	for drop := range 1 << empty {
		way := build(list, drop)
		switch {
		case len(way) > 0 && !dead(way):
			out.Ways = append(out.Ways, way)
		case drop == 0:
			return Pattern{}, errors.New("it starts or ends with white space, which trimmed bodies never do; remove it")
		}
	}
	return out, nil
}

// greedy reports whether the expression may extend a capture beyond the first occurrence of the literal after it.
func (p piece) greedy(next string) bool {
	return p.capture != "" && p.stop == 0 && !p.lazy && (p.spaces || !strings.ContainsAny(next, space))
}

// build omits the captures that may be empty and whose bit is set in drop. A literal after a capture with a stop starts with
// a part that consists of the stop, because the capture must end there, whatever follows.
func build(list []piece, drop int) []catalog.TextPart {
	var out []catalog.TextPart
	closed := 0 // parts that are complete
	stop := rune(0)
	for _, p := range list {
		if p.capture != "" {
			left := p.empty && drop&1 == 1
			if p.empty {
				drop >>= 1
			}
			if !left {
				out = append(out, catalog.TextPart{Capture: p.capture, Spaces: p.spaces})
				closed, stop = len(out), p.stop
			}
			continue
		}
		text := p.literal
		if stop != 0 {
			out = append(out, catalog.TextPart{Literal: string(stop)})
			text, closed, stop = text[utf8.RuneLen(stop):], len(out), 0
		}
		switch {
		case text == "":
		case len(out) > closed:
			out[len(out)-1].Literal += text
		default:
			out = append(out, catalog.TextPart{Literal: text})
		}
	}
	return out
}

// dead reports whether parts cannot match any trimmed body.
func dead(way []catalog.TextPart) bool {
	first, last := way[0].Literal, way[len(way)-1].Literal
	return first != "" && strings.TrimLeftFunc(first, unicode.IsSpace) != first ||
		last != "" && strings.TrimRightFunc(last, unicode.IsSpace) != last
}
