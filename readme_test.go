package specpay_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// readmeImports are the packages that README.md uses without an import declaration.
var readmeImports = []string{
	"context", "errors", "fmt", "log/slog", "maps", "net/http", "net/http/httptest", "testing",
	module + "apierr", module + "errgen/examples/petstore", module + "gateway", module + "openapi", module + "pay", module + "qpay", module + "qpay/qpaytest",
}

// readmeVariables are the variables that statements of README.md use without a declaration. A type that differs from
// block to block is listed by the text that a block contains.
var readmeVariables = []struct{ text, params string }{
	{"CancelInvoice", "ctx context.Context, client *qpay.Client, invoiceID string"},
	{"mux.Handle", "mux *http.ServeMux, client *qpay.Client, orders Orders"},
	{"qpay.CallbackURL", "order Order, callbackKey string"},
	{"CreatePayment", "ctx context.Context, client *gateway.Client, request gateway.CreatePaymentRequest"},
	{"petstore.", "url string"},
}

var (
	codeBlock   = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")
	outputBlock = regexp.MustCompile("(?ms)^```text\n(.*?)^```$")
	declaration = regexp.MustCompile(`(?m)^(func|type|var|const) `)
	assigned    = regexp.MustCompile(`(?m)^\t(\w+), err := `)
)

// TestReadmeCodeCompiles covers every Go block of README.md. It runs the program and compares its output with the page.
// The other blocks are compiled as one package, and the tests among them run.
func TestReadmeCodeCompiles(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir, programs := t.TempDir(), 0
	blocks := codeBlock.FindAllStringSubmatch(string(readme), -1)
	if n := strings.Count(string(readme), "```go"); n != len(blocks) || n == 0 {
		t.Fatalf("README.md has %d Go blocks, of which %d are complete", n, len(blocks))
	}
	for i, block := range blocks {
		code := block[1]
		if strings.HasPrefix(code, "package main\n") {
			programs++
			runReadmeProgram(t, code, string(readme))
			continue
		}
		if !declaration.MatchString(code) {
			code = inFunction(t, i, code)
		}
		writeFile(t, filepath.Join(dir, fmt.Sprintf("block%d_test.go", i)), readmeFile(code))
	}
	if programs != 1 {
		t.Errorf("README.md has %d programs, want 1", programs)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	if out := goTool(t, append([]string{"test", "-v"}, files...)...); strings.Count(out, "--- PASS") < 2 {
		t.Errorf("the tests of README.md did not run:\n%s", out)
	}
}

// TestReadmeCountsTheCodes compares the numbers of codes in the table of providers with the catalogs.
func TestReadmeCountsTheCodes(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		text, err := os.ReadFile("docs/errors/" + p + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var page struct{ Catalogs []struct{ Codes []struct{} } }
		if err := json.Unmarshal(text, &page); err != nil {
			t.Fatal(err)
		}
		var counts []string
		for _, catalog := range page.Catalogs {
			counts = append(counts, strconv.Itoa(len(catalog.Codes)))
		}
		if want := "[" + strings.Join(counts, " + ") + "](docs/errors/" + p + ".md)"; !strings.Contains(string(readme), want) {
			t.Errorf("README.md does not have %s; correct the number of codes", want)
		}
	}
}

// runReadmeProgram runs a program and compares its output with the first text block after it.
func runReadmeProgram(t *testing.T, code, readme string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	writeFile(t, file, code)
	_, after, _ := strings.Cut(readme, code)
	want := outputBlock.FindStringSubmatch(after)
	if want == nil {
		t.Fatal("README.md does not show what its program prints")
	}
	if got := goTool(t, "run", file); got != want[1] {
		t.Errorf("the program of README.md prints\n%swant\n%s", got, want[1])
	}
}

// inFunction makes statements the body of a function.
func inFunction(t *testing.T, n int, code string) string {
	t.Helper()
	for _, v := range readmeVariables {
		if strings.Contains(code, v.text) {
			used := ""
			for _, name := range assigned.FindAllStringSubmatch(code, -1) {
				used += "\t_, _ = " + name[1] + ", err\n"
			}
			return fmt.Sprintf("func block%d(%s) {\n%s%s}\n", n, v.params, code, used)
		}
	}
	t.Fatalf("the variables of this block of README.md are not known:\n%s", code)
	return ""
}

// readmeFile returns a file with the imports that a block needs.
func readmeFile(code string) string {
	head := "package readme\n\n"
	for _, path := range readmeImports {
		name := path[strings.LastIndex(path, "/")+1:]
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(code) {
			head += "import \"" + path + "\"\n"
		}
	}
	return head + "\n" + code
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// goTool runs the go command in this module and returns its standard output.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s%s", args[0], err, out, stderr.String())
	}
	return string(out)
}
