// Package cli is errgen on the command line: flags, configuration, files and exit codes.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// The exit codes.
const (
	exitClean    = 0
	exitFindings = 1 // lint errors, warnings under -werror, stale files under -check, a breaking diff, a code that nobody knows
	exitUsage    = 2 // wrong flags or configuration, unreadable files
)

const usage = `errgen makes Go code and reference pages from the error codes of OpenAPI specs.

usage:
  errgen [gen] [-config FILE] [-check] [-q]    write what errgen.yaml asks for; -check only compares
  errgen lint  [-config FILE] [-q] [SPEC...]   report what is wrong with the specs, write nothing
  errgen gen [-runtime IMPORTPATH] [-package NAME] -go FILE [-server]
             [-sandbox FILE -sandbox-import IMPORTPATH [-sandbox-package NAME]]
             [-md FILE] [-html FILE] [-json FILE] [-names FILE] [-overlay FILE] [-catalog FILE] [-check] [-q] SPEC
  errgen lint  [-overlay FILE] [-catalog FILE] [-q] SPEC
  errgen init [-o FILE] [-q] SPEC              draft a catalog file from what a spec that one does not own says already
  errgen diff [-fail-on breaking|notice|none] [-format text|markdown|json] [-names FILE] [-overlay FILE] [-catalog FILE]
              [-old-overlay FILE] [-old-catalog FILE] [-q] OLD NEW
                                               say what the change of a spec means to those who use its codes
  errgen explain [-format text|json] CODE [SPEC...]
                                               say all that is known of a code: catalog:CODE, aliases and Go constants
                                               will do, and so does any case; the specs are those of errgen.yaml
  errgen explain [-status N] -body FILE [SPEC...]
                                               say which code the body of an error answer holds; - instead of a CODE
                                               reads it from standard input
  errgen explain RULE                          say what a rule such as EG050 wants, and why; rules lists all
  errgen help

  -go FILE        the codes as Go. Without -runtime the file imports the standard library only and holds the error type,
                  Parse, and ErrorDoer, which goes under a client of oapi-codegen: WithHTTPClient(ErrorDoer(nil));
                  list the schemas of the codes under exclude-schemas there, since this file declares their types
  -runtime PATH   a package that several such files share instead, such as github.com/specpay/specpay/pay
  -server         adds WriteError, which answers a request with a code in the shape of the spec and fits the strict
                  server's ResponseErrorHandlerFunc (server: true in errgen.yaml); only without -runtime
  -overlay FILE   changes to a spec that one does not own, as an OpenAPI Overlay 1.0 (overlay: in errgen.yaml);
                  for oapi-codegen, which can apply the same file, write x-speakeasy-jsonpath: rfc9535 in it
  -catalog FILE   the x-error-… extensions of a spec that one does not own: a map from JSON pointers
                  such as /components/schemas/Code to what would stand there (catalog: in errgen.yaml)
  -format text|json|github
                  how gen and lint print findings: lines on standard error, one JSON object or GitHub's annotations on
                  standard output
  -werror         warnings fail too, for gen and lint

exit codes: 0 clean, 1 findings, stale files or breaking changes, 2 usage or unreadable input.
`

// app is one run.
type app struct {
	in       io.Reader
	out, err io.Writer
	quiet    bool
	reporting
}

// usageError is a fault of the caller.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// Main runs errgen with the arguments that follow the program name and returns its exit code. Only explain reads stdin.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{in: stdin, out: stdout, err: stderr}
	code, err := a.run(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitClean
	case err != nil:
		fmt.Fprintf(stderr, "errgen: %s\n", strings.TrimPrefix(err.Error(), "errgen: "))
		return exitUsage
	}
	return code
}

func (a *app) run(args []string) (int, error) {
	command := "gen"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	switch command {
	case "gen", "lint":
	case "init":
		return a.draft(args)
	case "diff":
		return a.diff(args)
	case "explain":
		return a.explain(args)
	case "help":
		return 0, flag.ErrHelp
	default:
		return 0, usagef("unknown command %q; there are gen, lint, init, diff, explain and help (a spec follows its command: errgen lint %s)", command, command)
	}
	f, err := parseFlags(command, args)
	if err != nil {
		return 0, err
	}
	a.quiet, a.reporting = f.quiet, f.report
	jobs, all, err := f.jobs(command)
	if err != nil {
		return 0, err
	}
	return a.work(command, jobs, all, f.check)
}
