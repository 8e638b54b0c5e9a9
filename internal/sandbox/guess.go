package sandbox

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Guess is a rule that a sandbox follows and how certain it is.
type Guess struct {
	Rule   string `json:"rule"`
	Basis  Basis  `json:"basis"`
	Source string `json:"source"`
	// Config has the names of the config fields that change the rule.
	Config []string `json:"config,omitempty"`
}

// Basis is how certain a rule is.
type Basis string

// The values of Basis.
const (
	Documented Basis = "documented"
	SeenLive   Basis = "seen live"
	Guessed    Basis = "guess"
)

// bases are the headings of a list of rules, in order. Settings, the last one, lists the
// config fields that change no rule.
var bases = []struct {
	heading string
	basis   Basis
}{{"Documented", Documented}, {"Seen live", SeenLive}, {"Guess", Guessed}, {"Settings", ""}}

// changedBy is the end of a rule that config fields change.
var changedBy = regexp.MustCompile("^(.+) \\(config: (`[a-z0-9_]+`(?:, `[a-z0-9_]+`)*)\\)$")

// parseGuesses reads the rules of a sandbox from its Markdown: a heading for each basis,
// below it a heading for each source, and below that an item of one line for each rule.
func parseGuesses(markdown string) ([]Guess, error) {
	if markdown == "" {
		return nil, nil
	}
	p := guessParser{section: -1}
	for i, line := range strings.Split(markdown, "\n") {
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("sandbox: line %d of the rules is %q: %w", i+1, line, err)
		}
	}
	if p.section != len(bases)-1 {
		return nil, fmt.Errorf("sandbox: the rules have no heading %q", bases[p.section+1].heading)
	}
	return p.rules, nil
}

type guessParser struct {
	section int // index of bases; -1 before the first heading
	source  string
	rules   []Guess
}

func (p *guessParser) line(line string) error {
	if heading, found := strings.CutPrefix(line, "## "); found {
		p.section++
		p.source = ""
		if p.section == len(bases) || heading != bases[p.section].heading {
			return errors.New("the headings must be Documented, Seen live, Guess and Settings")
		}
		return nil
	}
	if source, found := strings.CutPrefix(line, "### "); found {
		p.source = source
		return nil
	}
	rule, found := strings.CutPrefix(line, "- ")
	switch {
	case !found && p.source != "" && line != "":
		return errors.New("below the heading of a source, each line must be a rule that starts with a dash")
	case !found || p.section == len(bases)-1:
		return nil
	case p.source == "":
		return errors.New("a rule must be below the heading of its source")
	}
	guess := Guess{Rule: rule, Basis: bases[p.section].basis, Source: p.source}
	if parts := changedBy.FindStringSubmatch(rule); parts != nil {
		guess.Rule, guess.Config = parts[1], strings.Split(strings.ReplaceAll(parts[2], "`", ""), ", ")
	}
	p.rules = append(p.rules, guess)
	return nil
}

// guesses returns a copy of the rules.
func (s *Sandbox) guesses() []Guess {
	rules := append([]Guess{}, s.rules...)
	for i := range rules {
		rules[i].Config = slices.Clone(rules[i].Config)
	}
	return rules
}
