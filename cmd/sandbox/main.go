// Command sandbox serves the local sandboxes of the providers, each on its own port,
// and prints the settings that a client in any language needs.
//
//	go run ./cmd/sandbox [--listen 127.0.0.1] [--base-port 4011] [--allow-host HOST]
//	    [--allow-callback-host HOST] [--env FILE] [--callback URL]
//
// It runs until it is interrupted. Its credentials are public, so it refuses requests
// that name another host than this machine or come from a web page of another origin,
// and it sends callbacks only to this machine. In a network of containers, where clients
// reach it as http://sandbox:4011 and receive callbacks as http://shop:8080, start it with
//
//	go run ./cmd/sandbox --listen 0.0.0.0 --allow-host sandbox --allow-callback-host shop
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1 // a port is in use or a file cannot be written
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs the command until ctx is done and returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	s, err := parse(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		fmt.Fprintln(errs, "sandbox:", err)
		return exitUsage
	}
	running, err := startAll(s)
	defer running.close()
	if err == nil && s.envFile != "" {
		err = running.writeEnv(s.envFile)
	}
	if err == nil {
		err = running.print(out)
	}
	if err != nil {
		fmt.Fprintln(errs, "sandbox:", err)
		return exitFailed
	}
	<-ctx.Done()
	return exitDone
}
