// Package cli implements the errgen command: flags, configuration, files and exit codes.
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
	exitFindings = 1 // lint errors, warnings under -werror, stale files under -check, a breaking diff, an unknown code
	exitUsage    = 2 // wrong flags or configuration, unreadable files
)

const usage = `errgen generates Go code and reference pages from the error codes in OpenAPI specs.

usage:
  errgen [gen] [-config FILE] [-check] [-q]    write the files that errgen.yaml configures; -check only compares
  errgen lint  [-config FILE] [-q] [SPEC...]   report errors in the specs, write nothing
  errgen gen [-package NAME] -go FILE [-server] [-client=false] [-vendor DIR]
             [-sandbox FILE -sandbox-import IMPORTPATH [-sandbox-package NAME]]
             [-md FILE] [-html FILE] [-json FILE] [-names FILE] [-overlay FILE] [-catalog FILE] [-check] [-q] SPEC
  errgen lint  [-overlay FILE] [-catalog FILE] [-q] SPEC
  errgen init [-o FILE] [-q] SPEC              draft a catalog file for a spec that you do not own
  errgen diff [-fail-on breaking|notice|none] [-format text|markdown|json] [-names FILE] [-overlay FILE] [-catalog FILE]
              [-old-overlay FILE] [-old-catalog FILE] [-q] OLD NEW
                                               classify the changes of a spec for the users of its codes
  errgen explain [-format text|json] CODE [SPEC...]
                                               describe a code, given as CODE, catalog:CODE, alias or Go constant,
                                               in any case; the default specs are those of errgen.yaml
  errgen explain [-status N [-operation ID]] -body FILE [SPEC...]
                                               describe the code in the body of an error response; - instead of CODE
                                               reads the body from standard input
  errgen explain RULE                          explain a rule such as EG050; the word rules lists all
  errgen help

  -go FILE        write the error codes as Go. The file imports package apierr and declares ErrorDoer for a client generated
                  by oapi-codegen: WithHTTPClient(ErrorDoer(nil)). List the schemas of the codes under exclude-schemas
                  there, because this file declares their types
  -client=false   leave out ErrorDoer and ParseError (client: false in errgen.yaml)
  -server         add WriteError, which writes an error response for a code as the spec describes it. It can be used as
                  ResponseErrorHandlerFunc of the strict server (server: true in errgen.yaml)
  -vendor DIR     write a copy of package apierr below DIR and import that, so that the code has no dependency
                  (vendor: in errgen.yaml); DIR has to be in a Go module
  -overlay FILE   apply an OpenAPI Overlay 1.0 to a spec that you do not own (overlay: in errgen.yaml);
                  if oapi-codegen applies the same file, set x-speakeasy-jsonpath: rfc9535 in it
  -catalog FILE   add x-error-… extensions to a spec that you do not own: a map from JSON pointers
                  such as /components/schemas/Code to the extensions at that place (catalog: in errgen.yaml)
  -format text|json|github
                  how gen and lint print findings: lines on standard error, or one JSON object or GitHub annotations on
                  standard output
  -werror         treat warnings as errors, for gen and lint

exit codes: 0 clean, 1 findings, stale files or breaking changes, 2 usage or unreadable input.
`

// app is one run of the command.
type app struct {
	in       io.Reader
	out, err io.Writer
	quiet    bool
	reporting
}

// usageError is an error in flags, configuration or file access.
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
		return 0, usagef("unknown command %q; use gen, lint, init, diff, explain or help (a spec follows the command: errgen lint %s)", command, command)
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
