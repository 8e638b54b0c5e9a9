package retries_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/retries"
)

func TestPageIsCurrent(t *testing.T) {
	var specs []*retries.Spec
	for _, name := range []string{"qpay", "openapi", "xpay", "gateway"} {
		s, err := retries.Read("../../specs/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, s)
	}
	page, err := os.ReadFile("../../docs/retries.md")
	if err != nil || !bytes.Equal(page, retries.Page(specs)) {
		t.Errorf("docs/retries.md is stale (%v); run make generate", err)
	}
}

// TestCells pins some cells by hand, so that page and clients cannot go wrong
// together.
func TestCells(t *testing.T) {
	s := &retries.Spec{}
	busy := &retries.Code{Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}
	for _, tt := range []struct {
		class  string
		status int
		code   *retries.Code
		want   retries.Cell
	}{
		{"safe", 503, nil, retries.Cell{Attempts: 3, Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}},
		{"keyed", 503, nil, retries.Cell{Attempts: 3, Outcome: apierr.OutcomeUnknown, Category: apierr.ErrOutcomeUnknown, Advice: apierr.AdviceBackoff}},
		{"keyless", 503, nil, retries.Cell{Attempts: 1, Outcome: apierr.OutcomeUnknown, Category: apierr.ErrOutcomeUnknown, Advice: apierr.AdviceInquire}},
		{"keyless", 429, nil, retries.Cell{Attempts: 1, Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrRateLimited, Advice: apierr.AdviceBackoff}},
		{"keyed", 501, nil, retries.Cell{Attempts: 1, Outcome: apierr.OutcomeUnknown, Category: apierr.ErrOutcomeUnknown, Advice: apierr.AdviceBackoff}},
		{"keyed", 400, nil, retries.Cell{Attempts: 1, Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrInvalidRequest, Advice: apierr.AdviceChange}},
		{"keyed", 400, busy, retries.Cell{Attempts: 3, Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}},
	} {
		if got := s.Cell(retries.Operation{Class: tt.class}, tt.status, tt.code, ""); got != tt.want {
			t.Errorf("%s, %d: %+v, want %+v", tt.class, tt.status, got, tt.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, path := range []string{"nothing.yaml", "../../specs/vectors/xpay.json", "../../errgen.yaml"} {
		if s, err := retries.Read(path); err == nil {
			t.Errorf("%s: %+v", path, s)
		}
	}
}
