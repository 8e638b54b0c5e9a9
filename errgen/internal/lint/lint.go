// Package lint checks the error declarations of a spec. Each file contains one group of rules.
package lint

import (
	"regexp"
	"slices"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// linter is the state that the rules share.
type linter struct {
	*finding.List
	spec  *model.Spec
	res   model.Resolver
	namer model.Namer

	classed  bool                      // see model.Spec.Classed
	compiled map[string]*regexp.Regexp // by pattern
}

// regexp compiles a pattern once per run.
func (l *linter) regexp(pattern string) *regexp.Regexp {
	re := l.compiled[pattern]
	if re == nil {
		re = regexp.MustCompile(pattern)
		l.compiled[pattern] = re
	}
	return re
}

// Spec applies every rule to a spec and adds the findings to found.
func Spec(set *load.Set, spec *model.Spec, res model.Resolver, namer model.Namer, found *finding.List) {
	l := &linter{List: found, spec: spec, res: res, namer: namer, classed: spec.Classed(), compiled: map[string]*regexp.Regexp{}}
	l.duplicates(set.Root)
	l.recording(set.Root, map[*load.Node]bool{})
	for _, n := range spec.Raw {
		l.hygiene(n)
	}
	for _, c := range spec.Catalogs {
		l.catalog(c)
	}
	l.names()
	l.anchors()
	for _, e := range spec.Envelopes {
		l.envelope(e)
	}
	l.reached()
	l.ambiguous()
	for _, op := range spec.Operations {
		l.operation(op)
	}
	l.lists()
	l.bodies()
	l.unused()
	if len(spec.Catalogs) == 0 && !hasErrors(*found) {
		l.Notef(spec.Pos, finding.NoCatalog, "the spec has no x-error-catalog, so failures get the category of their HTTP status, and no constants; errgen init drafts a catalog")
	}
}

func (l *linter) catalog(c *model.Catalog) {
	l.catalogFields(c)
	l.drift(c)
	l.aliases(c)
	for _, code := range c.Codes {
		l.code(c, code)
		if c.IsInteger && !c.IsString && !l.matches(`^-?(0|[1-9][0-9]*)$`, code.Value) {
			l.Errorf(code.Pos, finding.Envelope, "the code %s is not an integer, but schema %s is; write the number", finding.Quote(code.Value), finding.Quote(c.Schema))
		}
	}
	if c.IsText() {
		l.textCatalog(c)
	}
}

func (l *linter) code(c *model.Catalog, code *model.Code) {
	l.meaning(code)
	l.statuses(c, code)
	l.advice(code)
	l.links(c, code)
	l.customer(code.Customer)
}

// duplicates reports repeated keys in every map of the document, because parsers disagree about which one wins. Outside of
// errgen's extensions it is a warning if the spec has none of its own, because whoever runs errgen cannot correct it.
func (l *linter) duplicates(n *load.Node) {
	seen := map[*load.Node]bool{}
	for _, raw := range l.spec.Raw { // including the parts in other files
		l.repeated(raw, seen, l.Errorf)
	}
	report := l.Errorf
	if l.foreign() {
		report = l.Warnf
	}
	l.repeated(n, seen, report)
}

// foreign reports whether all extensions come from other files than the spec.
func (l *linter) foreign() bool {
	return !slices.ContainsFunc(l.spec.Catalogs, func(c *model.Catalog) bool { return c.Node != nil && c.Pos.File == c.Node.File.Name })
}

func (l *linter) repeated(n *load.Node, seen map[*load.Node]bool, report func(finding.Pos, finding.Rule, string, ...any)) {
	load.DuplicateKeys(n, seen, func(first, again *load.Node) {
		report(again.Pos(), finding.DuplicateKey, "the key %s is a duplicate; the first is at %s", finding.Quote(again.Value), where(first.Pos(), again.Pos()))
	})
}

func hasErrors(l finding.List) bool {
	return slices.ContainsFunc(l, func(f finding.Finding) bool { return f.Severity == finding.Error })
}
