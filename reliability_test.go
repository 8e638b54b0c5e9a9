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

// reference matches how the pages name a test: a test of a contract table,
// a test of a package, or a test of the repository.
var reference = regexp.MustCompile("`(?:([a-z/]+): )?(Test\\w+)(?:/(\\w+))?`")

// TestReliabilityPageNamesTests checks that each test that docs/reliability.md names
// exists, and that it names every test of the contract tables.
func TestReliabilityPageNamesTests(t *testing.T) {
	page, contract := readPage(t, "docs/reliability.md"), contractTests()
	for name := range contract {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/reliability.md does not name %s", name)
		}
	}
	expectTests(t, "docs/reliability.md", page, contract)
}

// TestSecurityPageNamesTests checks that each statement of SECURITY.md about what the
// clients do names a test, and that the tests exist.
func TestSecurityPageNamesTests(t *testing.T) {
	_, claims, _ := strings.Cut(readPage(t, "SECURITY.md"), "## What the clients do")
	claims, _, _ = strings.Cut(claims, "\n## ")
	statements := strings.Split(claims, "\n- ")[1:]
	if len(statements) == 0 {
		t.Fatal("SECURITY.md has no statements about what the clients do")
	}
	for _, s := range statements {
		if !reference.MatchString(s) {
			t.Errorf("SECURITY.md: the statement %q names no test", s)
		}
	}
	expectTests(t, "SECURITY.md", claims, contractTests())
}

func readPage(t *testing.T, file string) string {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// contractTests returns the tests of the contract tables.
func contractTests() map[string]bool {
	contract := map[string]bool{}
	for suite, tests := range map[string][]harness.Test{
		"TestClientContract": clientcontract.Tests(), "TestWebhookContract": webhookcontract.Tests(), "TestSandboxContract": sandboxcontract.Tests(),
	} {
		for _, test := range tests {
			contract[suite+"/"+test.Name] = true
		}
	}
	return contract
}

// expectTests checks that the tests that a page names exist.
func expectTests(t *testing.T, file, page string, contract map[string]bool) {
	t.Helper()
	for _, m := range reference.FindAllStringSubmatch(page, -1) {
		folder, name, row := m[1], m[2], m[3]
		switch {
		case row != "" && !contract[name+"/"+row]:
			t.Errorf("%s names %s/%s, which is in no contract table", file, name, row)
		case row == "" && folder == "" && strings.HasSuffix(name, "Contract"):
			for _, provider := range providers {
				expectTest(t, file, provider, name)
			}
		case row == "":
			expectTest(t, file, folder, name)
		}
	}
}

// expectTest checks that a folder has a test.
func expectTest(t *testing.T, file, folder, name string) {
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
		t.Errorf("%s names %s of folder %q, which does not exist", file, name, folder)
	}
}
