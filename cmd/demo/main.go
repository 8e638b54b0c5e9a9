// Command demo walks through payments against local sandboxes: what a program
// sees when all goes well, and what it is told when it does not. It needs no
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

// walk is the tour of one provider.
type walk struct {
	name string
	run  func(context.Context, *printer) error
}

var walks = []walk{
	{"QPay V2, Mongolia (package qpay)", walkQPay},
	{"The openapi provider, a super-app wallet (package openapi)", walkOpenAPI},
	{"XPay, Egypt (package xpay)", walkXPay},
	{"The X-PAY gateway (package gateway)", walkGateway},
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
	for _, walk := range walks {
		p.step = 0
		p.heading(walk.name)
		if err := walk.run(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", walk.name, err)
		}
	}
	p.line("")
	p.line("All of it happened on this machine, in %s. Next: README.md, docs/errors/, make sandbox.", time.Since(start).Round(time.Millisecond))
	return p.err
}

// errSurprise is a step that went otherwise than it should.
var errSurprise = errors.New("this step went otherwise than it should")
