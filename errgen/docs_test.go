package main

import (
	"os"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/explain"
)

const guide = "../docs/errgen.md"

// TestGuideHoldsTheRules compares the rules of the user's guide with what errgen explain prints.
func TestGuideHoldsTheRules(t *testing.T) {
	const start, end = "<!-- rules: errgen explain prints the same; go test ./errgen -run Guide -update writes it -->\n\n", "\n<!-- end of rules -->\n"
	data, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), start)
	have, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the rules: the lines %q and %q", guide, start, end)
	}
	switch want := explain.Rules(); {
	case have == want:
	case *update:
		if err := os.WriteFile(guide, []byte(before+start+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the rules in %s are not those of errgen explain (go test ./errgen -run Guide -update writes them)", guide)
	}
}
