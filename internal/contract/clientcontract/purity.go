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

// importAndNewHaveNoSideEffects makes clients and compares the state of the process
// before and after. Then it starts the test binary again and measures how long the
// packages of the module take to initialize. That they read no file and no environment
// variable follows from their imports, which TestImportHasNoSideEffects checks.
func importAndNewHaveNoSideEffects(t *testing.T, s harness.Suite) {
	synctest.Test(t, func(t *testing.T) { // which fails if a goroutine is left
		before, routines := processState(), runtime.NumGoroutine()
		for range 100 {
			if _, err := s.New(t); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := runtime.NumGoroutine(); n > routines {
			t.Errorf("New: %d goroutines afterwards, want %d as before", n, routines)
		}
		if after := processState(); after != before {
			t.Errorf("New changed the state of the process:\n%s\nbefore:\n%s", after, before)
		}
	})
	for _, name := range []string{"HTTPS_PROXY", "SSL_CERT_FILE", "TZ"} {
		t.Setenv(name, "://nonsense") // New would fail if it read them
	}
	if _, err := s.New(t, pay.WithBaseURL("https://elsewhere.example")); err != nil {
		t.Errorf("New with an invalid environment: got %s, want success", err)
	}
	if allocs, packages := initAllocations(t); allocs > maxInitAllocations && !sample.Race {
		t.Errorf("initializing %d packages made %d allocations, want at most %d", packages, allocs, maxInitAllocations)
	}
}

// processState describes global state that some libraries change.
func processState() string {
	def, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return fmt.Sprintf("another default transport: %T", http.DefaultTransport)
	}
	dir, err := os.Getwd()
	return fmt.Sprintf("%+v %+v %p %p %v %v %v %v %v %s %v", *http.DefaultClient, def.TLSClientConfig, def, http.DefaultServeMux, def.MaxIdleConns, def.Proxy != nil,
		def.ResponseHeaderTimeout, slog.Default().Handler(), time.Local, dir, harness.ShortError(err))
}

var initLine = regexp.MustCompile(`(?m)^init (\S+) @.*, (\d+) allocs$`)

// maxInitAllocations is a little more than the initialization of the linked packages
// needs, most of it in the decimal library. A table or a regular expression that is made
// at import takes hundreds more.
const maxInitAllocations = 450

// initAllocations returns how many allocations the packages that a client links make
// when they are initialized.
func initAllocations(t *testing.T) (allocs, packages int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^$")
	cmd.Env, cmd.Dir = append(os.Environ(), "GODEBUG=inittrace=1"), filepath.Dir(self)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, m := range initLine.FindAllStringSubmatch(string(out), -1) {
		if n, err := strconv.Atoi(m[2]); err == nil && linked(m[1]) {
			allocs += n
			packages++
		}
	}
	if packages == 0 {
		t.Fatal("no package reported its initialization")
	}
	return allocs, packages
}

// linked reports whether a package belongs to this module or its libraries and is
// linked into programs, not only into tests.
func linked(path string) bool {
	inside, ours := strings.CutPrefix(path, "github.com/specpay/specpay/")
	tool := inside == "internal/sandbox" || inside == "internal/drift" || inside == "pay/record" || strings.HasPrefix(inside, "errgen/") || strings.HasPrefix(inside, "internal/contract")
	return ours && !tool && !strings.Contains(inside, "test") ||
		strings.HasPrefix(path, "github.com/go-json-experiment/") || strings.HasPrefix(path, "github.com/shopspring/")
}
