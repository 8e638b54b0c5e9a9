package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
)

// TestRecall drafts a catalog for each shape of errors in testdata/public, and compares its codes with those that the spec has.
// want/codes has a line for each: the code, its statuses, and its category. want/envelopes has the envelopes, if it is not empty.
func TestRecall(t *testing.T) {
	names, err := filepath.Glob("testdata/public/*.txtar")
	if err != nil || len(names) < 12 {
		t.Fatalf("%d shapes, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			src := sourceOf(archive)
			d := draft(t, src)
			src.Catalog = load.Document{Name: "the draft", Data: d.Data}
			var have []string
			if len(d.Data) > 0 {
				have = draftedCodes(t, src)
			}
			recall(t, have, lines(archive, "want/codes"))
			var envelopes []string
			for _, note := range d.Notes {
				if strings.Contains(note, ": envelope ") {
					envelopes = append(envelopes, note)
				}
			}
			if want := lines(archive, "want/envelopes"); want != nil && !slices.Equal(envelopes, want) {
				t.Errorf("envelopes\n%s\nwant\n%s", strings.Join(envelopes, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// sourceOf returns the spec of an archive with its files.
func sourceOf(archive *txtar.Archive) load.Source {
	files := fstest.MapFS{}
	var src load.Source
	for _, f := range archive.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
		if strings.HasPrefix(f.Name, "spec.") {
			src.Name, src.Data = f.Name, f.Data
		}
	}
	src.Files = files
	return src
}

// draftedCodes returns the codes of a draft in the form of want/codes. Lint must accept the draft, and every example of an error
// must be read with it.
func draftedCodes(t *testing.T, src load.Source) []string {
	t.Helper()
	res, err := gen.Generate(src, everything(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.Findings {
		if f.Rule == finding.BodyExample || f.Severity != finding.Note {
			t.Errorf("%s\n%s", f, src.Catalog.Data)
		}
	}
	var out []string
	for _, c := range res.Spec.Catalogs {
		for _, code := range c.Codes {
			statuses := "-"
			for i, n := range code.Statuses() {
				if i == 0 {
					statuses = ""
				} else {
					statuses += ","
				}
				statuses += strconv.Itoa(n)
			}
			out = append(out, fmt.Sprintf("%s %s %s", code.Value, statuses, code.Category.Value))
		}
	}
	return out
}

// recall prints and checks how many of the codes were found.
func recall(t *testing.T, have, want []string) {
	t.Helper()
	values := func(list []string) []string {
		var out []string
		for _, line := range list {
			value, _, _ := strings.Cut(line, " ")
			out = append(out, value)
		}
		return out
	}
	without := func(list, others []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(others, s) })
	}
	missed, invented := without(values(want), values(have)), without(values(have), values(want))
	t.Logf("codes %d, found %d, missed %d, invented %d", len(want), len(have)-len(invented), len(missed), len(invented))
	if len(missed)+len(invented) > 0 {
		t.Errorf("missed %q, invented %q", missed, invented)
	} else if wrong := without(have, want); len(wrong) > 0 {
		t.Errorf("wrong status or category: %q, want %q", wrong, without(want, have))
	}
}

func lines(archive *txtar.Archive, name string) []string {
	f, _ := find(archive, name)
	if len(f.Data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(f.Data)), "\n")
}
