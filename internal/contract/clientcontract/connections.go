package clientcontract

import (
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// lossPoints are the points at which a connection can be lost, and whether the
// server has acted by then.
var lossPoints = []struct {
	kind    string
	applied bool
}{
	{"reset-before-read", false},
	{"reset-before-commit", false},
	{"reset-after-commit", true},
	{"reset-in-headers", true},
	{"reset-in-body", true},
}

func lostWriteHasUnknownOutcome(t *testing.T, e *harness.Session) {
	e.Traffic.Broken(true)
	for _, f := range lossPoints {
		before, sent := e.LedgerSize(), e.Traffic.Seen()
		got := e.RequireError(t, e.Write(t.Context(), pay.WithHeader("Sandbox-Scenario", f.kind)))
		subject := harness.Subject(e.WriteID, f.kind)
		harness.ExpectIs(t, subject, got, apierr.ErrOutcomeUnknown, true)
		harness.Expect(t, subject, "outcome", got.Outcome(), apierr.OutcomeUnknown)
		harness.Expect(t, subject, "operation", got.Operation, e.WriteID)
		if got.DocURL() == "" {
			t.Errorf("%s: the error has no documentation URL", subject)
		}
		if got.Advice() == apierr.AdviceSame {
			t.Errorf("%s: got advice %q, want one that does not repeat the request as it is", subject, got.Advice())
		}
		applied := 0
		if f.applied {
			applied = 1
		}
		harness.Expect(t, subject, "ledger entries", e.LedgerSize()-before, applied)
		if n := e.Traffic.Seen() - sent; !e.Keyed && n > 2 { // the call, and perhaps a login before it
			t.Errorf("%s: a write without an idempotency key was sent %d times", subject, n)
		}
	}
	before := e.LedgerSize()
	err := e.Write(t.Context(), pay.WithHeader("Sandbox-Scenario", "reset-after-body"))
	subject := harness.Subject(e.WriteID, "reset-after-body")
	if err != nil {
		harness.ExpectIs(t, subject, err, apierr.ErrOutcomeUnknown, true)
	}
	harness.Expect(t, subject, "ledger entries", e.LedgerSize()-before, 1)
}

func refusedConnectionIsNotApplied(t *testing.T, e *harness.Session) {
	a := e.Connect(t, "http://127.0.0.1:1", pay.WithTotalTimeout(3*time.Second))
	got := e.RequireError(t, a.Write(t.Context()))
	subject := harness.Subject(e.WriteID, "refused connection")
	harness.ExpectIs(t, subject, got, apierr.ErrOutcomeUnknown, false)
	harness.ExpectIs(t, subject, got, apierr.ErrUnavailable, true)
	harness.Expect(t, subject, "status", got.StatusCode, 0)
}

func lostReadIsRetried(t *testing.T, e *harness.Session) {
	e.Traffic.Broken(true)
	for _, f := range lossPoints {
		got := e.RequireError(t, e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", f.kind)))
		subject := harness.Subject(got.Operation, f.kind+" on every attempt")
		harness.Expect(t, subject, "attempts", got.Attempts, 3)
		harness.ExpectIs(t, subject, got, apierr.ErrOutcomeUnknown, false)
		harness.Expect(t, subject, "advice is retryable", got.Advice().Retryable(), true)
	}
}

func concurrentCallersShareOneLogin(t *testing.T, e *harness.Session) {
	harness.ExpectNoErrors(t, "20 concurrent reads", harness.Concurrently(20, func() error { return e.Read(t.Context()) }))
	harness.Expect(t, "20 concurrent reads", "logins", e.Sandbox.Logins(), 1)
}

func expiredTokenIsReplaced(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, logins := e.LedgerSize(), e.Sandbox.Logins()
	e.Sandbox.Expire()
	var m pay.Meta
	if err := e.Write(t.Context(), pay.WithMeta(&m)); err != nil {
		t.Errorf("write with an expired token: got %s, want success", harness.ShortError(err))
	}
	harness.Expect(t, "write with an expired token", "attempts", m.Attempts, 2)
	harness.Expect(t, "write with an expired token", "logins", e.Sandbox.Logins()-logins, 1)
	harness.Expect(t, "write with an expired token", "ledger entries", e.LedgerSize()-before, 1)
}
