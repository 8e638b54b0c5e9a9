package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/specpay/specpay/errgen/internal/cli"
	"github.com/specpay/specpay/errgen/internal/docgen"
)

// TestJSONOutputHasASchema: the published schema is that of this version, every JSON output fits it, and the outputs have no
// member that it does not describe.
func TestJSONOutputHasASchema(t *testing.T) {
	const published = "../docs/errors/schema.json"
	if *update {
		if err := os.WriteFile(published, docgen.Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(readFile(t, published), docgen.Schema()) {
		t.Errorf("%s is stale (go test ./errgen -run Schema -update writes it)", published)
	}
	var doc any
	if err := json.Unmarshal(readFile(t, published), &doc); err != nil {
		t.Fatal(err)
	}
	open := compile(t, doc)
	closeObjects(doc)
	strict := compile(t, doc)

	names, err := filepath.Glob("../docs/errors/*.json")
	if err != nil {
		t.Fatal(err)
	}
	petstore := filepath.Join(t.TempDir(), "petstore.json")
	var stderr bytes.Buffer
	if code := cli.Main([]string{"gen", "-q", "-json", petstore, "examples/petstore/petstore.yaml"}, nil, &stderr, &stderr); code != 0 {
		t.Fatalf("errgen gen -json exited with %d:\n%s", code, stderr.String())
	}
	checked := 0
	for _, name := range append(names, petstore) {
		if filepath.Base(name) == "schema.json" {
			continue
		}
		checked++
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(readFile(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		if err := strict.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		file := value.(map[string]any)
		file["later"] = true
		if err := open.Validate(file); err != nil {
			t.Errorf("%s with a member of a later version: %v", name, err)
		}
		delete(file, "envelopes")
		if open.Validate(file) == nil {
			t.Errorf("%s without envelopes is valid", name)
		}
	}
	if checked != 5 {
		t.Errorf("%d files were checked, want those of four specs and the pet store", checked)
	}
}

func compile(t *testing.T, doc any) *jsonschema.Schema {
	t.Helper()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(docgen.SchemaURL, value); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(docgen.SchemaURL)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// closeObjects makes members that the schema does not describe invalid.
func closeObjects(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, ok := n["properties"]; ok {
			n["additionalProperties"] = false
		}
		for _, v := range n {
			closeObjects(v)
		}
	case []any:
		for _, v := range n {
			closeObjects(v)
		}
	}
}
