package cli

import (
	"flag"
	"fmt"
	"io"

	"github.com/specpay/specpay/errgen/internal/diff"
	"github.com/specpay/specpay/errgen/internal/model"
)

// comparison has the arguments of diff.
type comparison struct {
	format string
	least  diff.Class // the lowest class that fails
	specs  config     // the old one, then the new one
}

// diff compares two versions of a spec.
func (a *app) diff(args []string) (int, error) {
	q, err := a.parseComparison(args)
	if err != nil {
		return 0, err
	}
	old, next, err := a.versions(&q.specs)
	if err != nil {
		return 0, err
	}
	changes := diff.Specs(old, next)
	if err := a.changes(q.format, changes); err != nil {
		return 0, err
	}
	if len(changes) > 0 && changes[0].Class >= q.least {
		return exitFindings, nil
	}
	return exitClean, nil
}

func (a *app) parseComparison(args []string) (comparison, error) {
	q := comparison{specs: config{place: "the command line", specs: make([]specConfig, 2)}}
	before, after := &q.specs.specs[0], &q.specs.specs[1]
	fs := flag.NewFlagSet("errgen diff", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&q.format, "format", "text", "")
	failOn := fs.String("fail-on", "breaking", "")
	fs.StringVar(&q.specs.names, "names", "", "")
	fs.StringVar(&before.overlay, "old-overlay", "", "")
	fs.StringVar(&before.catalog, "old-catalog", "", "")
	fs.StringVar(&after.overlay, "overlay", "", "")
	fs.StringVar(&after.catalog, "catalog", "", "")
	fs.BoolVar(&a.quiet, "q", false, "")
	words, err := interspersed(fs, args)
	if err != nil {
		return q, err
	}
	least, ok := map[string]diff.Class{"breaking": diff.Links, "notice": diff.Notice, "none": diff.Breaking + 1}[*failOn]
	switch {
	case len(words) != 2:
		return q, usagef("diff requires two specs, the old one and the new one: errgen diff old.yaml new.yaml")
	case !ok:
		return q, usagef("-fail-on %q is unknown; use breaking, notice or none", *failOn)
	case q.format != "text" && q.format != "markdown" && q.format != "json":
		return q, usagef("-format %q is unknown; use text, markdown or json with diff", q.format)
	}
	q.least, before.spec, after.spec = least, words[0], words[1]
	return q, nil
}

// versions reads both specs with the same naming rules, so that a constant differs only if the specs differ.
func (a *app) versions(c *config) (old, next *model.Spec, err error) {
	jobs, _, err := c.jobs()
	if err != nil {
		return nil, nil, err
	}
	if old, err = a.read(jobs[0]); err != nil {
		return nil, nil, err
	}
	next, err = a.read(jobs[1])
	return old, next, err
}

func (a *app) changes(format string, changes []diff.Change) error {
	n := diff.Count(changes)
	switch format {
	case "json":
		return changesJSON(a.out, changes, n)
	case "markdown":
		fmt.Fprint(a.out, diff.Markdown(changes))
		return nil
	}
	for _, c := range changes {
		fmt.Fprintln(a.out, c)
	}
	if len(changes) == 0 {
		a.say("no changes of error codes")
		return nil
	}
	a.say("%d breaking, %d breaking for links, %s, %d additive", n[diff.Breaking], n[diff.Links], count(n[diff.Notice], "notice"), n[diff.Additive])
	return nil
}

type jsonChange struct {
	Class     string `json:"class"` // breaking, breaking for links, notice or additive
	Catalog   string `json:"catalog,omitempty"`
	Code      string `json:"code,omitempty"`
	Operation string `json:"operation,omitempty"`
	What      string `json:"what"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
}

func changesJSON(to io.Writer, changes []diff.Change, n map[diff.Class]int) error {
	out := struct {
		Changes  []jsonChange `json:"changes"`
		Breaking int          `json:"breaking"`
		Links    int          `json:"breaking_for_links"`
		Notices  int          `json:"notices"`
		Additive int          `json:"additive"`
	}{[]jsonChange{}, n[diff.Breaking], n[diff.Links], n[diff.Notice], n[diff.Additive]}
	for _, c := range changes {
		out.Changes = append(out.Changes, jsonChange{c.Class.String(), c.Catalog, c.Code, c.Operation, c.What, c.From, c.To})
	}
	return writeJSON(to, out)
}
