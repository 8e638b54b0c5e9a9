package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/cli"
)

// TestRetriesIsCurrent checks docs/retries.md against the specs and the status table that it publishes.
func TestRetriesIsCurrent(t *testing.T) {
	t.Chdir("..")
	var stderr bytes.Buffer
	if code := cli.Main([]string{"-check"}, nil, &stderr, &stderr); code == 2 {
		t.Fatalf("errgen -check exited with 2:\n%s", stderr.String())
	}
	for _, line := range strings.Split(stderr.String(), "\n") {
		if strings.HasPrefix(line, "docs/retries.md") || strings.HasPrefix(line, "specs/") && strings.Contains(line, ": error") {
			t.Errorf("%s", line)
		}
	}
}
