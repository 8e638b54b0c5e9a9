// Mutate changes one expression or statement at a time and runs the tests that reach it. A change
// that no test notices, a survivor, has to be explained in explained.txt, or the exit status is 1.
//
//	mutate [-C root] [-also packages] [-from report] target...
//
// A target is a package or one of its files, such as internal/sign or qpay/auth.go. All changes are
// compiled at once, each behind a condition on its number, so that a test binary is built once and
// started once for each change. The tests of the package itself run first, then those of -also.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// also are the packages whose tests use the targets.
const also = "apierr,apierr/catalog,internal/transport,internal/webhook,gateway,qpay,xpay,openapi"

type config struct {
	root      string
	also      []string
	explained string        // file of the explained survivors
	from      string        // an earlier report: only what survived there is tested
	longest   time.Duration // tests of other packages that take longer are left out
	verbose   bool
}

func main() {
	var c config
	others := flag.String("also", also, "packages whose tests run after those of a target, separated by commas")
	report := flag.String("report", "", "write one line for each mutant to this file")
	flag.StringVar(&c.root, "C", "../..", "folder of the module")
	flag.StringVar(&c.explained, "explained", "explained.txt", "file of the explained survivors")
	flag.StringVar(&c.from, "from", "", "test only what survived in this report")
	flag.DurationVar(&c.longest, "longest", time.Second, "leave out tests of other packages that take longer")
	flag.BoolVar(&c.verbose, "v", false, "print every mutant")
	flag.Parse()
	c.also = strings.FieldsFunc(*others, func(r rune) bool { return r == ',' })
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := mutate(ctx, os.Stdout, c, *report, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func mutate(ctx context.Context, out io.Writer, c config, report string, targets []string) error {
	start := time.Now()
	explained, err := readExplained(c.explained)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	p, err := load(ctx, c.root, targets)
	if err != nil {
		return err
	}
	overlay, err := p.write(temp)
	if err != nil {
		return err
	}
	r := &runner{config: c, program: p, overlay: overlay, temp: temp, out: out, suites: map[string]*suite{}}
	todo, err := survivorsOf(c.from, p.mutants)
	if err != nil {
		return err
	}
	var stopped error
	for _, m := range todo {
		if stopped = r.test(ctx, m); stopped != nil {
			m.result = untested
			break
		}
		if c.verbose {
			fmt.Fprintf(out, "%-9s %s:%d\t%s\n", m.result, m.file, m.line, m.key)
		}
	}
	if report != "" {
		if err := writeReport(report, p.mutants); err != nil {
			return err
		}
	}
	if stopped != nil {
		return stopped
	}
	return summarize(out, p.mutants, explained, time.Since(start))
}

// The results of a mutant.
const (
	killed    = "killed"    // by the tests of its own package
	elsewhere = "elsewhere" // by the tests of another package
	timeout   = "timeout"   // the tests did not end
	survived  = "survived"
	unreached = "unreached" // no test runs the code
	untested  = "untested"  // the run was stopped before
)

// survivorsOf returns the mutants that survived in a report or are not in it; all without a report. It
// gives the others the result of the report.
func survivorsOf(report string, all []*mutant) ([]*mutant, error) {
	if report == "" {
		return all, nil
	}
	b, err := os.ReadFile(report)
	if err != nil {
		return nil, err
	}
	results := map[string]string{}
	for line := range strings.Lines(string(b)) {
		result, key, _ := strings.Cut(strings.TrimSpace(line), "\t")
		results[key] = result
	}
	var out []*mutant
	for _, m := range all {
		switch result := results[m.key]; result {
		case killed, elsewhere, timeout:
			m.result = result
		default:
			out = append(out, m)
		}
	}
	return out, nil
}

func writeReport(name string, all []*mutant) error {
	var b strings.Builder
	for _, m := range all {
		fmt.Fprintf(&b, "%s\t%s\n", cmp.Or(m.result, untested), m.key)
	}
	return os.WriteFile(name, []byte(b.String()), 0o600)
}

// readExplained reads survivors that are known to be harmless: lines with the keys of mutants, then
// indented lines with the reason for all of them.
func readExplained(name string) (map[string]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var keys []string
	for line := range strings.Lines(string(b)) {
		text := strings.TrimSpace(line)
		switch {
		case text == "":
			keys = nil
		case text[0] == '#':
		case line[0] == '\t':
			for _, key := range keys {
				out[key] = strings.TrimSpace(out[key] + " " + text)
			}
		default:
			keys = append(keys, text)
			out[text] = ""
		}
	}
	for key, reason := range out {
		if reason == "" {
			return nil, fmt.Errorf("%s: %q has no reason", name, key)
		}
	}
	return out, nil
}

// summarize prints the score of each package and the survivors without an explanation. It returns an
// error if there are any, and for explanations of mutants that do not exist.
func summarize(out io.Writer, mutants []*mutant, explained map[string]string, took time.Duration) error {
	counts, order := map[string]map[string]int{}, []string{}
	unexplained, stale, last := 0, 0, ""
	files := map[string]bool{}
	for _, m := range mutants {
		at := filepath.ToSlash(filepath.Dir(m.file))
		if counts[at] == nil {
			counts[at] = map[string]int{}
			order = append(order, at)
		}
		files[m.file] = true
		counts[at]["mutants"]++
		counts[at][m.result]++
		lives := m.result == survived || m.result == unreached
		reason, known := explained[m.key]
		delete(explained, m.key)
		switch {
		case lives && known:
			counts[at]["explained"]++
			if reason != last { // one reason can explain several
				fmt.Fprintf(out, "%s\n", reason)
			}
			last = reason
			fmt.Fprintf(out, "explained %s:%d\t%s\n", m.file, m.line, m.key)
		case lives:
			unexplained++
			fmt.Fprintf(out, "%-9s %s:%d\t%s\n", m.result, m.file, m.line, m.key)
		case known: // perhaps by a test that ran out of time on a busy machine
			fmt.Fprintf(out, "explained, but %s: %s\n", m.result, m.key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(explained)) {
		if file, _, _ := strings.Cut(key, ": "); files[file] {
			stale++
			fmt.Fprintf(out, "explained, but there is no such mutant: %s\n", key)
		}
	}
	fmt.Fprintf(out, "\n%-20s %8s %8s %10s %8s %10s %12s\n", "package", "mutants", "killed", "elsewhere", "timeout", "explained", "unexplained")
	for _, at := range order {
		n := counts[at]
		fmt.Fprintf(out, "%-20s %8d %8d %10d %8d %10d %12d\n", at, n["mutants"], n[killed], n[elsewhere], n[timeout], n["explained"], n[survived]+n[unreached]-n["explained"])
	}
	fmt.Fprintf(out, "%s\n", took.Round(time.Second))
	if unexplained+stale > 0 {
		return fmt.Errorf("%d survivors are not explained, and %d explanations belong to no mutant", unexplained, stale)
	}
	return nil
}
