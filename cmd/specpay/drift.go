package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/specpay/specpay/internal/drift"
)

// driftCommand compares recorded traffic with a spec.
type driftCommand struct {
	Spec    string   `required:"" placeholder:"FILE" help:"OpenAPI spec, 3.0 or 3.1."`
	Host    []string `placeholder:"HOST" help:"Compare requests to this host, with its port if the URL has one. Repeat for several. Default: the hosts of the spec's servers, or else every host that has one of its operations."`
	JSON    bool     `name:"json" help:"Print the result as JSON."`
	Overlay string   `placeholder:"FILE" help:"Write an OpenAPI overlay that takes the differences into the spec."`
	Force   bool     `help:"Let --overlay replace a file that exists."`
	Files   []string `arg:"" name:"file.har" help:"Recorded traffic, HAR 1.1 or 1.2, of any client."`
}

// Help is the second part of the help text.
func (*driftCommand) Help() string {
	return `Reports members, values, codes and statuses that the spec does not have, missing required members, and values of other types and formats. Values are never printed, except for codes and enumeration values.

Exit code 0: no difference; 1: differences; 2: unusable input.`
}

// Run compares, prints and writes the overlay.
func (c *driftCommand) Run(to streams) error {
	if c.Overlay != "" && !c.Force {
		if _, err := os.Lstat(c.Overlay); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s exists; use --force to replace it, or another name for --overlay", c.Overlay)
		}
	}
	spec, err := drift.LoadSpec(c.Spec)
	if err != nil {
		return err
	}
	report, err := spec.Compare(c.Host, c.Files)
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(to.out, report)
	} else {
		printReport(to.out, report)
	}
	if err != nil {
		return err
	}
	if c.Overlay != "" {
		if err := c.writeOverlay(to.err, report); err != nil {
			return err
		}
	}
	if report.Drift() {
		return errFound
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (c *driftCommand) writeOverlay(log io.Writer, report *drift.Report) error {
	data, covered, err := report.Overlay()
	if err != nil {
		return fmt.Errorf("the overlay cannot be made: %w", err)
	}
	if covered == 0 {
		fmt.Fprintf(log, "specpay: %s was not written: there is no difference that an overlay can take in\n", c.Overlay)
		return nil
	}
	if err := writeFile(c.Overlay, data); err != nil {
		return fmt.Errorf("the overlay cannot be written: %w", err)
	}
	fmt.Fprintf(log, "specpay: wrote %s, which takes in %d of %d differences\n", c.Overlay, covered, len(report.Findings))
	return nil
}

// writeFile writes a file as a whole or not at all.
func writeFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".specpay-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // fails after the rename
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// printReport prints a report for people: the findings by operation, then what was left
// out.
func printReport(w io.Writer, r *drift.Report) {
	operation := "\x00"
	for _, f := range r.Findings {
		if f.Operation != operation {
			operation = f.Operation
			name := operation
			if name == "" {
				name = "no operation"
			}
			fmt.Fprintf(w, "%s\n", name)
		}
		printFinding(w, f)
	}
	if len(r.Seen) > 0 {
		fmt.Fprintf(w, "Marked x-unverified in the spec and seen in the recording (not a difference; check whether the mark can be removed):\n")
		for _, s := range r.Seen {
			fmt.Fprintf(w, "  %s %s\n    %s, first in %s; the mark says: %s\n", s.What, s.Place, times(s.Count), entryOf(s.First), s.Reason)
		}
	}
	fmt.Fprintf(w, "%s with %s: %s, %s compared, hosts %s\n", strings.Join(r.Files, ", "), r.Spec, plural(r.Entries, "entry", "entries"), fmt.Sprint(r.Compared), strings.Join(r.Hosts, ", "))
	for _, host := range slices.Sorted(maps.Keys(r.OtherHosts)) {
		fmt.Fprintf(w, "  left out: %s to %s\n", plural(r.OtherHosts[host], "entry", "entries"), orNone(host))
	}
	for _, left := range []struct {
		n    int
		what string
	}{{r.Preflights, "CORS preflight requests"}, {r.NoResponse, "responses that did not arrive"}, {r.NoBody, "response bodies that were not recorded"}, {r.LeftOut, "differences beyond the limit, or bodies too large to compare as a whole"}} {
		if left.n > 0 {
			fmt.Fprintf(w, "  left out: %d %s\n", left.n, left.what)
		}
	}
	if r.Drift() {
		fmt.Fprintf(w, "%s\n", plural(len(r.Findings), "difference", "differences"))
	} else {
		fmt.Fprintf(w, "no differences\n")
	}
}

func printFinding(w io.Writer, f *drift.Finding) {
	where := f.In
	if f.Status != 0 {
		where = fmt.Sprintf("%s %d", f.In, f.Status)
	}
	pointer := f.Pointer
	if pointer == "" {
		pointer = "(whole)"
	}
	want := ""
	if f.Expected != "" {
		want = ", expected " + f.Expected
	}
	fmt.Fprintf(w, "  %-12s %s: %s: %s%s\n", where, pointer, f.Kind, f.Seen, want)
	fmt.Fprintf(w, "  %-12s %s, first in %s\n", "", times(f.Count), entryOf(f.First))
}

func entryOf(e drift.Evidence) string {
	text := fmt.Sprintf("%s entry %d", e.File, e.Entry)
	if e.Time != "" {
		text += " at " + e.Time
	}
	return text
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func orNone(host string) string {
	if host == "" {
		return "unreadable or other addresses"
	}
	return host
}
