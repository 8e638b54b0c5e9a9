package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specpay/specpay/errgen/internal/cli"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/internal/contract/sample"
)

// recorder records the name of every file that is opened.
type recorder struct {
	fs.FS
	names []string
}

func (r *recorder) Open(name string) (fs.File, error) {
	r.names = append(r.names, name)
	return r.FS.Open(name)
}

func TestReferencesStayBelowTheSpec(t *testing.T) {
	files := &recorder{FS: fstest.MapFS{"parts/ok.yaml": {Data: []byte("a: {b: {$ref: '../../secret.yaml'}}")}}}
	for _, ref := range []string{
		"/etc/passwd", "../secret.yaml", "parts/../../secret.yaml", "..%2Fsecret.yaml", "%2e%2e/secret.yaml", "file:///etc/passwd",
		"https://example.test/x.yaml", "//example.test/x.yaml", `..\secret.yaml`, "C:/secret.yaml", "parts/ok.yaml#/a/b",
		"x.yaml%00.json", "~/secret.yaml?x=1",
	} {
		spec := "openapi: 3.0.3\npaths:\n  /a: {$ref: '" + ref + "'}\n"
		res, err := gen.Generate(load.Source{Name: "api/spec.yaml", Data: []byte(spec), Files: files}, gen.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := res.Findings.Count(); n == 0 {
			t.Errorf("$ref %q was accepted", ref)
		}
	}
	for _, name := range files.names {
		if name != "parts/ok.yaml" {
			t.Errorf("the file %q was opened", name)
		}
	}
}

// TestTooLargeFileNamesItsSize uses a file of 64 MiB and a byte, without blocks on the disk.
func TestTooLargeFileNamesItsSize(t *testing.T) {
	name := filepath.Join(t.TempDir(), "spec.yaml")
	writeFile(t, name, nil)
	if err := os.Truncate(name, load.MaxBytes+1); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	if code := cli.Main([]string{"lint", name}, nil, &stderr, &stderr); code != 2 {
		t.Errorf("exit code %d, want 2", code)
	}
	if want := "has 67108865 bytes; at most 67108864 (64 MiB) are allowed"; !strings.Contains(stderr.String(), want) {
		t.Errorf("got %q, want %q in it", stderr.String(), want)
	}
}

func TestSymbolicLinksStayBelowTheSpec(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "secret.yaml"), []byte("get: {operationId: secret, responses: {}}\n"))
	writeFile(t, filepath.Join(dir, "api", "spec.yaml"), []byte("openapi: 3.0.3\npaths:\n  /a: {$ref: 'link.yaml'}\n"))
	if err := os.Symlink(filepath.Join("..", "secret.yaml"), filepath.Join(dir, "api", "link.yaml")); err != nil {
		t.Skip("symbolic links are not supported: ", err)
	}
	var stderr bytes.Buffer
	if code := cli.Main([]string{"lint", filepath.Join(dir, "api", "spec.yaml")}, nil, &stderr, &stderr); code != 1 {
		t.Errorf("exit code %d, want 1: %s", code, stderr.String())
	}
	if !strings.Contains(stderr.String(), "EG006") || strings.Contains(stderr.String(), "operationId") {
		t.Errorf("unexpected messages: %s", stderr.String())
	}
}

// TestLargeDocumentsTakeLinearTime would run for hours if one of these documents took quadratic time.
func TestLargeDocumentsTakeLinearTime(t *testing.T) {
	n := sample.Count(60_000, 15_000)
	many := func(head, each, tail string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			b.WriteString(strings.ReplaceAll(each, "@", strconv.Itoa(i)))
		}
		return b.String() + tail
	}
	catalog := "openapi: 3.0.3\ncomponents: {schemas: {A: {type: string, x-error-catalog: {id: a, page: 'https://e.test/', codes: {"
	const refused = `components:
  responses: {R: {description: no, content: {application/json: {schema: {$ref: '#/components/schemas/E'}, examples: {a: {value: {code: b}}, c: {value: {code: d}}}}}}}
  schemas:
    E: {x-error-envelope: {code: /code}, properties: {code: {$ref: '#/components/schemas/C'}}}
    C: {type: string, x-error-catalog: {id: a, page: 'https://e.test/', codes: {d: {http: 404}, e: {http: [500, 503]}}}}
`
	for name, data := range map[string]string{
		"refs":     many("openapi: 3.0.3\npaths: {}\ncomponents:\n  schemas:\n", "    s@: {$ref: '#/components/schemas/t@'}\n    t@: {}\n", ""),
		"one line": many(`{"openapi":"3.0.3","x":[`, `"@",`, `0]}`),
		"codes":    many(catalog, "c@: {aliases: [d@]}, ", "}}}}}"),
		"aliases":  many(catalog+"c: {aliases: [", "d@,", "]}}}}}}"),
		"statuses": many(catalog+"c: {http: [", "@,", "]}}}}}}"),
		"rules":    many(catalog+"c: {match: [", "{exact: e@},", "]}}}}}}"),
		"lists":    many("openapi: 3.0.3\npaths: {/a: {get: {x-error-codes: [", "e@,", "]}}}"),
		"examples": many("openapi: 3.0.3\npaths:\n", "  /@: {get: {responses: {5XX: {$ref: '#/components/responses/R'}}}}\n", refused),
		"paths":    many("openapi: 3.0.3\npaths:\n", "  /@: {get: {operationId: o@, x-error-codes: [X]}}\n", ""),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := gen.Generate(load.Source{Name: "spec.yaml", Data: []byte(data)}, gen.Options{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestMalformedDocuments reads documents that have crashed parsers. Each must be a finding.
func TestMalformedDocuments(t *testing.T) {
	for name, data := range map[string]string{
		"empty":            "",
		"null":             "null",
		"dashes":           "---\n---\n",
		"bom only":         "\ufeff",
		"nul":              "openapi: \x00",
		"utf-16":           "\xff\xfeo\x00",
		"number":           "7",
		"complex key":      "? [a, b]\n: c\n",
		"merge of a text":  "<<: text\n",
		"merge of itself":  "a: &a\n  <<: *a\n",
		"unknown tag":      "openapi: !!python/object 3.0.3\n",
		"directive":        "%YAML 9.9\n---\nopenapi: 3.0.3\n",
		"open brace":       "{",
		"json null":        `{"openapi":"3.0.3","paths":null,"components":null}`,
		"lists everywhere": "openapi: 3.0.3\npaths: []\ncomponents: []\ninfo: []\n",
		"texts everywhere": "openapi: 3.0.3\npaths: {/a: x}\ncomponents: {schemas: {A: x, B: 7, C: null}}\n",
		"null catalog":     "openapi: 3.0.3\ncomponents: {schemas: {A: {x-error-catalog: null, x-error-envelope: null}}}\n",
		"list catalog":     "openapi: 3.0.3\ncomponents: {schemas: {A: {x-error-catalog: [], x-error-envelope: 7}}}\n",
		"null code":        "openapi: 3.0.3\ncomponents: {schemas: {A: {x-error-catalog: {codes: {A: null}}}}}\n",
		"null members":     "openapi: 3.0.3\ncomponents: {schemas: {A: {x-error-catalog: {id: ~, codes: {A: {http: ~, match: ~, examples: [~], params: ~, customer: ~}}}}}}\n",
		"null operations":  "openapi: 3.0.3\npaths: {/a: {get: ~, post: {x-error-codes: ~, parameters: ~, responses: ~, requestBody: ~, x-unknown-outcome: ~, x-idempotency-key: ~}}}\n",
		"own schema":       "openapi: 3.0.3\ncomponents: {schemas: {A: &a {allOf: [{$ref: '#/components/schemas/A'}], x-error-envelope: {code: /x}}}}\n",
		"many dots":        "openapi: 3.0.3\npaths: {/a: {$ref: '" + strings.Repeat("a/../", 5000) + "x'}}\n",
		"long key":         "openapi: 3.0.3\n" + strings.Repeat("k", 100_000) + ": 1\n",
		"deep lists":       strings.Repeat("[", 100_000),
		"deep maps":        strings.Repeat("{a: ", 100_000),
		"deep json":        `{"a":` + strings.Repeat("[", 100_000),
		"deep blocks":      strings.Repeat("- ", 20_000),
		"too big":          strings.Repeat("#", load.MaxBytes+1),
	} {
		t.Run(name, func(t *testing.T) {
			opt := gen.Options{Label: "spec.yaml", Go: "x/x.go", Package: "x", Runtime: "example.test/pay", HTML: "x.html"}
			res, err := gen.Generate(load.Source{Name: "spec.yaml", Data: []byte(data)}, opt)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := res.Findings.Count(); n == 0 || len(res.Files) > 0 {
				t.Errorf("accepted, with %d files; findings: %v", len(res.Files), res.Findings)
			}
		})
	}
}
