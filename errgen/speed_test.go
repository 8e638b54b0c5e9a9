package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/specpay/specpay/errgen/internal/load"
)

// BenchmarkAgainstOapiCodegen runs both generators as processes on the same spec, alternating, so that other load affects
// both. It reports errgen's time and peak memory relative to oapi-codegen. The goals are 0.20 of the time at 3 operations,
// and 0.10 at 200 and 1000.
func BenchmarkAgainstOapiCodegen(b *testing.B) {
	dir := b.TempDir()
	errgen, other := filepath.Join(dir, "errgen.exe"), filepath.Join(dir, "oapi-codegen.exe")
	build(b, errgen, other)
	for _, operations := range []int{3, 200, 1000} {
		b.Run(fmt.Sprintf("%d-operations", operations), func(b *testing.B) {
			spec := filepath.Join(dir, fmt.Sprintf("spec%d.yaml", operations))
			if err := os.WriteFile(spec, []byte(bigSpec(operations)), 0o600); err != nil {
				b.Fatal(err)
			}
			var ours, theirs []cost
			for b.Loop() {
				ours = append(ours, spend(b, errgen, "gen", "-q", "-package", "api", "-go", filepath.Join(dir, "errors.gen.go"), spec))
				theirs = append(theirs, spend(b, other, "-generate", "client,models", "-package", "api", "-o", filepath.Join(dir, "client.gen.go"), spec))
			}
			b.ReportMetric(median(ours, wall)/median(theirs, wall), "time-ratio")
			b.ReportMetric(median(ours, memory)/median(theirs, memory), "memory-ratio")
			b.ReportMetric(median(ours, wall)/1e6, "errgen-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkBigJSON does the same with a JSON document of 13 MB and 1000 operations, as large APIs publish them: each
// operation has long descriptions, examples and inline schemas. The goals are 0.10 of the time, and 300 MB.
func BenchmarkBigJSON(b *testing.B) {
	dir := b.TempDir()
	errgen, other := filepath.Join(dir, "errgen.exe"), filepath.Join(dir, "oapi-codegen.exe")
	build(b, errgen, other)
	spec := filepath.Join(dir, "big.json")
	if err := os.WriteFile(spec, bigJSON(1000, 13<<20), 0o600); err != nil {
		b.Fatal(err)
	}
	var ours, theirs []cost
	for b.Loop() {
		ours = append(ours, spend(b, errgen, "gen", "-q", "-package", "api", "-go", filepath.Join(dir, "errors.gen.go"), spec))
		theirs = append(theirs, spend(b, other, "-generate", "client,models", "-package", "api", "-o", filepath.Join(dir, "client.gen.go"), spec))
	}
	b.ReportMetric(median(ours, wall)/median(theirs, wall), "time-ratio")
	b.ReportMetric(median(ours, wall)/1e6, "errgen-ms")
	b.ReportMetric(median(ours, memory)/1e3, "errgen-MB") // of a system that counts in kB
	b.ReportMetric(0, "ns/op")
}

// TestBigJSONIsReadWithFewAllocations: errgen reads a document of many megabytes without an allocation for each value.
func TestBigJSONIsReadWithFewAllocations(t *testing.T) {
	data := bigJSON(50, 700_000)
	allocations := testing.AllocsPerRun(1, func() {
		if _, err := load.Open(load.Source{Name: "big.json", Data: data}); err != nil {
			t.Fatal(err)
		}
	})
	if most := float64(len(data) / 50); allocations > most {
		t.Errorf("%d bytes take %.0f allocations, want at most %.0f", len(data), allocations, most)
	}
}

// build builds both generators.
func build(b *testing.B, errgen, other string) {
	b.Helper()
	for out, pkg := range map[string]string{errgen: ".", other: "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"} {
		if text, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", pkg, err, text)
		}
	}
}

// bigJSON returns a JSON document with n operations and at least size bytes.
func bigJSON(n, size int) []byte {
	var s bytes.Buffer
	s.WriteString("{\n  \"openapi\": \"3.0.3\",\n  \"info\": {\"title\": \"Big\", \"version\": \"1\"},\n  \"paths\": {\n")
	for i := range n {
		fmt.Fprintf(&s, `    "/things%[1]d/{id}": {
      "post": {
        "operationId": "changeThing%[1]d",
        "summary": "Change a thing",
        "description": %[2]q,
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "page", "in": "query", "description": "The page of the result.", "schema": {"type": "integer", "default": 1}}
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing%[1]d"}}}},
        "responses": {
          "200": {
            "description": "done",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing%[1]d"}, "examples": {"default": {"value": [
`, i, strings.Repeat("What the operation does, in \"words\". ", 12))
		for j := 0; s.Len() < (i+1)*(size/n)-3500; j++ {
			if j > 0 {
				s.WriteString(",\n")
			}
			fmt.Fprintf(&s, `              {
                "id": %d,
                "node_id": "MDQ6VXNlcjE%d",
                "url": "https://api.example.test/things/%d",
                "html_url": "https://example.test/things/%[3]d",
                "admin": false,
                "labels": ["one", "two"],
                "owner": {
                  "login": "somebody",
                  "avatar_url": "https://avatars.example.test/u/%[3]d",
                  "score": 1.5,
                  "gravatar_id": null
                }
              }`, j, j, i)
		}
		s.WriteString(`
            ]}}}}
          },
          "default": {"description": "the request failed", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}}
        }
      }
    },
`)
	}
	s.WriteString("    \"/last\": {}\n  },\n  \"components\": {\"schemas\": {\n")
	for i := range n {
		fmt.Fprintf(&s, `    "Thing%d": {"type": "object", "required": ["id"], "properties": {
`, i)
		for _, p := range []string{"id", "amount", "note", "owner", "parent", "created_at", "state"} {
			fmt.Fprintf(&s, `      "%s": {"type": "string", "description": "The %[1]s of the thing, as it was when the thing was made or changed.", "example": "a value"},
`, p)
		}
		s.WriteString(`      "kind": {"type": "string", "enum": ["big", "small"]}
    }},
`)
	}
	s.WriteString(`    "Failure": {"type": "object", "x-error-envelope": {"code": "/code", "message": "/message"},
      "properties": {"code": {"$ref": "#/components/schemas/Code"}, "message": {"type": "string"}}},
    "Code": {"type": "string", "x-error-catalog": {"id": "big", "defaults": {"http": 422, "category": "invalid_request", "advice": "change"}, "codes": {
`)
	for i := range n {
		fmt.Fprintf(&s, `      "CODE_%d": {"description": "The resource does not support step %[1]d.", "resolution": "Use another resource."},
`, i)
	}
	s.WriteString("      \"LAST\": {\"description\": \"The last code.\", \"resolution\": \"Use another resource.\"}\n    }}}\n  }}\n}\n")
	return s.Bytes()
}

// cost is the time and memory of one run of a program.
type cost struct {
	wall   time.Duration
	memory int64 // peak resident set size, in the unit of the system
}

func wall(c cost) float64   { return float64(c.wall) }
func memory(c cost) float64 { return float64(c.memory) }

func median(costs []cost, of func(cost) float64) float64 {
	var values []float64
	for _, c := range costs {
		values = append(values, of(c))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func spend(b *testing.B, program string, args ...string) cost {
	b.Helper()
	cmd := exec.Command(program, args...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		b.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("this system does not report the memory of a process")
	}
	return cost{took, used.Maxrss}
}

// bigSpec returns a spec with n typical operations, a shared error schema, and a code for every second operation, at least
// ten.
func bigSpec(n int) string {
	var s strings.Builder
	s.WriteString("openapi: 3.0.3\ninfo: {title: Big, version: '1'}\npaths:\n")
	for i := range n {
		fmt.Fprintf(&s, `  /things%[1]d/{id}:
    post:
      operationId: changeThing%[1]d
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing%[1]d'}}}}
      responses:
        '200': {description: done, content: {application/json: {schema: {$ref: '#/components/schemas/Thing%[1]d'}}}}
        default:
          description: the request failed
          x-error-codes: [CODE_%[2]d]
          content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}
`, i, i%max(n/2, 10))
	}
	s.WriteString("components:\n  schemas:\n")
	for i := range n {
		fmt.Fprintf(&s, "    Thing%d:\n      type: object\n      required: [id, amount]\n      properties:\n", i)
		for _, p := range []string{"id", "amount", "note", "state"} {
			fmt.Fprintf(&s, "        %s: {type: string, description: The %s of the thing.}\n", p, p)
		}
	}
	s.WriteString(`    Failure:
      type: object
      x-error-envelope: {code: /code, message: /message}
      properties: {code: {$ref: '#/components/schemas/Code'}, message: {type: string}}
    Code:
      type: string
      x-error-catalog:
        id: big
        page: https://docs.example.test/errors.html
        defaults: {http: 422, category: invalid_request, advice: change}
        codes:
`)
	for i := range max(n/2, 10) {
		fmt.Fprintf(&s, "          CODE_%d: {description: The resource does not support step %d., resolution: Use another resource.}\n", i, i)
	}
	return s.String()
}
