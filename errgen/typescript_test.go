package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/apicatalog"
	"github.com/specpay/specpay/errgen/internal/cli"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// reading is what a TypeScript module and package catalog find in the same response.
type reading struct {
	Code, RawCode, Catalog, Type, Message, Param, RequestID, DocURL, Category, Outcome, Advice string
	English, Arabic                                                                            string // customer messages
	Fields                                                                                     []apierr.FieldError
	Captures                                                                                   map[string]string
}

// tsCase is a response that both read.
type tsCase struct {
	API, Operation string
	Status         int
	Body           string
}

// TestTypeScript compiles the modules of all specs of this repository with tsc --strict, and compares what they read from
// the documented bodies with what package catalog reads: one run of tsc and one of node for all.
func TestTypeScript(t *testing.T) {
	tsc := typescript(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`))
	specs, err := filepath.Glob("../specs/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []tsCase
	var want []*reading
	args := []string{"--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--target", "es2022", "--lib", "es2022,dom", "--module", "es2022", "--skipLibCheck"}
	for _, spec := range append(specs, "examples/petstore/petstore.yaml") {
		name := strings.TrimSuffix(filepath.Base(spec), ".yaml")
		module := filepath.Join(dir, name+".ts")
		var stderr bytes.Buffer
		if code := cli.Main([]string{"gen", "-q", "-ts", module, spec}, nil, &stderr, &stderr); code != 0 {
			t.Fatalf("%s: errgen gen -ts exited with %d:\n%s", spec, code, stderr.String())
		}
		args = append(args, module)
		read, found, err := gen.Read(load.Source{Name: spec, Data: readFile(t, spec)}, model.Namer{})
		if err != nil {
			t.Fatal(err, found)
		}
		c := apicatalog.Of(read, name)
		for _, tc := range tsCases(name, read) {
			cases, want = append(cases, tc), append(want, readGo(c, tc))
		}
	}
	run(t, dir, tsc, append(args, guideTS(t, dir))...)
	data, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "cases.json"), data)
	writeFile(t, filepath.Join(dir, "main.js"), readFile(t, "testdata/typescript/main.js.txt"))
	var got []*reading
	if err := json.Unmarshal([]byte(run(t, dir, "node", "main.js")), &got); err != nil || len(got) != len(cases) {
		t.Fatalf("node printed %d readings for %d cases: %v", len(got), len(cases), err)
	}
	failures, codes := 0, map[string]bool{}
	for i, tc := range cases {
		g, w := fmt.Sprintf("%+v", got[i]), fmt.Sprintf("%+v", want[i])
		if g != w {
			if failures++; failures <= 20 {
				t.Errorf("%+v: TypeScript reads\n%s\nwant\n%s", tc, g, w)
			}
		}
		if want[i] != nil {
			codes[tc.API+want[i].Code] = true
		}
	}
	t.Logf("%d responses with %d codes, %d differ", len(cases), len(codes), failures)
}

// guideTS writes the TypeScript of the guide as a module, and returns its path.
func guideTS(t *testing.T, dir string) string {
	t.Helper()
	_, block, _ := strings.Cut(string(readFile(t, guide)), "```ts\n")
	block, _, found := strings.Cut(block, "```")
	imports, rest, _ := strings.Cut(block, "\n\n")
	if !found || rest == "" {
		t.Fatalf("%s has no TypeScript block with an import", guide)
	}
	module := filepath.Join(dir, "guide.ts")
	writeFile(t, module, []byte(strings.Replace(imports, "./errors.js", "./petstore.js", 1)+`
declare function showToUser(text: string): void;
declare function askForTheState(): Promise<void>;
export async function guide(url: string): Promise<Code | undefined> {
`+rest+"\nreturn failure?.code;\n}\n"))
	return module
}

// typescript returns the path of the compiler, which scripts/portable/check installs.
func typescript(t *testing.T) string {
	t.Helper()
	if os.Getenv("SPECPAY_FULL") == "" {
		t.Skip("NOT CHECKED with tsc and node, which take seconds: make portable does, and SPECPAY_FULL=1")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("NOT CHECKED with tsc and node: Node.js is not installed")
	}
	out, err := exec.Command("../scripts/portable/tools", "-installed").Output()
	if err != nil {
		t.Skip("NOT CHECKED with tsc and " + node + ": the JavaScript tools are not installed; make portable installs them")
	}
	return filepath.Join(strings.TrimSpace(string(out)), "node_modules", ".bin", "tsc")
}

// tsCases returns the documented bodies of a spec, a body for each code, and bodies without a code: with each operation and
// without one, at statuses of the code and others.
func tsCases(api string, spec *model.Spec) []tsCase {
	bodies := map[string][]int{"": nil, "{}": nil, "[]": nil, "null": nil, "<html>": nil, `{"error":[{"code":7}]}`: nil, `{"code":"NEW","error":{"code":"NEW"}}`: nil, "\ufeff{}": nil}
	for _, op := range spec.Operations {
		for _, r := range op.Replies {
			for _, b := range r.Bodies {
				for _, s := range b.Samples {
					bodies[string(s.Bytes)] = nil
				}
			}
		}
	}
	for _, r := range spec.Readers() {
		if r.Catalog == nil {
			continue
		}
		for _, code := range r.Catalog.Codes {
			if r.Envelope.Text.IsSet() {
				bodies[textrule.Sample(r.Catalog, code)], bodies[textrule.Body(code)] = code.Statuses(), code.Statuses()
				continue
			}
			for _, value := range append(model.Values(code.Aliases), code.Value) {
				var doc any = value
				tokens := load.Tokens(r.Envelope.At.Value + r.Envelope.Code[0].Value)
				for _, token := range slices.Backward(tokens) {
					doc = map[string]any{token: doc}
				}
				data, _ := json.Marshal(doc)
				bodies[string(data)] = code.Statuses()
			}
		}
	}
	operations := []string{""}
	for _, op := range spec.Operations {
		operations = append(operations, op.Name())
	}
	var out []tsCase
	n := 0
	for _, body := range slices.Sorted(maps.Keys(bodies)) {
		statuses := append([]int{200, 302, 400, 401, 404, 409, 429, 500, 503, 599}, bodies[body]...)
		slices.Sort(statuses)
		for _, status := range slices.Compact(statuses) {
			n++
			out = append(out, tsCase{api, "", status, body}, tsCase{api, operations[n%len(operations)], status, body})
		}
	}
	return out
}

// readGo reads a response with package catalog.
func readGo(c *catalog.Catalog, tc tsCase) *reading {
	var op *catalog.Operation
	if tc.Operation != "" {
		op = c.Operation(tc.Operation)
	}
	r := c.Read(op, catalog.Response{StatusCode: tc.Status, Header: http.Header{"X-Request-Id": {"h-1"}}, Body: []byte(tc.Body)})
	if !r.Failed {
		return nil
	}
	e := r.Err()
	out := &reading{
		RawCode: e.RawCode, Type: e.Type, Message: e.Message, Param: e.Param, RequestID: e.RequestID, DocURL: e.DocURL(),
		Category: string(e.Category()), Outcome: string(e.Outcome()), Advice: string(e.Advice()), English: e.CustomerMessage("en"), Arabic: e.CustomerMessage("ar-EG"),
		Fields: e.Fields, Captures: e.Captures,
	}
	if code, ok := e.Code.(apicatalog.Code); ok && code.Entry != nil {
		out.Code, out.Catalog = code.Entry.Value, code.Catalog.ID.Value
	}
	return out
}

// TestTypeScriptNames: a module compiles if a catalog's type has the name of something that the module declares.
func TestTypeScriptNames(t *testing.T) {
	dir := t.TempDir()
	spec, module := filepath.Join(dir, "spec.yaml"), filepath.Join(dir, "spec.ts")
	writeFile(t, spec, []byte(strings.Replace(string(readFile(t, "examples/petstore/petstore.yaml")), "id: petstore\n", "id: petstore\n        type: Failure\n", 1)))
	var stderr bytes.Buffer
	if code := cli.Main([]string{"gen", "-q", "-ts", module, spec}, nil, &stderr, &stderr); code != 0 {
		t.Fatalf("errgen gen -ts exited with %d:\n%s", code, stderr.String())
	}
	if data, err := os.ReadFile(module); err != nil || !strings.Contains(string(data), "export type Code = FailureValue | ChipError;") {
		t.Errorf("the module has no type FailureValue: %v", err)
	}
}
