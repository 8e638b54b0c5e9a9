package openapitest_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDoesNotImportTesting keeps the testing package and its flags out of programs
// that serve the sandbox.
func TestDoesNotImportTesting(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	deps := strings.Fields(string(out))
	if len(deps) == 0 || slices.Contains(deps, "testing") {
		t.Errorf("a program that imports this package links testing; got dependencies %v", deps)
	}
}
