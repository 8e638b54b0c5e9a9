package load

import (
	"strings"
	"testing"
)

func parse(t *testing.T, name, data string) *Node {
	t.Helper()
	n, err := Parse(&File{Name: name, Path: name}, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPositions checks that both parsers report the same positions for the same text.
func TestPositions(t *testing.T) {
	const text = "{\n  \"ключ\": {\"b\": [1, true,\n    \"x\"]}\n}\n"
	for _, name := range []string{"a.json", "a.yaml"} {
		n := parse(t, name, text)
		b := n.Get("ключ").Get("b")
		if b == nil || len(b.Items) != 3 {
			t.Fatalf("%s: %+v", name, n)
		}
		for _, test := range []struct {
			node      *Node
			line, col int
		}{{n.Get("ключ"), 2, 11}, {b, 2, 17}, {b.Items[1], 2, 21}, {b.Items[2], 3, 5}} {
			if test.node.Line != test.line || test.node.Col != test.col {
				t.Errorf("%s: %s is at %d:%d, want %d:%d", name, test.node.Describe(), test.node.Line, test.node.Col, test.line, test.col)
			}
		}
	}
}

func TestJSONReadsWhatYAMLRejects(t *testing.T) {
	n := parse(t, "x.yaml", `{"a": "b\/c", "n": -1.5e3, "i": 12, "z": null, "f": false}`)
	if got := n.Get("a").Text(); got != "b/c" {
		t.Errorf("text of a: got %q, want %q", got, "b/c")
	}
	for name, want := range map[string]Tag{"n": Float, "i": Int, "z": Null, "f": Bool} {
		if got := n.Get(name).Tag; got != want {
			t.Errorf("tag of %s: got %v, want %v", name, got, want)
		}
	}
	n = parse(t, "x.yaml", "{a: b, c: [d]}")
	if got := n.Get("a").Text(); got != "b" {
		t.Errorf("text of a in a YAML flow map: got %q, want %q", got, "b")
	}
}

func TestBOMAndLineEnds(t *testing.T) {
	n := parse(t, "x.yaml", "\ufeffa: 1\r\nb:\r\n  c: x\r\n")
	if c := n.Get("b").Get("c"); c.Text() != "x" || c.Line != 3 || c.Col != 6 {
		t.Errorf("%+v", c)
	}
}

func TestMergeKeys(t *testing.T) {
	n := parse(t, "x.yaml", "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nout:\n  <<: [*b, *m]\n  x: 9\nquoted: {'<<': 5}\n")
	out := n.Get("out")
	got := out.Get("x").Value + out.Get("y").Value + out.Get("z").Value
	if got != "924" || len(out.Keys) != 3 {
		t.Errorf("merged to %s with %d keys, want 924 with 3", got, len(out.Keys))
	}
	if n.Get("quoted").Get("<<").Value != "5" {
		t.Error("a quoted << is a plain key")
	}
}

func TestIsString(t *testing.T) {
	n := parse(t, "x.yaml", "[abc, '1', 1, 1.5, true, ~, no, 'no', 2024-01-01, !!str 7, !own x]")
	want := "11000001010"
	var got strings.Builder
	for _, item := range n.Items {
		got.WriteByte("01"[b(item.IsString())])
	}
	if got.String() != want {
		t.Errorf("%s, want %s", got.String(), want)
	}
}

func b(v bool) int {
	if v {
		return 1
	}
	return 0
}

func TestWalkDistinguishesNamesFromKeywords(t *testing.T) {
	set, err := Open(Source{Name: "x.yaml", Data: []byte(`
components:
  schemas:
    example: {mark: 1}
    properties: {properties: {default: {mark: 2}}}
    A: {example: {mark: 3}, x-own: {mark: 4}, enum: [{mark: 5}], default: {mark: 6}}
  responses: {default: {mark: 7}}
`)})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	set.Walk(func(_ []string, n *Node) {
		if m := n.Get("mark"); m != nil {
			got.WriteString(m.Value)
		}
	}, func(err error) { t.Error(err) })
	if got.String() != "127" {
		t.Errorf("visited %s, want 127: names are walked, data is not", got.String())
	}
}

func TestTokens(t *testing.T) {
	if got := strings.Join(Tokens("/a~1b/~0c/"), "|"); got != "a/b|~c|" {
		t.Error(got)
	}
}

// TestCatalogFileChangesOnePlace checks that an extension does not appear at other places with the same YAML anchor.
func TestCatalogFileChangesOnePlace(t *testing.T) {
	set, err := Open(Source{
		Name: "x.yaml", Data: []byte("components: {schemas: {A: &a {type: string}, B: *a}}\n"),
		Catalog: Document{Name: "c.yaml", Data: []byte("/components/schemas/A: {x-error-codes: [X]}\n")},
	})
	if err != nil || len(set.Found) > 0 {
		t.Fatal(err, set.Found)
	}
	schemas := set.Root.Get("components").Get("schemas")
	if schemas.Get("A").Get("x-error-codes") == nil || schemas.Get("B").Get("x-error-codes") != nil {
		t.Error("the extension is at the wrong places")
	}
}

// TestOverlayMerges checks the effect of an update on maps, lists and values, and that targets do not share nodes.
func TestOverlayMerges(t *testing.T) {
	set, err := Open(Source{
		Name: "x.yaml", Data: []byte("map: {a: 1, deep: {b: [1], c: x}}\nlist: [1]\nmore: [1]\ntwins: [{}, {}]\n"),
		Overlay: Document{Name: "o.yaml", Data: []byte("overlay: 1.0.1\ninfo: {title: t, version: '1'}\nactions:\n" +
			"- {target: $.map, update: {a: [2], deep: {b: [2, 3], d: y}}}\n- {target: $.list, update: {z: 1}}\n- {target: $.more, update: [2]}\n" +
			"- {target: '$.twins[*]', update: {e: {}}}\n- {target: '$.twins[0].e', update: {f: 1}}\n- {target: '$.twins[-1]', update: {g: 1}}\n")},
	})
	if err != nil || len(set.Found) > 0 {
		t.Fatal(err, set.Found)
	}
	want := "{map: {a: [2], deep: {b: [1, 2, 3], c: x, d: y}}, list: [1, {z: 1}], more: [1, 2], twins: [{e: {f: 1}}, {e: {}, g: 1}]}"
	if got := flow(set.Root); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if b := set.Root.Get("map").Get("deep").Get("b"); b.Items[0].File.Name != "x.yaml" || b.Items[1].File.Name != "o.yaml" || b.Items[1].Line != 4 {
		t.Errorf("positions are lost: %v, %v", b.Items[0].Pos(), b.Items[1].Pos())
	}
}

// flow formats a tree on one line.
func flow(n *Node) string {
	var parts []string
	for i, item := range n.Items {
		part := flow(item)
		if n.Kind == Map {
			part = n.Keys[i].Value + ": " + part
		}
		parts = append(parts, part)
	}
	switch text := strings.Join(parts, ", "); n.Kind {
	case Map:
		return "{" + text + "}"
	case List:
		return "[" + text + "]"
	}
	return n.Value
}
