package clientcontract

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// S8 makes clients and compares the world before and after; then it starts the
// test's own binary anew and reads how long the packages of the module took to
// initialise. That no file and no variable of the environment is read follows
// from the imports: the row's test at the root sees that no package has os.
func importAndNewHaveNoSideEffects(t *testing.T, s harness.Suite) {
	made := 0
	synctest.Test(t, func(t *testing.T) { // fails when a goroutine is left behind
		before, routines := processState(), runtime.NumGoroutine()
		for range 100 {
			if _, err := s.New(t); err != nil {
				t.Fatal(err)
			}
			made++
		}
		synctest.Wait()
		if n := runtime.NumGoroutine(); n > routines {
			t.Errorf("%d goroutines after New, %d before", n, routines)
		}
		if after := processState(); after != before {
			t.Errorf("New changed the world:\n%s\nbefore:\n%s", after, before)
		}
	})
	for _, name := range []string{"HTTPS_PROXY", "SSL_CERT_FILE", "TZ"} {
		t.Setenv(name, "://nonsense") // whoever reads these in New would stumble
	}
	if _, err := s.New(t, pay.WithBaseURL("https://elsewhere.example")); err != nil {
		t.Errorf("New looks at the environment: %v", err)
	}
	took, packages := initTime(t)
	if took > 100*time.Microsecond && !sample.Race {
		t.Errorf("initialising took %v, want under 100µs", took)
	}
	t.Logf("%d clients: 0 goroutines, 0 globals changed; %d packages initialise in %v", made, packages, took)
}

// world is what libraries have been seen to change behind a program's back.
func processState() string {
	def, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return fmt.Sprintf("another default transport: %T", http.DefaultTransport)
	}
	dir, err := os.Getwd()
	return fmt.Sprintf("%+v %+v %p %p %v %v %v %v %v %s %v", *http.DefaultClient, def.TLSClientConfig, def, http.DefaultServeMux, def.MaxIdleConns, def.Proxy != nil,
		def.ResponseHeaderTimeout, slog.Default().Handler(), time.Local, dir, err)
}

var initLine = regexp.MustCompile(`(?m)^init (\S+) @\S+ ms, (\S+) ms clock`)

// initTime adds up what the packages that a client links take to initialise: the
// best of some runs, because the machine does other things too.
func initTime(t *testing.T) (best time.Duration, packages int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for run := range 7 {
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^$")
		cmd.Env, cmd.Dir = append(os.Environ(), "GODEBUG=inittrace=1"), filepath.Dir(self)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		var sum time.Duration
		packages = 0
		for _, m := range initLine.FindAllStringSubmatch(string(out), -1) {
			if ms, err := strconv.ParseFloat(m[2], 64); err == nil && linked(m[1]) {
				sum += time.Duration(ms * float64(time.Millisecond))
				packages++
			}
		}
		if run == 0 || sum < best {
			best = sum
		}
	}
	if packages == 0 {
		t.Fatal("no package reported its initialisation")
	}
	return best, packages
}

// linked reports whether a program links a package for a client: one of this
// module, without what only its tests need, or of its libraries.
func linked(path string) bool {
	inside, ours := strings.CutPrefix(path, "github.com/specpay/specpay/")
	return ours && !strings.HasPrefix(inside, "internal/contract") && inside != "internal/sandbox" && !strings.Contains(inside, "test") ||
		strings.HasPrefix(path, "github.com/go-json-experiment/") || strings.HasPrefix(path, "github.com/shopspring/")
}
