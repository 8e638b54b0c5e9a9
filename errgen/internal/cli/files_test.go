package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

func TestWriteKeepsEqualFiles(t *testing.T) {
	dir := t.TempDir()
	same, stale, fresh := filepath.Join(dir, "same"), filepath.Join(dir, "stale"), filepath.Join(dir, "new", "fresh")
	put(t, same, "1")
	put(t, stale, "old")
	before := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.Chtimes(same, before, before); err != nil {
		t.Fatal(err)
	}
	a := &app{out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	if err := a.write(map[string][]byte{same: []byte("1"), stale: []byte("2"), fresh: []byte("3")}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(same)
	if err != nil || !info.ModTime().Equal(before) {
		t.Errorf("an equal file was changed: %v, %v", info.ModTime(), err)
	}
	if read(t, stale) != "2" || read(t, fresh) != "3" {
		t.Error("the files were not written")
	}
	if info, err := os.Stat(stale); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode of a replaced file changed to %v, %v", info.Mode(), err)
	}
	left(t, dir)
}

func TestWriteIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	first := filepath.Join(dir, "a")
	put(t, first, "old")
	put(t, filepath.Join(dir, "file"), "in the way")
	a := &app{out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	err := a.write(map[string][]byte{
		first: []byte("new"), filepath.Join(dir, "b", "c", "d"): []byte("new"), filepath.Join(dir, "file", "e"): []byte("new"),
	})
	if err == nil {
		t.Fatal("a file was written below a file")
	}
	if read(t, first) != "old" {
		t.Error("one file was replaced although another could not be written")
	}
	left(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "b")); err == nil {
		t.Error("a folder was left behind")
	}
}

// left fails if temporary files remain.
func left(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, ".errgen-*"))
	if err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

func TestDifference(t *testing.T) {
	for _, test := range []struct{ have, want, line, has, wants string }{
		{"a\nb\n", "a\nc\n", "2", `"b\n"`, `"c\n"`},
		{"a\n", "a\nb\n", "2", "the end of the file", `"b\n"`},
		{"a\nb", "a\nb\n", "2", `"b"`, `"b\n"`},
		{"", "a\n", "1", "the end of the file", `"a\n"`},
	} {
		line, has, wants := difference([]byte(test.have), []byte(test.want))
		if line != int(test.line[0]-'0') || has != test.has || wants != test.wants {
			t.Errorf("difference(%q, %q) = %d, %s, %s", test.have, test.want, line, has, wants)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"-h"}, {"lint", "--help"}} {
		var out, err bytes.Buffer
		if code := Main(args, nil, &out, &err); code != 0 || !strings.Contains(out.String(), "usage:") || err.Len() > 0 {
			t.Errorf("%v: exit %d, %q, %q", args, code, out.String(), err.String())
		}
	}
}
