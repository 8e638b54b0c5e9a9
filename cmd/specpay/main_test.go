package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const spec = `openapi: 3.0.3
info: {title: Things, version: "1"}
servers: [{url: 'https://api.example'}]
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getThing
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: object, properties: {id: {type: string}, guess: {type: string, x-unverified: one source}}}}}
`

// setup writes a spec, a recording without a difference and one with.
func setup(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"spec.yaml": spec, "same.har": recording(`{"id":"A1","guess":"x"}`), "other.har": recording(`{"id":1,"extra":"jane@shop.example"}`), "bad.har": `{"log":`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func recording(body string) string {
	text, _ := json.Marshal(body)
	return `{"log":{"entries":[{"startedDateTime":"2026-01-02T03:04:05Z","request":{"method":"GET","url":"https://api.example/things/1"},"response":{"status":200,"content":{"mimeType":"application/json","text":` + string(text) + `}}}]}}`
}

// call runs the command in a folder.
func call(t *testing.T, dir string, args ...string) (code int, out, errs string) {
	t.Helper()
	t.Chdir(dir)
	var stdout, stderr bytes.Buffer
	code = run(args, streams{&stdout, &stderr})
	return code, stdout.String(), stderr.String()
}

// TestExitCodes: 0 without a difference, 1 with one, 2 if the input cannot be used.
func TestExitCodes(t *testing.T) {
	dir := setup(t)
	for args, want := range map[string]struct {
		code      int
		out, errs string
	}{
		"":                                          {0, "Usage: specpay <command>", ""},
		"--help":                                    {0, "Usage: specpay <command>", ""},
		"unknown":                                   {2, "", "unexpected argument unknown; see specpay --help"},
		"drift":                                     {2, "", "missing flags: --spec=FILE; see specpay drift --help"},
		"drift --help":                              {0, "Exit code 0: no difference; 1: differences; 2: unusable input.", ""},
		"drift --spec spec.yaml":                    {2, "", `expected "<file.har> ..."`},
		"drift -spec spec.yaml same.har":            {2, "", "unknown flag"},
		"drift --spec none.yaml same.har":           {2, "", "the spec cannot be read"},
		"drift --spec spec.yaml none.har":           {2, "", "the recording cannot be read"},
		"drift --spec spec.yaml bad.har":            {2, "", "bad.har is not a complete HAR file: it ends at byte 7"},
		"drift --spec spec.yaml spec.yaml":          {2, "", "spec.yaml is not a HAR file: it is not valid JSON at byte 0"},
		"drift --spec spec.yaml same.har":           {0, "no differences", ""},
		"drift --spec spec.yaml other.har":          {1, "/extra: unknown-member: string", ""},
		"drift --spec spec.yaml same.har other.har": {1, "2 differences", ""},
		"drift --spec spec.yaml --host h same.har":  {2, "", "no entry matches an operation of spec.yaml; the recording has requests to api.example"},
	} {
		code, out, errs := call(t, dir, strings.Fields(args)...)
		if code != want.code || !strings.Contains(out, want.out) || !strings.Contains(errs, want.errs) || want.errs == "" && errs != "" {
			t.Errorf("specpay %s: got code %d, output %q, errors %q; want code %d with %q and %q", args, code, out, errs, want.code, want.out, want.errs)
		}
		if strings.Contains(out+errs, "jane") {
			t.Errorf("specpay %s: the output has a value of the recording:\n%s", args, out)
		}
	}
}

// TestJSONForm: the members of the JSON form are those that are documented.
func TestJSONForm(t *testing.T) {
	code, out, errs := call(t, setup(t), "drift", "--spec", "spec.yaml", "--json", "same.har", "other.har")
	if code != 1 || errs != "" {
		t.Fatalf("got code %d and errors %q, want code 1", code, errs)
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("the output is not JSON: %v", err)
	}
	names := func(v any) (all []string) {
		m, _ := v.(map[string]any)
		for name := range m {
			all = append(all, name)
		}
		slices.Sort(all)
		return all
	}
	first := func(list any) any { return list.([]any)[0] }
	guide, err := os.ReadFile(filepath.Join(root, "docs/real-servers.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []struct {
		got  []string
		want string
	}{
		{names(doc), "compared entries files findings hosts leftOut noBody noResponse otherHosts preflights seenUnverified spec"},
		{names(first(doc["findings"])), "count expected first inOverlay in kind operation pointer seen status"},
		{names(first(doc["seenUnverified"])), "count first operation place reason what"},
	} {
		want := strings.Fields(form.want)
		slices.Sort(want)
		if !slices.Equal(form.got, want) {
			t.Errorf("got the members %v, want %v", form.got, want)
		}
		for _, name := range form.got {
			if !bytes.Contains(guide, []byte("`"+name+"`")) {
				t.Errorf("docs/real-servers.md does not explain the member %s", name)
			}
		}
	}
}

var root = func() string { dir, _ := filepath.Abs("../.."); return dir }()

// TestOverlayIsNotOverwritten: a file that exists stays as it is without --force, and
// nothing is written without a difference.
func TestOverlayIsNotOverwritten(t *testing.T) {
	dir := setup(t)
	args := []string{"drift", "--spec", "spec.yaml", "--overlay", "changes.yaml"}
	if code, _, errs := call(t, dir, append(args, "same.har")...); code != 0 || !strings.Contains(errs, "changes.yaml was not written") {
		t.Errorf("without a difference: got code %d and %q, want code 0 and a message", code, errs)
	}
	if code, _, errs := call(t, dir, append(args, "other.har")...); code != 1 || !strings.Contains(errs, "wrote changes.yaml, which takes in 2 of 2 differences") {
		t.Errorf("first time: got code %d and %q, want code 1 and a message", code, errs)
	}
	written, err := os.ReadFile("changes.yaml")
	if err != nil || !strings.Contains(string(written), "seen in other.har entry 0") {
		t.Errorf("got the overlay %s (%v), want one with its evidence", written, err)
	}
	if err := os.WriteFile("changes.yaml", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := call(t, dir, append(args, "other.har")...); code != 2 || !strings.Contains(errs, "changes.yaml exists; use --force to replace it") {
		t.Errorf("second time: got code %d and %q, want code 2 and a message", code, errs)
	}
	if kept, _ := os.ReadFile("changes.yaml"); string(kept) != "mine" {
		t.Errorf("second time: the file was changed to %s", kept)
	}
	if code, _, _ := call(t, dir, append(args, "--force", "other.har")...); code != 1 {
		t.Errorf("with --force: got code %d, want 1", code)
	}
	if again, _ := os.ReadFile("changes.yaml"); !bytes.Equal(again, written) {
		t.Errorf("with --force: got %s, want the same as the first time", again)
	}
	if left, _ := filepath.Glob(".specpay-*"); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
}
