// Command specpay is the tool of this project for users of its clients.
//
//	specpay drift --spec specs/qpay.yaml recording.har
//
// compares recorded traffic with a spec; docs/real-servers.md explains it. Each command
// has --help.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// The exit codes of all commands.
const (
	exitOK    = 0
	exitFound = 1 // the command found what it looks for, such as a difference
	exitUsage = 2 // the arguments or the input cannot be used
)

// commands are the commands of specpay.
type commands struct {
	Drift driftCommand `cmd:"" help:"Compare recorded traffic with a spec."`
}

// streams are where a command writes.
type streams struct{ out, err io.Writer }

func main() { os.Exit(run(os.Args[1:], streams{os.Stdout, os.Stderr})) }

// run returns the exit code.
func run(args []string, to streams) int {
	var all commands
	shown := false // help was requested and shown
	parser, err := kong.New(&all,
		kong.Name("specpay"),
		kong.Description("Tools for the payment clients of github.com/specpay/specpay. Exit code 0: success; 1: the command found a difference; 2: unusable arguments or input."),
		kong.Writers(to.out, to.err),
		kong.Exit(func(int) { shown = true }),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(to.err, "specpay:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(args)
	if shown {
		return exitOK
	}
	if err != nil {
		command := "specpay"
		if e, ok := errors.AsType[*kong.ParseError](err); ok && e.Context.Selected() != nil {
			command += " " + e.Context.Selected().Name
		}
		fmt.Fprintf(to.err, "specpay: %v; see %s --help\n", err, command)
		return exitUsage
	}
	switch err := ctx.Run(to); {
	case err == nil:
		return exitOK
	case errors.Is(err, errFound):
		return exitFound
	default:
		fmt.Fprintln(to.err, "specpay:", err)
		return exitUsage
	}
}

// errFound ends a command with exit code 1. What was found is already printed.
var errFound = errors.New("differences were found")
