//go:build ignore

// Command sync copies the error core into files/. "make generate" runs it from the root of the module.
package main

import (
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/specpay/specpay/errgen/internal/vendored"
)

const target = "errgen/internal/vendored/files"

func main() {
	log.SetFlags(0)
	if err := os.RemoveAll(target); err != nil {
		log.Fatal(err)
	}
	for from := range vendored.Packages() {
		if err := copyPackage(filepath.FromSlash(from)); err != nil {
			log.Fatal(err)
		}
	}
}

func copyPackage(dir string) error {
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	to := filepath.Join(target, dir)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(name)+".txt"), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
