package specpay_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
)

// reference matches how docs/reliability.md names a test: a test of a contract table,
// a test of a package, or a test of the repository.
var reference = regexp.MustCompile("`(?:([a-z/]+): )?(Test\\w+)(?:/(\\w+))?`")

// TestReliabilityPageNamesTests checks that each test that docs/reliability.md names
// exists, and that it names every test of the contract tables.
func TestReliabilityPageNamesTests(t *testing.T) {
	page, err := os.ReadFile("docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	contract := map[string]bool{}
	for suite, tests := range map[string][]harness.Test{
		"TestClientContract": clientcontract.Tests(), "TestWebhookContract": webhookcontract.Tests(), "TestSandboxContract": sandboxcontract.Tests(),
	} {
		for _, test := range tests {
			contract[suite+"/"+test.Name] = true
			if !strings.Contains(string(page), "`"+suite+"/"+test.Name+"`") {
				t.Errorf("docs/reliability.md does not name %s/%s", suite, test.Name)
			}
		}
	}
	for _, m := range reference.FindAllStringSubmatch(string(page), -1) {
		folder, name, row := m[1], m[2], m[3]
		switch {
		case row != "" && !contract[name+"/"+row]:
			t.Errorf("docs/reliability.md names %s/%s, which is in no contract table", name, row)
		case row == "" && folder == "" && strings.HasSuffix(name, "Contract"):
			for _, provider := range providers {
				expectTest(t, provider, name)
			}
		case row == "":
			expectTest(t, folder, name)
		}
	}
}

// expectTest checks that a folder has a test.
func expectTest(t *testing.T, folder, name string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ` + name + `\(`)
	if !slices.ContainsFunc(files, func(file string) bool {
		code, err := os.ReadFile(file)
		return err == nil && declared.Match(code)
	}) {
		t.Errorf("docs/reliability.md names %s of folder %q, which does not exist", name, folder)
	}
}
