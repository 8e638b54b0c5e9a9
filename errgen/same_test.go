package main

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/specpay/specpay/internal/contract/sample"
)

// TestOutputIsReproducible runs the program 20 times, or 6 in a sample, on the project's specs, each time in another folder and with another
// working directory, order of environment variables, language, time zone and number of processors.
func TestOutputIsReproducible(t *testing.T) {
	program := filepath.Join(t.TempDir(), "errgen.exe")
	run(t, ".", "go", "build", "-o", program, ".")
	runs := sample.Count(20, 6) // 6 have each language, time zone and folder
	chance := rand.New(rand.NewPCG(1, 2))
	languages, zones := []string{"C", "tr_TR.UTF-8", "mn_MN"}, []string{"UTC", "Asia/Ulaanbaatar", "America/New_York"}
	var first map[string][]byte
	for i := range runs {
		dir := filepath.Join(t.TempDir(), "somewhere "+strconv.Itoa(i)) // with a space
		if err := os.CopyFS(filepath.Join(dir, "specs"), os.DirFS("../specs")); err != nil {
			t.Fatal(err)
		}
		config, err := os.ReadFile("../errgen.yaml")
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, "errgen.yaml"), config)
		env := append(os.Environ(), "LANG="+languages[i%3], "LC_ALL="+languages[i%3], "TZ="+zones[i%3],
			"GOMAXPROCS="+strconv.Itoa(1+i%runtime.NumCPU()), "HOME="+dir, "USER=somebody"+strconv.Itoa(i))
		chance.Shuffle(len(env)-6, func(a, b int) { env[a], env[b] = env[b], env[a] })
		cmd := exec.Command(program, "gen", "-q", "-config", filepath.Join(dir, "errgen.yaml"))
		cmd.Dir, cmd.Env = []string{dir, os.TempDir(), filepath.Join(dir, "specs")}[i%3], env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		got := contents(t, dir)
		if first == nil {
			first = got
		}
		for name, data := range got {
			if !bytes.Equal(data, first[name]) {
				t.Errorf("run %d: %s differs", i, name)
			}
		}
		if len(got) != len(first) || len(got) < 20 {
			t.Errorf("run %d: %d files, the first had %d", i, len(got), len(first))
		}
	}
}

// contents returns the files below a folder by relative name.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
