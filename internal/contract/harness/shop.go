package harness

import (
	"context"
	"net/http"
	"testing"

	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// Shop is a merchant with a local sandbox that can call every operation of its
// provider. Its creator closes it, inside the synctest bubble if the handler was
// used there.
type Shop struct {
	URL string // of the sandbox
	Server
	// Calls connects a client and lists its operations.
	Calls func(t testing.TB, opts ...pay.Option) []Call
	// Client connects another client.
	Client func(t testing.TB, opts ...pay.Option) pay.Inquirer
	// Genuine signs the responses of another server as this one does; nil if they are
	// not signed.
	Genuine func(http.Handler) http.Handler
}

// Server is the part of a provider's sandbox that the contract tests use.
type Server interface {
	Handler() http.Handler
	Ledger() []sandbox.Entry
	Requests() []sandbox.Request
	Codes() []sandbox.Code
	Dropped() map[string]int
	Close()
}

// Call is one operation that can be called any number of times.
type Call struct {
	Operation string // id in the spec
	// Prepare creates what the n-th call needs, such as a paid invoice, and returns
	// the call. n is at least 1 and appears in the request.
	Prepare func(ctx context.Context, n int) (Do, error)
	// Ages reports that Prepare lets time pass, which works only in a synctest bubble.
	Ages bool
}

// Do makes a call. Each time it sends the same request, except for an idempotency
// key that the client generates.
type Do func(context.Context, ...pay.CallOption) error

// Result drops the result of a call and keeps its error.
func Result[T any](_ T, err error) error { return err }

// Operations returns the operations of a shop and fails the test if one is missing.
func (s *Suite) Operations(t *testing.T) []string {
	t.Helper()
	missing, names := specmodel.Operations(t, s.Spec), []string(nil)
	shop := s.Shop(t)
	defer shop.Close()
	for _, c := range shop.Calls(t) {
		if _, known := missing[c.Operation]; !known {
			t.Errorf("operation %s is not in the spec, or is listed twice", c.Operation)
		}
		delete(missing, c.Operation)
		names = append(names, c.Operation)
	}
	for name := range missing {
		t.Errorf("operation %s has no call", name)
	}
	return names
}
