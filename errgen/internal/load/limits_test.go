package load

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// TestManyFiles: a spec may consist of thousands of files, and an error about their number names it and the limit.
func TestManyFiles(t *testing.T) {
	open := func(files int) *Set {
		t.Helper()
		var spec strings.Builder
		folder := fstest.MapFS{}
		spec.WriteString("{\"items\": [")
		for i := range files {
			if i > 0 {
				spec.WriteString(",")
			}
			name := fmt.Sprintf("parts/%d.json", i)
			fmt.Fprintf(&spec, `{"$ref": %q}`, name)
			folder[name] = &fstest.MapFile{Data: []byte(`{"type": "string"}`)}
		}
		spec.WriteString("]}")
		set, err := Open(Source{Name: "spec.json", Data: []byte(spec.String()), Files: folder})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	set := open(maxFiles)
	items := set.Root.Get("items").Items
	for i, item := range items[:maxFiles-1] { // the spec itself is a file too
		if n, err := set.Follow(item); err != nil || n.Get("type") == nil {
			t.Fatalf("file %d of %d: %v", i+1, maxFiles, err)
		}
	}
	_, err := set.Follow(items[maxFiles-1])
	if err == nil || !strings.Contains(err.Error(), "10000 files already; at most 10000 are allowed") || !strings.Contains(err.Error(), "EG005") {
		t.Errorf("one file too many: %v", err)
	}
}

// large is a folder with files that report a size, and cannot be read.
type large map[string]int64

func (l large) Open(name string) (fs.File, error) { return nil, fs.ErrNotExist }

func (l large) Stat(name string) (fs.FileInfo, error) { return info{name, l[name]}, nil }

type info struct {
	name string
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o600 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

// TestSizeLimitsNameLimitAndSize also checks that a file that is too large is not read.
func TestSizeLimitsNameLimitAndSize(t *testing.T) {
	const spec = "a: {$ref: big.yaml}\n"
	set, err := Open(Source{Name: "spec.yaml", Data: []byte(spec), Files: large{"big.yaml": MaxBytes}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = set.Follow(set.Root.Get("a"))
	want := fmt.Sprintf("a file of %d bytes, and the files before it have %d; at most %d (64 MiB)", MaxBytes, len(spec), MaxBytes)
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "EG005") {
		t.Errorf("got %v, want %s", err, want)
	}
	for data, want := range map[string]string{
		strings.Repeat(" ", MaxBytes+1):                                   "the file has 67108865 bytes; at most 67108864 (64 MiB) are allowed",
		"[" + strings.Repeat("x,", maxNodes) + "x]":                       "the file has 5000001 lines, commas and other marks that may separate values; at most 5000000 are allowed",
		strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2): "200 levels",
	} {
		_, err := Parse(&File{Name: "x.yaml"}, []byte(data))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestAllFilesShareTheBudget: the limit on values is for all files together, so that many files are no way around it.
func TestAllFilesShareTheBudget(t *testing.T) {
	set, err := Open(Source{Name: "spec.json", Data: []byte(`{"a": {"$ref": "part.json"}}`), Files: fstest.MapFS{"part.json": {Data: []byte(`[1, 2, 3]`)}}})
	if err != nil {
		t.Fatal(err)
	}
	set.spent.nodes = maxNodes - 3 // the list and two items
	_, err = set.Follow(set.Root.Get("a"))
	if err == nil || !strings.Contains(err.Error(), "at least 5000001 values") || !strings.Contains(err.Error(), "at most 5000000 are allowed") {
		t.Errorf("got %v, want an error about 5000000 values", err)
	}
}

// documents are JSON or nearly so.
var documents = []string{
	`{}`, `[]`, ` {"a": 1} `, `[1,2]`, `[1 2]`, `[1,]`, `[,1]`, `{"a":1,}`, `{"a" 1}`, `{a: 1}`, `{1: 2}`, `{"a":}`, `{"a":1 "b":2}`, `{"a":1}}`, `[1]]`, `{"a":1`, `[1`, `["a`, `["a\`, `["a\"]`,
	`[01]`, `[-0]`, `[-]`, `[1.]`, `[1.5e+3]`, `[.5]`, `[1e]`, `[+1]`, `[0x1]`, `[NaN]`, `[tru]`, `[true]`, `[True]`, `[null]`, `[nul]`, `[falsey]`, `["\u0041\ud83d\ude00\/\n"]`, `["\ud83d"]`, `["\x"]`, "[\"a\tb\"]", `["é", "日本"]`,
	`[""]`, `{"":""}`, `{"a":{"b":[{},[]]}}`, `{"a":1,"a":2}`, `[1]x`, `[1] 2`, `[1],`, `{"a"`, `{"a":`, `{,}`, `[}`, `{]`, `[[]`, `["a"b]`, `[1"a"]`, `[true"a"]`, "[1\u00a0]", "[1\v]", `[1,,2]`, `{"a":1,,"b":2}`, `[:1]`, `{"a"::1}`, `{"a",1}`,
}

// TestJSONAgreesWithEncodingJSON compares what is valid, and the values.
func TestJSONAgreesWithEncodingJSON(t *testing.T) {
	for _, doc := range documents {
		compare(t, doc)
	}
}

func FuzzJSON(f *testing.F) {
	for _, doc := range documents {
		f.Add(doc)
	}
	f.Fuzz(compare)
}

func compare(t *testing.T, doc string) {
	data := []byte(doc)
	if !startsLikeJSON(data) || strings.ToValidUTF8(doc, "") != doc || strings.Count(doc, "[")+strings.Count(doc, "{") > maxDepth {
		return
	}
	n, err := parseJSON(&File{Name: "x.json"}, data, &budget{})
	if valid := json.Valid(data); valid != (err == nil) {
		t.Fatalf("%q: encoding/json says valid: %v, parseJSON returned %v", doc, valid, err)
	}
	if err != nil {
		return
	}
	var want any
	dec := json.NewDecoder(strings.NewReader(doc))
	dec.UseNumber()
	if err := dec.Decode(&want); err != nil {
		t.Fatal(err)
	}
	if got := plain(n); !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: got %#v, want %#v", doc, got, want)
	}
}

// plain returns a tree as encoding/json decodes it. Of equal keys, the last one counts there.
func plain(n *Node) any {
	switch {
	case n.Kind == Map:
		out := map[string]any{}
		for i, k := range n.Keys {
			out[k.Value] = plain(n.Items[i])
		}
		return out
	case n.Kind == List:
		out := []any{}
		for _, item := range n.Items {
			out = append(out, plain(item))
		}
		return out
	case n.Tag == Int, n.Tag == Float:
		return json.Number(n.Value)
	case n.Tag == Bool:
		return n.Value == "true"
	case n.Tag == Null:
		return nil
	}
	return n.Value
}
