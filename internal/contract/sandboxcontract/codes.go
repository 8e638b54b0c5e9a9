package sandboxcontract

import (
	"errors"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// everyCodeIsRecognized provokes each code by name, in each of its spellings, and
// compares the client's error with the catalog.
func everyCodeIsRecognized(t *testing.T, e *harness.Session) {
	if len(e.Codes) == 0 {
		t.Fatal("the suite lists no codes")
	}
	for _, code := range e.Codes {
		info, known := code.Info()
		if !known {
			t.Fatalf("code %v is not in its own catalog", code)
		}
		if info.Outcome == apierr.OutcomeApplied || info.Outcome == apierr.OutcomePending {
			if err := e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", info.Value)); err != nil {
				t.Errorf("code %s: got %s, want success", info.Value, harness.ShortError(err))
			}
			continue
		}
		for _, spelling := range append([]string{info.Value}, info.Aliases...) {
			got := e.RequireError(t, e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", spelling)))
			checkCode(t, e, "code "+spelling, got, code, info)
			harness.Expect(t, "code "+spelling, "raw code", got.RawCode, spelling)
		}
	}
}

// checkCode compares an error with the entry of its code in the catalog.
func checkCode(t *testing.T, e *harness.Session, subject string, got *apierr.Error, code apierr.Code, info apierr.CodeInfo) {
	t.Helper()
	harness.ExpectIs(t, subject, got, code, true)
	harness.ExpectIs(t, subject, got, info.Category, true)
	harness.Expect(t, subject, "code", got.Code, code)
	harness.Expect(t, subject, "known", got.Known(), true)
	harness.Expect(t, subject, "documentation URL", got.DocURL(), info.DocURL)
	harness.Expect(t, subject, "description", got.Description(), info.Description)
	if len(info.Statuses) > 0 {
		harness.Expect(t, subject, "status", got.StatusCode, info.Statuses[0])
	}
	for _, other := range e.Codes {
		if other != code && errors.Is(got, other) {
			t.Errorf("%s: the error also matches %s", subject, harness.CodeValue(other))
		}
	}
}
