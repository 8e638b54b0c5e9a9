package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// reporting configures how findings are printed, and whether warnings fail.
type reporting struct {
	format string // text, json or github
	werror bool   // warnings fail too
}

func (r reporting) check() error {
	switch r.format {
	case "text", "json", "github":
		return nil
	}
	return usagef("-format %q is unknown; use text, json or github", r.format)
}

// report prints the findings and a summary, and returns whether they fail the run.
func (a *app) report(found finding.List) (failed bool, err error) {
	errors, warnings := found.Count()
	switch a.format {
	case "json":
		err = reportJSON(a.out, found)
	case "github":
		a.lines(a.out, found, annotation)
	default:
		a.lines(a.err, found, finding.Finding.String)
	}
	if errors+warnings > 0 && a.format != "json" {
		why := ""
		if a.werror && errors == 0 {
			why = "; warnings fail because of -werror"
		}
		fmt.Fprintf(a.err, "errgen: %s, %s%s\n", count(errors, "error"), count(warnings, "warning"), why)
	}
	return errors > 0 || a.werror && warnings > 0, err
}

func (a *app) lines(to io.Writer, found finding.List, line func(finding.Finding) string) {
	for _, f := range found {
		if f.Severity != finding.Note || !a.quiet {
			fmt.Fprintln(to, line(f))
		}
	}
}

func severity(s finding.Severity) string { return [...]string{"error", "warning", "note"}[s] }

// annotation formats a finding as a GitHub annotation.
func annotation(f finding.Finding) string {
	command := strings.Replace(severity(f.Severity), "note", "notice", 1)
	text := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	return fmt.Sprintf("::%s file=%s,line=%d,col=%d,title=%s::%s", command, property.Replace(f.Pos.File), f.Pos.Line, f.Pos.Col, f.Rule, text.Replace(f.Text))
}

type jsonFinding struct {
	File     string       `json:"file"`
	Line     int          `json:"line"`
	Col      int          `json:"col"`
	Rule     finding.Rule `json:"rule"`
	Severity string       `json:"severity"` // error, warning or note
	Text     string       `json:"text"`
}

func reportJSON(to io.Writer, found finding.List) error {
	out := struct {
		Findings []jsonFinding `json:"findings"`
		Errors   int           `json:"errors"`
		Warnings int           `json:"warnings"`
	}{Findings: []jsonFinding{}}
	out.Errors, out.Warnings = found.Count()
	for _, f := range found {
		out.Findings = append(out.Findings, jsonFinding{f.Pos.File, f.Pos.Line, f.Pos.Col, f.Rule, severity(f.Severity), f.Text})
	}
	return writeJSON(to, out)
}

func writeJSON(to io.Writer, v any) error {
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
