package harness_test

import (
	"slices"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/xpay"
)

// TestRefusalCodeDependsOnNoOrder puts each code of each catalog first in turn.
func TestRefusalCodeDependsOnNoOrder(t *testing.T) {
	for provider, codes := range map[string][]apierr.Code{
		"openapi": list(openapi.ErrorCodes()), "qpay": list(qpay.ErrorCodes()), "xpay": list(xpay.ErrorCodes()),
	} {
		want := (&harness.Suite{Provider: provider, Codes: codes}).RefusalCode(t)
		for i := range codes {
			s := harness.Suite{Provider: provider, Codes: slices.Concat(codes[i:], codes[:i])}
			if got := s.RefusalCode(t); got != want {
				t.Errorf("provider %s, code %v first: got %v, want %v", provider, codes[i], got, want)
			}
		}
	}
}

func list[C apierr.Code](codes []C) (out []apierr.Code) {
	for _, c := range codes {
		out = append(out, c)
	}
	return out
}
