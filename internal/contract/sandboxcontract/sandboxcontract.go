// Package sandboxcontract holds what every local sandbox promises: it produces
// every code, it follows its spec on both sides, and it survives any request. Only
// tests import it.
package sandboxcontract

import (
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
)

// Tests returns the promises, in the order in which they run.
func Tests() []harness.Test {
	return []harness.Test{
		{Name: "EveryCodeIsRecognized", Scenario: everyCodeIsRecognized},
		{Name: "TrafficMatchesTheSpec", Run: trafficMatchesTheSpec},
		{Name: "SandboxesAreIndependent", Run: sandboxesAreIndependent},
		{Name: "GeneratedRequestsAreHandled", Run: generatedRequestsAreHandled},
	}
}

// Run runs the tests for one provider.
func Run(t *testing.T, s harness.Suite) { harness.RunTable(t, s, Tests()) }
