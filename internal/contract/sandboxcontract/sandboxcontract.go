// Package sandboxcontract holds what every local sandbox promises: it produces
// every code, it follows its spec on both sides, it survives any request, and it serves
// nobody but the developer. Only tests import it.
package sandboxcontract

import (
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
)

// Tests returns the promises, in the order in which they run.
func Tests() []harness.Test {
	return []harness.Test{
		{Name: "EveryCodeIsRecognized", Scenario: everyCodeIsRecognized},
		{Name: "ErrorExamplesAreAnswered", Scenario: errorExamplesAreAnswered},
		{Name: "TrafficMatchesTheSpec", Run: trafficMatchesTheSpec},
		{Name: "SandboxesAreIndependent", Run: sandboxesAreIndependent},
		{Name: "GeneratedRequestsAreHandled", Run: generatedRequestsAreHandled},
		{Name: "ForeignHostsAreRefused", Run: foreignHostsAreRefused},
		{Name: "HostsCanBeAllowed", Run: hostsCanBeAllowed},
		{Name: "ForeignOriginsAreRefused", Run: foreignOriginsAreRefused},
		{Name: "ControlCallsAreStrict", Run: controlCallsAreStrict},
		{Name: "RulesNameTheirSourcesAndSwitches", Run: rulesNameTheirSourcesAndSwitches},
		{Name: "StateIsBounded", Run: stateIsBounded},
		{Name: "CallbacksStayOnThisMachine", Run: callbacksStayOnThisMachine},
	}
}

// Run runs the tests for one provider.
func Run(t *testing.T, s harness.Suite) { harness.RunTable(t, s, Tests()) }
