// Command demo makes payments with all four providers against local sandboxes, and
// shows what a program sees when calls succeed and when they fail. It needs no
// account and no network.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// tour is the part of the demo about one provider.
type tour struct {
	name string
	run  func(context.Context, *printer) error
}

var tours = []tour{
	{"QPay V2, Mongolia (package qpay)", tourQPay},
	{"The openapi provider, a super-app wallet (package openapi)", tourOpenAPI},
	{"XPay, Egypt (package xpay)", tourXPay},
	{"The X-PAY gateway (package gateway)", tourGateway},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) error {
	start, p := time.Now(), &printer{w: w}
	p.line("This demo makes payments with four providers. Each provider is a sandbox on this machine.")
	p.line("The lines that begin with \"request\" are the HTTP requests of the clients.")
	for _, tour := range tours {
		p.step = 0
		p.heading(tour.name)
		if err := tour.run(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", tour.name, err)
		}
	}
	p.line("")
	p.line("Done in %s. Read README.md next, look up error codes in docs/errors/index.md, or start", time.Since(start).Round(time.Millisecond))
	p.line("the sandboxes with: make sandbox")
	return p.err
}

// errUnexpected reports a step with another result than the demo describes.
var errUnexpected = errors.New("unexpected result")
