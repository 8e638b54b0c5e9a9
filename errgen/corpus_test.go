package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/specpay/specpay/errgen/internal/cli"
	"github.com/specpay/specpay/errgen/internal/finding"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata/*.txtar")

// TestCorpus runs every archive of testdata. Its comment contains commands, on lines that start with "errgen", and the
// expected exit code of the last one ("exit 1"). Files below want/ are expected, the others are input. want/stderr is the
// output of all commands, and the file stdin is the input of each.
func TestCorpus(t *testing.T) {
	for _, name := range archives(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			path, err := filepath.Abs(name)
			if err != nil {
				t.Fatal(err)
			}
			got := runArchive(t, archive)
			if *update {
				rewrite(t, path, archive, got)
				return
			}
			compareArchive(t, archive, got)
		})
	}
}

func archives(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	return names
}

// result is the result of running the commands of an archive.
type result struct {
	exit   int
	stderr string
	files  map[string]string // after the run
}

// common matches the parts that all HTML pages share. Archives have an ellipsis instead.
var common = regexp.MustCompile(`(?s)(<style>|<script>|content="default-src ).*?(</style>|</script>|">)`)

func runArchive(t *testing.T, archive *txtar.Archive) result {
	t.Helper()
	dir := t.TempDir()
	for _, f := range archive.Files {
		if !strings.HasPrefix(f.Name, "want/") {
			writeFile(t, filepath.Join(dir, f.Name), expand(t, f.Data))
		}
	}
	t.Chdir(dir)
	out := result{files: map[string]string{}}
	var stderr bytes.Buffer
	for _, line := range strings.Split(string(archive.Comment), "\n") {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] == "errgen" {
			out.exit = cli.Main(fields[1:], stdin(t, archive), &stderr, &stderr)
		}
	}
	out.stderr = stderr.String()
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, e := os.ReadFile(path)
			out.files[filepath.ToSlash(path)] = common.ReplaceAllString(string(data), "$1…$2")
			return e
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stdin returns the file stdin of an archive, the standard input of its commands.
func stdin(t *testing.T, archive *txtar.Archive) io.Reader {
	f, _ := find(archive, "stdin")
	return bytes.NewReader(expand(t, f.Data))
}

// expand decodes bytes that editors and version control would change: after a line "#bytes", each line is a Go string
// literal.
func expand(t *testing.T, data []byte) []byte {
	t.Helper()
	rest, ok := bytes.CutPrefix(data, []byte("#bytes\n"))
	if !ok {
		return data
	}
	var out []byte
	for _, line := range strings.Split(strings.TrimSpace(string(rest)), "\n") {
		var s string
		if _, err := fmt.Sscanf(line, "%q", &s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s...)
	}
	return out
}

func compareArchive(t *testing.T, archive *txtar.Archive, got result) {
	t.Helper()
	if want := expectedExit(archive); got.exit != want {
		t.Errorf("exit code %d, want %d", got.exit, want)
	}
	seen := map[string]bool{}
	for _, f := range archive.Files {
		name, wanted := strings.CutPrefix(f.Name, "want/")
		seen[name] = true
		have, want := got.files[name], string(f.Data)
		switch {
		case wanted && name == "stderr":
			have = got.stderr
		case !wanted:
			want = string(expand(t, f.Data))
			if _, replaced := find(archive, "want/"+name); replaced {
				continue
			}
		}
		if have != want {
			t.Errorf("%s differs (go test ./errgen -run Corpus -update rewrites it)\n--- got\n%s\n--- want\n%s", name, have, want)
		}
	}
	for name := range got.files {
		if !seen[name] {
			t.Errorf("the run wrote an unexpected file: %s", name)
		}
	}
}

func expectedExit(archive *txtar.Archive) int {
	for _, line := range strings.Split(string(archive.Comment), "\n") {
		var code int
		if _, err := fmt.Sscanf(line, "exit %d", &code); err == nil {
			return code
		}
	}
	return 0
}

func find(archive *txtar.Archive, name string) (txtar.File, bool) {
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		return txtar.File{}, false
	}
	return archive.Files[i], true
}

// rewrite keeps comment and input, and replaces the expected files. Exit codes are edited by hand.
func rewrite(t *testing.T, path string, archive *txtar.Archive, got result) {
	t.Helper()
	if want := expectedExit(archive); got.exit != want {
		t.Errorf("exit code %d, want %d: edit the archive if that is correct", got.exit, want)
	}
	next := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if !strings.HasPrefix(f.Name, "want/") {
			next.Files = append(next.Files, f)
			if string(expand(t, f.Data)) == got.files[f.Name] {
				delete(got.files, f.Name)
			}
		}
	}
	next.Files = append(next.Files, txtar.File{Name: "want/stderr", Data: []byte(got.stderr)})
	names := make([]string, 0, len(got.files))
	for name := range got.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		next.Files = append(next.Files, txtar.File{Name: "want/" + name, Data: []byte(got.files[name])})
	}
	if err := os.WriteFile(path, txtar.Format(next), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEveryRuleHasACase searches the expected messages of the corpus for each rule.
func TestEveryRuleHasACase(t *testing.T) {
	var all strings.Builder
	for _, name := range archives(t) {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if f, ok := find(archive, "want/stderr"); ok {
			all.Write(f.Data)
		}
	}
	for _, r := range finding.Rules() {
		if !strings.Contains(all.String(), ": "+string(r.ID)+" ") {
			t.Errorf("no archive has a finding of rule %s (%s)", r.ID, r.Title)
		}
	}
}

func writeFile(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
