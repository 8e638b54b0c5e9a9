package harness

import (
	"cmp"
	"slices"
	"testing"

	"github.com/specpay/specpay/apierr"
)

// RefusalCode returns a code that refuses a request for good: the client neither
// retries it nor renews its token for it. The choice does not depend on the order of
// the catalog.
func (s *Suite) RefusalCode(t testing.TB) apierr.Code {
	t.Helper()
	refusals := slices.DeleteFunc(slices.Clone(s.Codes), func(c apierr.Code) bool {
		info, _ := c.Info()
		return info.Outcome != "" && info.Outcome != apierr.OutcomeNotApplied || info.Advice.Retryable() ||
			info.Category == apierr.ErrAuth || info.Category == apierr.ErrOutcomeUnknown
	})
	if len(refusals) == 0 {
		t.Fatalf("provider %s: the catalog has no code that refuses a request for good", s.Provider)
	}
	return slices.MinFunc(refusals, func(a, b apierr.Code) int { return cmp.Compare(CodeValue(a), CodeValue(b)) })
}
