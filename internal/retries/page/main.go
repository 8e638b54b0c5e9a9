// Command page writes docs/retries.md: page FILE SPEC...
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/specpay/specpay/internal/retries"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "retries:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("want the page's file and at least one spec, as in: page docs/retries.md specs/qpay.yaml")
	}
	var specs []*retries.Spec
	for _, path := range args[1:] {
		s, err := retries.Read(path)
		if err != nil {
			return err
		}
		specs = append(specs, s)
	}
	return os.WriteFile(args[0], retries.Page(specs), 0o644)
}
