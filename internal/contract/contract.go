// Package contract gives the providers' own tests short names for what the contract
// packages share. Only tests import it.
package contract

import (
	"net/http"
	"testing"

	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
)

// Stride is the step of a long loop: 1 in full, larger in a sample.
var Stride = sample.Stride()

// Pipe serves h over in-memory connections and returns the transport that reaches it.
func Pipe(t testing.TB, h http.Handler) *http.Transport { return faulthttp.Pipe(t, h) }

// Connections counts the connections of a transport.
func Connections(tr *http.Transport) func() (most, dials int) { return faulthttp.CountConnections(tr) }

// Bounded fails the test if f takes too long or too much memory for its input.
func Bounded(t *testing.T, input int, f func()) { t.Helper(); harness.Bounded(t, input, f) }

// FuzzError fuzzes error responses.
func FuzzError(f *testing.F, s harness.Suite) { clientcontract.FuzzError(f, s) }

// FuzzModels fuzzes success responses.
func FuzzModels(f *testing.F, s harness.Suite) { clientcontract.FuzzModels(f, s) }

// FuzzNotification fuzzes the bodies of signed notifications.
func FuzzNotification(f *testing.F, s harness.Suite) { webhookcontract.FuzzNotification(f, s) }

// FuzzHeaders fuzzes the headers of a genuine notification.
func FuzzHeaders(f *testing.F, s harness.Suite, names ...string) {
	webhookcontract.FuzzHeaders(f, s, names...)
}

// FuzzSandbox fuzzes requests to the sandbox.
func FuzzSandbox(f *testing.F, s harness.Suite) { sandboxcontract.FuzzSandbox(f, s) }
