package cli

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/docgen"
	"github.com/specpay/specpay/errgen/internal/explain"
	"github.com/specpay/specpay/errgen/internal/finding"
)

const maxBody = 1 << 20 // bytes of a body to explain

// query has the arguments of explain.
type query struct {
	word     string // "" with a body
	body     string // file, or - for standard input
	response explain.Response
	format   string
	specs    *flags
}

// explain describes a rule, a code, or the code in a body.
func (a *app) explain(args []string) (int, error) {
	q, err := parseQuery(args)
	if err != nil {
		return 0, err
	}
	switch {
	case q.word == "rules":
		fmt.Fprint(a.out, explain.RuleList())
		return exitClean, nil
	case explain.IsRule(q.word):
		text, ok := explain.Rule(q.word)
		if !ok {
			return 0, usagef("there is no rule %s; errgen explain rules lists all rules", strings.ToUpper(q.word))
		}
		fmt.Fprint(a.out, text)
		return exitClean, nil
	}
	specs, err := a.explained(q)
	if err != nil {
		return 0, err
	}
	if q.body != "" {
		return a.explainBody(q, specs)
	}
	found := explain.Find(specs, q.word)
	if len(found) == 0 {
		near := "; errgen explain rules lists the rules"
		if names := explain.Near(specs, q.word); len(names) > 0 {
			near = "; similar codes are " + finding.Quotes(names)
		}
		fmt.Fprintf(a.err, "errgen: no code %s in %s%s\n", finding.Quote(q.word), count(len(specs), "spec"), near)
		return exitFindings, nil
	}
	return exitClean, a.show(q, found)
}

// parseQuery accepts flags before, between and after the other arguments.
func parseQuery(args []string) (query, error) {
	q := query{specs: &flags{set: map[string]bool{}}}
	fs := flag.NewFlagSet("errgen explain", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&q.body, "body", "", "")
	fs.IntVar(&q.response.Status, "status", 0, "")
	fs.StringVar(&q.response.Operation, "operation", "", "")
	fs.StringVar(&q.format, "format", "text", "")
	fs.StringVar(&q.specs.config, "config", "errgen.yaml", "")
	fs.StringVar(&q.specs.names, "names", "", "")
	fs.StringVar(&q.specs.direct.overlay, "overlay", "", "")
	fs.StringVar(&q.specs.direct.catalog, "catalog", "", "")
	words, err := interspersed(fs, args)
	if err != nil {
		return q, err
	}
	fs.Visit(func(g *flag.Flag) { q.specs.set[g.Name] = true })
	switch {
	case q.format != "text" && q.format != "json":
		return q, usagef("-format %q is unknown; use text or json with explain", q.format)
	case q.response.Status != 0 && (q.response.Status < 100 || q.response.Status > 599):
		return q, usagef("-status %d is not an HTTP status; use 100 to 599", q.response.Status)
	case q.response.Operation != "" && q.response.Status == 0:
		return q, usagef("-operation requires -status, the HTTP status of the response")
	case q.body == "" && (len(words) == 0 || words[0] == ""):
		return q, usagef("explain requires a code, a rule such as EG050, or - for a body on standard input")
	case q.body == "" && words[0] == "-":
		q.body, q.specs.specs = "-", words[1:]
	case q.body == "":
		q.word, q.specs.specs = words[0], words[1:]
	default:
		q.specs.specs = words
	}
	return q, q.specs.agree()
}

// explained reads the named specs, or those of the config.
func (a *app) explained(q query) ([]explain.Spec, error) {
	jobs, _, err := q.specs.jobs("explain")
	if err != nil {
		return nil, err
	}
	var out []explain.Spec
	for _, j := range jobs {
		spec, err := a.read(j)
		if err != nil {
			return nil, err
		}
		out = append(out, explain.Spec{Name: j.opt.Label, Spec: spec})
	}
	return out, nil
}

func (a *app) explainBody(q query, specs []explain.Spec) (int, error) {
	body, err := a.body(q.body)
	if err != nil {
		return 0, err
	}
	if name := q.response.Operation; name != "" {
		if known := operations(specs); !slices.Contains(known, name) {
			return 0, usagef("there is no operation %s in %s%s", finding.Quote(name), count(len(specs), "spec"), similar(name, known))
		}
	}
	found := explain.Read(specs, q.response, body)
	if len(found) == 0 {
		hint := ""
		if q.response.Status == 0 {
			hint = "; set -status to the HTTP status of the response, which may identify it"
		}
		fmt.Fprintf(a.err, "errgen: no code of %[2]s was found in the body (%[1]s)%[3]s\n", count(len(body), "byte"), count(len(specs), "spec"), hint)
		return exitFindings, nil
	}
	if found[0].Code == nil {
		defer fmt.Fprintf(a.err, "errgen: no catalog declares this code; it was read by an envelope of %s\n", found[0].Spec)
		return exitFindings, a.show(q, found)
	}
	return exitClean, a.show(q, found)
}

// operations returns the names of all operations.
func operations(specs []explain.Spec) []string {
	var out []string
	for _, s := range specs {
		for _, op := range s.Operations {
			out = append(out, op.Name())
		}
	}
	return out
}

// similar completes a message about an unknown name.
func similar(name string, known []string) string {
	if near := finding.Near(name, known); len(near) > 0 {
		return "; similar ones are " + finding.Quotes(near)
	}
	return ""
}

// body reads at most maxBody bytes.
func (a *app) body(name string) ([]byte, error) {
	from := a.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usagef("the body cannot be read: %v", err)
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	body, err := io.ReadAll(io.LimitReader(from, maxBody+1))
	switch {
	case err != nil:
		return nil, usagef("the body cannot be read: %v", err)
	case len(body) > maxBody:
		return nil, usagef("the body is longer than %d bytes; explain reads only error responses up to that size", maxBody)
	}
	return body, nil
}

func (a *app) show(q query, found []explain.Match) error {
	if q.format == "json" {
		return writeJSON(a.out, matchesJSON(found))
	}
	for i, m := range found {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprint(a.out, explain.Text(m))
	}
	return nil
}

type jsonMatch struct {
	Spec    string           `json:"spec"`
	Catalog string           `json:"catalog,omitempty"`
	Reading *explain.Reading `json:"reading,omitempty"` // the parts of the body
	Code    any              `json:"code,omitempty"`    // as on the JSON page; missing for an undeclared code
}

func matchesJSON(found []explain.Match) []jsonMatch {
	var out []jsonMatch
	for _, m := range found {
		j := jsonMatch{Spec: m.Spec, Reading: m.Reading}
		if m.Code != nil {
			j.Catalog, j.Code = m.Code.Catalog.ID.Value, docgen.Code(m.Code)
		}
		out = append(out, j)
	}
	return out
}
