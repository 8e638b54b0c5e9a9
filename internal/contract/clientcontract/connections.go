package clientcontract

import (
	"errors"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// faults are the points at which a connection can be lost, and whether the
// server had acted by then.
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
		pe := e.RequireError(t, e.Write(t.Context(), pay.WithHeader("Sandbox-Scenario", f.kind)))
		if !errors.Is(pe, apierr.ErrOutcomeUnknown) || pe.Outcome() != apierr.OutcomeUnknown || pe.Operation != e.WriteID {
			t.Errorf("%s: %v (%s), want an unknown outcome of %s", f.kind, pe, pe.Outcome(), e.WriteID)
		}
		if pe.DocURL() == "" || pe.Advice() == apierr.AdviceSame {
			t.Errorf("%s: advice %q, see %q; want words of its own", f.kind, pe.Advice(), pe.DocURL())
		}
		if got := e.LedgerSize() - before; (got > 0) != f.applied || got > 1 {
			t.Errorf("%s: %d ledger entries", f.kind, got)
		}
		if !e.Keyed && e.Traffic.Seen()-sent > 2 { // the call, and perhaps a login before it
			t.Errorf("%s: a write without a key was sent %d times", f.kind, e.Traffic.Seen()-sent)
		}
	}
	before := e.LedgerSize()
	err := e.Write(t.Context(), pay.WithHeader("Sandbox-Scenario", "reset-after-body"))
	if err != nil && !errors.Is(err, apierr.ErrOutcomeUnknown) || e.LedgerSize() != before+1 {
		t.Errorf("reset after the body: %v, %d entries; want success or unknown, and one entry", err, e.LedgerSize()-before)
	}
}

func refusedConnectionIsNotApplied(t *testing.T, e *harness.Session) {
	a := e.Connect(t, "http://127.0.0.1:1", pay.WithTotalTimeout(3*time.Second))
	pe := e.RequireError(t, a.Write(t.Context()))
	if errors.Is(pe, apierr.ErrOutcomeUnknown) || !errors.Is(pe, apierr.ErrUnavailable) || pe.StatusCode != 0 {
		t.Errorf("got %v, want unavailable and not applied: nothing was ever sent", pe)
	}
}

func lostReadIsRetried(t *testing.T, e *harness.Session) {
	e.Traffic.Broken(true)
	for _, f := range lossPoints {
		pe := e.RequireError(t, e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", f.kind)))
		if pe.Attempts != 3 || errors.Is(pe, apierr.ErrOutcomeUnknown) || !pe.Advice().Retryable() {
			t.Errorf("%s on every attempt: %v after %d attempts", f.kind, pe, pe.Attempts)
		}
	}
}

func concurrentCallersShareOneLogin(t *testing.T, e *harness.Session) {
	if err := errors.Join(harness.Concurrently(20, func() error { return e.Read(t.Context()) })...); err != nil {
		t.Fatal(err)
	}
	if n := e.Sandbox.Logins(); n != 1 {
		t.Errorf("%d logins for 20 goroutines, want 1", n)
	}
}

func expiredTokenIsReplaced(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, logins := e.LedgerSize(), e.Sandbox.Logins()
	e.Sandbox.Expire()
	var m pay.Meta
	if err := e.Write(t.Context(), pay.WithMeta(&m)); err != nil {
		t.Errorf("a write with a dead token: %v", err)
	}
	if m.Attempts != 2 || e.Sandbox.Logins() != logins+1 || e.LedgerSize() != before+1 {
		t.Errorf("%d attempts, %d logins, %d entries; want a refusal, a login, a replay", m.Attempts, e.Sandbox.Logins()-logins, e.LedgerSize()-before)
	}
}
