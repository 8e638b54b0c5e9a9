package harness

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"go.uber.org/goleak"
)

// Test is one promise of the contract. A provider keeps it, or its suite states why
// the promise does not apply.
type Test struct {
	Name string
	// Live marks a test that does no harm on a provider's own sandbox.
	Live bool
	// Applies reports whether the provider has what the test is about, such as
	// signatures. nil means that every provider has.
	Applies func(t *testing.T, s Suite) bool
	// Run runs the test. It is nil for a test that has a Scenario.
	Run func(t *testing.T, s Suite)
	// Scenario runs the test with one client that is connected to one sandbox.
	Scenario func(t *testing.T, e *Session)
}

// RunTable runs tests for one provider. Each must apply or have an exception, and
// none may leave a goroutine or, in a scenario, a secret in the log behind.
func RunTable(t *testing.T, s Suite, tests []Test) {
	t.Helper()
	for _, test := range tests {
		before := goleak.IgnoreCurrent()
		t.Run(test.Name, func(t *testing.T) {
			if s.Live != "" && !test.Live {
				t.Skip("not against a remote server: the test needs the local sandbox")
			}
			reason, excepted := s.Exceptions[test.Name]
			switch applies := test.Applies == nil || test.Applies(t, s); {
			case applies && excepted:
				t.Fatalf("the test applies to %s; remove its exception: %s", s.Provider, reason)
			case !applies && !excepted:
				t.Fatalf("the test does not apply to %s; state the reason in Suite.Exceptions", s.Provider)
			case excepted:
				t.Skip(reason)
			}
			switch {
			case test.Scenario == nil:
				test.Run(t, s)
			case s.Live != "":
				test.Scenario(t, Open(t, s))
			default:
				e, log := OpenLogged(t, s)
				test.Scenario(t, e)
				log.Check(t, e)
			}
		})
		if err := goleak.Find(before); err != nil {
			t.Errorf("%s leaves a goroutine: %v", test.Name, err)
		}
	}
}

// ownTests are promises that each provider tests in its own package, because the
// providers differ too much: the promise, and the names that its test can have.
var ownTests = map[string]string{
	"OneTokenRequestForManyCallers": "OneTokenRequestForManyCallers",
	"FailedTokenRequestIsShared":    "FailedTokenRequestIsShared",
	"TokenWaitDeadline":             "TokenWaitDeadline",
	"RevokedTokenIsReplacedOnce":    "RevokedTokenIsReplacedOnce",
	"TokenExpiry":                   "TokenExpiry",
	"TokenWithWrongClock":           "TokenWithWrongClock",
	"TokenRenewal":                  "TokenRenewal",
	"ClockCorrection":               "ClockCorrection",
	"RequestVectors":                "(RequestVectors|SandboxSignatures)",
	"ResultStatuses":                "ResultStatuses",
	"Wait":                          "Wait",
	"NotificationVectors":           "NotificationVectors",
	"ForgedCallbackFlood":           "ForgedCallbackFlood",
}

// RunOwnTests looks for the provider's own tests in the current directory. Each
// must be there or have an exception.
func RunOwnTests(t *testing.T, s Suite) {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var code []byte
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code = append(code, data...)
	}
	for _, name := range slices.Sorted(maps.Keys(ownTests)) {
		t.Run(name, func(t *testing.T) {
			found := regexp.MustCompile(`(?m)^func Test` + ownTests[name] + `\(`).Match(code)
			reason, excepted := s.Exceptions[name]
			switch {
			case found && excepted:
				t.Fatalf("%s has the test; remove its exception: %s", s.Provider, reason)
			case !found && !excepted:
				t.Fatalf("%s has no test of this name; add one, or state the reason in Suite.Exceptions", s.Provider)
			case excepted:
				t.Skip(reason)
			}
		})
	}
}

// CheckExceptions fails for an exception without a reason, and for one that names
// neither a test of the table nor a provider's own test.
func CheckExceptions(t *testing.T, s Suite, tests []Test) {
	t.Helper()
	for name, reason := range s.Exceptions {
		if reason == "" {
			t.Errorf("exception %s of %s has no reason", name, s.Provider)
		}
		if ownTests[name] == "" && !slices.ContainsFunc(tests, func(test Test) bool { return test.Name == name }) {
			t.Errorf("exception %s of %s names no test", name, s.Provider)
		}
	}
}
