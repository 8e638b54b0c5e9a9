// Command bar runs the reliability bar: every row of docs/reliability.md, by its tests or its command, and prints a
// table of what was measured. It fails when a row fails or has no test.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	page := flag.String("o", "", "write the page of the bar to this `file`")
	only := flag.String("rows", "", "run only the rows whose id matches this regular `expression`; no page is written then")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *page, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bar:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, page, only string) error {
	rows, err := choose(only)
	if err != nil {
		return err
	}
	if page != "" && only != "" {
		return fmt.Errorf("-o needs all rows: leave -rows out")
	}
	found, err := runTests(ctx, rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Make != "" {
			found[r.ID] = append(found[r.ID], runMake(ctx, r))
		}
	}
	failed := printTable(os.Stdout, rows, found)
	if page != "" && failed == 0 {
		if err := os.WriteFile(page, []byte(markdown(rows, found)), 0o644); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d rows did not pass", failed, len(rows))
	}
	return nil
}
