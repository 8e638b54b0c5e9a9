package sandboxcontract

import (
	"errors"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// everyCode provokes each code by name, with a read, and sees that the client
// knows it and what the catalog says of it.
func everyCodeIsRecognized(t *testing.T, e *harness.Session) {
	if len(e.Codes) == 0 {
		t.Fatal("the suite lists no codes")
	}
	for _, code := range e.Codes {
		info, known := code.Info()
		if !known {
			t.Fatalf("%v is not in its own catalog", code)
		}
		if info.Outcome == apierr.OutcomeApplied || info.Outcome == apierr.OutcomePending {
			if err := e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", info.Value)); err != nil {
				t.Errorf("%s is a result, but got %v", info.Value, err)
			}
			continue
		}
		for _, wire := range append([]string{info.Value}, info.Aliases...) {
			pe := e.RequireError(t, e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", wire)))
			if !errors.Is(pe, code) || pe.Code != code || pe.RawCode != wire || !pe.Known() {
				t.Errorf("%s: recognised as %v (raw %q)", wire, pe.Code, pe.RawCode)
			}
			if !errors.Is(pe, info.Category) || pe.DocURL() != info.DocURL || pe.Description() != info.Description {
				t.Errorf("%s: %v, %s; the catalog says %v, %s", wire, pe.Category(), pe.DocURL(), info.Category, info.DocURL)
			}
			if len(info.Statuses) > 0 && pe.StatusCode != info.Statuses[0] {
				t.Errorf("%s: status %d, documented is %d", wire, pe.StatusCode, info.Statuses[0])
			}
			for _, other := range e.Codes {
				if other != code && errors.Is(pe, other) {
					t.Errorf("%s also matches %v", wire, other)
				}
			}
		}
	}
}
