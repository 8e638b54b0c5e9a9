package contract

import (
	"fmt"
	"testing"

	"github.com/specpay/specpay/internal/contract/sample"
)

// Figure says what a row of the reliability bar measured, for the table that
// `make reliability` prints.
func Figure(t testing.TB, format string, args ...any) {
	t.Helper()
	t.Attr("figure", fmt.Sprintf(format, args...))
}

// NotApplicable says why a row of the reliability bar does not fit a provider.
func NotApplicable(t testing.TB, reason string) {
	t.Helper()
	t.Attr("not-applicable", reason)
}

// Stride is the step of a long test: 1 in full.
var Stride = stride()

func stride() int {
	if sample.Full() {
		return 1
	}
	return 13
}
