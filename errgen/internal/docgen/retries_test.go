package docgen

import (
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// TestRetryCells pins some cells by hand, so that page and clients cannot be wrong in the same way.
func TestRetryCells(t *testing.T) {
	pos := finding.Pos{File: "x", Line: 1, Col: 1}
	text := func(v string) model.Text { return model.Text{Value: v, Pos: pos} }
	busy := &model.Code{Value: "BUSY", Category: text("unavailable"), Advice: text("backoff")}
	unsure := &model.Code{Value: "UNSURE", Category: text("unknown_outcome"), Advice: text("same"), Outcome: text("unknown")}
	expired := &model.Code{Value: "EXPIRED", Category: text("auth"), Advice: text("never")}
	renews := retryOperation{Class: "safe", RenewedOn: []string{"EXPIRED"}}
	for _, tt := range []struct {
		op     retryOperation
		status int
		code   *model.Code
		stated apierr.Outcome
		want   retryCell
	}{
		{op: retryOperation{Class: "safe"}, status: 503, want: retryCell{3, apierr.OutcomeNotApplied, apierr.ErrUnavailable, apierr.AdviceBackoff}},
		{op: retryOperation{Class: "keyed"}, status: 503, want: retryCell{3, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceBackoff}},
		{op: retryOperation{Class: "keyless"}, status: 503, want: retryCell{1, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire}},
		{op: retryOperation{Class: "keyless"}, status: 429, want: retryCell{1, apierr.OutcomeNotApplied, apierr.ErrRateLimited, apierr.AdviceBackoff}},
		{op: retryOperation{Class: "keyed"}, status: 501, want: retryCell{1, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceBackoff}},
		{op: retryOperation{Class: "keyed"}, status: 400, want: retryCell{1, apierr.OutcomeNotApplied, apierr.ErrInvalidRequest, apierr.AdviceChange}},
		{op: retryOperation{Class: "keyed"}, status: 400, code: busy, want: retryCell{3, apierr.OutcomeNotApplied, apierr.ErrUnavailable, apierr.AdviceBackoff}},
		{op: retryOperation{Class: "keyed"}, status: 500, code: unsure, want: retryCell{3, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceSame}},
		{op: retryOperation{Class: "keyless", UnknownAdvice: apierr.AdviceChange}, status: 500, want: retryCell{1, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceChange}},
		{op: retryOperation{Class: "keyless"}, status: 500, stated: apierr.OutcomeNotApplied, want: retryCell{1, apierr.OutcomeNotApplied, apierr.ErrUnavailable, apierr.AdviceBackoff}},
		{op: renews, status: 401, code: expired, want: retryCell{2, apierr.OutcomeNotApplied, apierr.ErrAuth, apierr.AdviceNever}},
		{op: renews, status: 401, want: retryCell{2, apierr.OutcomeNotApplied, apierr.ErrAuth, apierr.AdviceNever}},
		{op: renews, status: 403, code: expired, want: retryCell{1, apierr.OutcomeNotApplied, apierr.ErrAuth, apierr.AdviceNever}},
	} {
		if got := newRetryCell(tt.op, tt.status, tt.code, tt.stated); got != tt.want {
			t.Errorf("%+v, %d, %v, %q: %+v, want %+v", tt.op, tt.status, tt.code, tt.stated, got, tt.want)
		}
	}
}

// TestMissingRetryClassFailsSafe checks that an operation without a valid class is listed as one that is not retried.
func TestMissingRetryClassFailsSafe(t *testing.T) {
	for _, class := range []string{"", "save", "SAFE"} {
		op := newRetryOperation(&model.Operation{ID: model.Text{Value: "pay"}, Class: model.Text{Value: class}})
		if op.Class != "keyless" {
			t.Errorf("the class %q counts as %s", class, op.Class)
		}
	}
}

// TestRetriesIsEscaped checks that text of a spec cannot end a cell or a line. Words of closed lists are lint's to check.
func TestRetriesIsEscaped(t *testing.T) {
	for _, text := range breakers {
		spec := hostile(text)
		for _, code := range spec.Catalogs[0].Codes {
			code.HTTP, code.Advice.Value, code.Outcome.Value = []model.Number{{Value: 500}}, "never", "failed"
		}
		spec.Operations[0].ID.Value, spec.Operations[0].Unknown.Advice.Value = text, "inquire"
		spec.Operations[0].RenewedOn = []model.Text{{Value: text}}
		page := string(Retries("errgen.yaml", []Part{{Spec: spec, Label: "specs/" + text + ".yaml"}}, nil))
		_, page, _ = strings.Cut(page, "\n## ") // the shared table
		_, page, _ = strings.Cut(page, "\n## ")
		lines := strings.Split(strings.TrimSpace(page), "\n")
		if len(lines) != 12 {
			t.Errorf("%q: the section has %d lines, want 12:\n%s", text, len(lines), page)
		}
		for _, line := range lines {
			bars := strings.Count(line, "|") - strings.Count(line, `\|`)
			if strings.HasPrefix(line, "|") && bars != 4 {
				t.Errorf("%q: a line has %d bars, want 4: %s", text, bars, line)
			}
		}
	}
}
