package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/cli"
)

// TestLookup checks generated lookups of three sizes: they find every code and alias and nothing else, do not allocate, and
// run no code when the package is imported.
func TestLookup(t *testing.T) {
	dir, program := lookupProgram(t)
	if got := run(t, dir, program); got != "fine\n" {
		t.Errorf("the program printed %q", got)
	}
	for _, line := range strings.Split(run(t, dir, "go", "tool", "nm", program), "\n") {
		if strings.Contains(line, " example.test/app/c") && strings.HasSuffix(line, ".init") {
			t.Errorf("a generated package runs code on import: %s", line)
		}
	}
}

// BenchmarkLookup reports the time of a lookup as a ratio to a map from code to index, for hits and for misses.
func BenchmarkLookup(b *testing.B) {
	dir, program := lookupProgram(b)
	for b.Loop() {
		for _, line := range strings.Split(strings.TrimSpace(run(b, dir, program, "measure")), "\n") {
			var codes int
			var hit, miss float64
			if _, err := fmt.Sscan(line, &codes, &hit, &miss); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(hit, fmt.Sprintf("hit/map@%d", codes))
			b.ReportMetric(miss, fmt.Sprintf("miss/map@%d", codes))
		}
	}
}

// lookupProgram builds a program around three generated packages.
func lookupProgram(t testing.TB) (dir, program string) {
	t.Helper()
	_, self, _, _ := runtime.Caller(0)
	root := filepath.Dir(filepath.Dir(self))
	dir = t.TempDir()
	main, err := os.ReadFile(filepath.Join(root, "errgen", "testdata", "endtoend", "lookup.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "main.go"), main)
	writeFile(t, filepath.Join(dir, "go.mod"), []byte("module example.test/app\n\ngo 1.26.0\n\n"+
		"require github.com/specpay/specpay v0.0.0\n\nreplace github.com/specpay/specpay => "+root+"\n"))
	for _, n := range []int{60, 100, 1000} {
		spec := filepath.Join(dir, fmt.Sprintf("c%d.yaml", n))
		writeFile(t, spec, manyCodes(n))
		out := filepath.Join(dir, fmt.Sprintf("c%d", n), "errors.gen.go")
		var stderr bytes.Buffer
		if code := cli.Main([]string{"gen", "-q", "-go", out, spec}, nil, &stderr, &stderr); code != 0 {
			t.Fatalf("errgen exited with %d:\n%s", code, stderr.String())
		}
	}
	program = filepath.Join(dir, "app.exe")
	run(t, dir, "go", "build", "-o", program, ".")
	return dir, program
}

// manyCodes returns a spec with n codes that resemble those of real APIs.
func manyCodes(n int) []byte {
	words := strings.Fields("INVOICE PAYMENT CARD AMOUNT CURRENCY CUSTOMER REFUND SESSION TOKEN LIMIT NOT FOUND INVALID EXPIRED MISSING EXCEEDED LOCKED CLOSED DUPLICATE")
	random := rand.New(rand.NewPCG(7, uint64(n)))
	var b bytes.Buffer
	b.WriteString("openapi: 3.0.3\ninfo: {title: Many, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    Problem:\n      type: object\n" +
		"      x-error-envelope: {code: /code}\n      properties: {code: {$ref: '#/components/schemas/Code'}}\n    Code:\n      type: string\n" +
		"      x-error-catalog:\n        id: many\n        page: https://docs.example.test/many.html\n        codes:\n")
	seen := map[string]bool{}
	for i := 0; len(seen) < n; {
		code := words[random.IntN(len(words))]
		for range 1 + random.IntN(4) {
			code += "_" + words[random.IntN(len(words))]
		}
		if seen[code] {
			continue
		}
		seen[code] = true
		alias := ""
		if i == 0 {
			alias = fmt.Sprintf("aliases: ['old %s'], ", code)
		}
		i++
		fmt.Fprintf(&b, "          %s: {%shttp: 400, category: invalid_request, advice: change, description: It is wrong., resolution: Correct it.}\n", code, alias)
	}
	return b.Bytes()
}
