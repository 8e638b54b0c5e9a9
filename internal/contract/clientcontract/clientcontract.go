// Package clientcontract holds what every provider's client promises: how it
// handles responses of any shape, lost connections, retries and secrets. Only tests
// import it.
package clientcontract

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
)

// Tests returns the promises, in the order in which they run.
func Tests() []harness.Test {
	return []harness.Test{
		{Name: "ReadAndWriteSucceed", Live: true, Scenario: readAndWriteSucceed},
		{Name: "MetaDescribesTheCall", Live: true, Scenario: metaDescribesTheCall},
		{Name: "SandboxTrafficHasNoDrift", Run: sandboxTrafficHasNoDrift},
		{Name: "PlantedDeviationsAreFound", Run: plantedDeviationsAreFound},
		{Name: "UnknownIDIsNotFound", Live: true, Scenario: unknownIDIsNotFound},
		{Name: "UnsafeIDsAreRefused", Live: true, Scenario: unsafeIDsAreRefused, Applies: hasPathIDs},
		{Name: "CredentialsAreNotPrinted", Live: true, Scenario: credentialsAreNotPrinted},
		{Name: "CanceledCallStopsAtOnce", Live: true, Scenario: canceledCallStopsAtOnce},

		{Name: "UnknownCodePassesThrough", Scenario: unknownCodePassesThrough},
		{Name: "UnknownValuesPassThrough", Run: unknownValuesPassThrough},
		{Name: "ImplausibleResponsesAreErrors", Scenario: implausibleResponsesAreErrors},
		{Name: "TruncatedResponseIsNeverSuccess", Run: truncatedResponseIsNeverSuccess},
		{Name: "ProxyPagesAreNeverSuccess", Run: proxyPagesAreNeverSuccess},
		{Name: "EmptySuccessIsAnError", Run: emptySuccessIsAnError},
		{Name: "MalformedErrorsKeepTheirStatus", Run: malformedErrorsKeepTheirStatus},
		{Name: "RepeatedMembersAreRefused", Run: repeatedMembersAreRefused},
		{Name: "EchoedMembersAreCompared", Run: echoedMembersAreCompared},
		{Name: "NumbersAreExactOrRefused", Run: numbersAreExactOrRefused},
		{Name: "StrayBytesAreRefused", Run: strayBytesAreRefused},
		{Name: "MalformedHTTP", Run: malformedHTTP},
		{Name: "HTTP2WritesAreSentOncePerAttempt", Run: http2WritesAreSentOncePerAttempt},
		{Name: "HeaderFlood", Run: headerFlood},
		{Name: "HugeErrorBodyCostsLittle", Scenario: hugeErrorBodyCostsLittle},
		{Name: "ErrorBodiesAreBounded", Run: errorBodiesAreBounded},
		{Name: "SuccessBodiesAreBounded", Run: successBodiesAreBounded},
		{Name: "SlowResponsesEndInTime", Run: slowResponsesEndInTime},

		{Name: "LostWriteHasUnknownOutcome", Scenario: lostWriteHasUnknownOutcome},
		{Name: "LostWriteIsRetriedUnderItsKey", Scenario: lostWriteIsRetriedUnderItsKey, Applies: writeIsKeyed},
		{Name: "LostReadIsRetried", Scenario: lostReadIsRetried},
		{Name: "RefusedConnectionIsNotApplied", Scenario: refusedConnectionIsNotApplied},
		{Name: "RetriesMatchTheTable", Run: retriesMatchTheTable},
		{Name: "IdempotencyKeyIsStable", Run: idempotencyKeyIsStable, Applies: hasClass("keyed")},
		{Name: "RetryKeepsItsBytes", Scenario: retryKeepsItsBytes, Applies: writeIsKeyed},
		{Name: "RetryRenewsTheSignature", Scenario: retryRenewsTheSignature, Applies: requestsAreSigned},
		{Name: "EveryRetrySendsTheSameBytes", Run: everyRetrySendsTheSameBytes},
		{Name: "KeylessWriteIsSentOnce", Run: keylessWriteIsSentOnce, Applies: hasClass("keyless")},
		{Name: "OutcomesAreSound", Run: outcomesAreSound},
		{Name: "OutcomesAreSoundOnSockets", Run: outcomesAreSoundOnSockets},
		{Name: "RefusedRetriesAreSound", Run: refusedRetriesAreSound, Applies: hasClass("keyed")},

		{Name: "PendingCallsAreSettledSoundly", Run: pendingCallsAreSettledSoundly},
		{Name: "PendingRecordsAreSafe", Run: pendingRecordsAreSafe},
		{Name: "BrokenPendingStoreSendsNothing", Run: brokenPendingStoreSendsNothing},

		{Name: "ConcurrentCallersShareOneLogin", Scenario: concurrentCallersShareOneLogin, Applies: hasTokens},
		{Name: "ExpiredTokenIsReplaced", Scenario: expiredTokenIsReplaced, Applies: hasTokens},

		{Name: "RedirectsAreRefused", Scenario: redirectsAreRefused},
		{Name: "PlainHTTPIsRefused", Run: plainHTTPIsRefused},
		{Name: "InvalidTLSIsRefused", Run: invalidTLSIsRefused},
		{Name: "InvalidTextsAreRefused", Run: invalidTextsAreRefused},
		{Name: "ReservedHeadersAreRefused", Run: reservedHeadersAreRefused},
		{Name: "IDsStayInTheirPathSegment", Run: idsStayInTheirSegment, Applies: hasPathIDs},
		{Name: "SecretsAreNeverPrinted", Run: secretsAreNeverPrinted},
		{Name: "CredentialsAreReadFromConfig", Run: credentialsAreReadFromConfig},
		{Name: "NothingSecretIsLogged", Run: nothingSecretIsLogged},
		{Name: "RecordingsHoldNoPlantedData", Run: recordingsHoldNoPlantedData},
		{Name: "RecordingsReplayAlike", Run: recordingsReplayAlike},
		{Name: "RealServersAreRecorded", Run: realServersAreRecorded},
		{Name: "ImportAndNewHaveNoSideEffects", Run: importAndNewHaveNoSideEffects},
		{Name: "HeadersMatchGoldenFile", Run: headersMatchGoldenFile},

		{Name: "IteratorsAndWaitsLeaveNoGoroutines", Run: iteratorsAndWaitsLeaveNoGoroutines},
		{Name: "CloseLeavesNothing", Run: closeLeavesNothing},
		{Name: "ConcurrentCallsShareConnections", Run: concurrentCallsShareConnections},
		{Name: "SequentialCallsReuseOneConnection", Run: sequentialCallsReuseOneConnection},
		{Name: "AllocationsAreBounded", Run: allocationsAreBounded},

		{Name: "RecordedTrafficHasNoDrift", Run: recordedTrafficHasNoDrift}, // last: of all tests
	}
}

// allTests are the tests of all contract packages.
func allTests() []harness.Test {
	return slices.Concat(Tests(), webhookcontract.Tests(), sandboxcontract.Tests())
}

// Run runs the tests for one provider.
func Run(t *testing.T, s harness.Suite) {
	harness.CheckExceptions(t, s, allTests())
	s.Recording = harness.NewRecording(t, s.Spec)
	harness.RunTable(t, s, Tests())
	t.Run("Own", func(t *testing.T) { harness.RunOwnTests(t, s) })
	s.Recording.Write(t, s.Provider)
}

// realServersAreRecorded runs the harmless scenarios against the local sandbox as if it were
// the provider's server. What is written is redacted and fits the spec.
func realServersAreRecorded(t *testing.T, s harness.Suite) {
	dir := t.TempDir()
	t.Setenv("SPECPAY_RECORD", dir)
	s.Live = s.Sandbox(t).URL
	s.Recording = harness.NewRecording(t, s.Spec)
	var sessions []*harness.Session
	for _, test := range Tests() {
		if test.Live && (test.Applies == nil || test.Applies(t, s)) {
			e := harness.Open(t, s)
			test.Scenario(t, e)
			sessions = append(sessions, e)
		}
	}
	s.Recording.Write(t, s.Provider)
	har, err := os.ReadFile(filepath.Join(dir, s.Provider+".har"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range sessions {
		e.CheckSecrets(t, string(har))
	}
	report := compare(t, s.Spec, har)
	if report.Entries < len(sessions) {
		t.Errorf("got %d requests of %d scenarios", report.Entries, len(sessions))
	}
	for _, f := range report.Findings {
		t.Errorf("got the difference %s (seen %s), want none", line(f), f.Seen)
	}
}

func hasPathIDs(t *testing.T, s harness.Suite) bool {
	return slices.ContainsFunc(harness.Open(t, s).BoundOperations(t), func(op harness.BoundOperation) bool { return op.PathIDs() > 0 })
}

func writeIsKeyed(t *testing.T, s harness.Suite) bool { return harness.Open(t, s).Keyed }

func requestsAreSigned(t *testing.T, s harness.Suite) bool { return len(harness.Open(t, s).Signed) > 0 }

func hasTokens(t *testing.T, s harness.Suite) bool { return harness.Open(t, s).Sandbox.Logins != nil }

// hasClass returns a test of whether some operation has a retry class.
func hasClass(class string) func(*testing.T, harness.Suite) bool {
	return func(t *testing.T, s harness.Suite) bool {
		for _, op := range specmodel.Operations(t, s.Spec) {
			if op.Class == class {
				return true
			}
		}
		return false
	}
}
