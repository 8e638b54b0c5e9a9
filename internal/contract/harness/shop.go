package harness

import (
	"context"
	"net/http"
	"testing"

	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// Shop is a local sandbox and, as calls, every operation of its provider. Who
// opens one closes it, in a bubble if its handler was used there.
type Shop struct {
	*sandbox.Handle
	// Calls connects a client and lists its operations.
	Calls func(t testing.TB, opts ...pay.Option) []Call
	// Genuine makes answers of another server look like this one's; nil when they
	// carry no signature.
	Genuine func(http.Handler) http.Handler
}

// Call is one operation, ready to be called any number of times.
type Call struct {
	Operation string // its id in the spec
	// Prepare makes what the n-th call needs, such as a paid invoice, and returns
	// that call. n is at least 1 and shows in the request.
	Prepare func(ctx context.Context, n int) (Do, error)
	// Ages says that Prepare lets time pass, which only a bubble can.
	Ages bool
}

// Do makes a call. Made again, it sends the same request, except for a key that
// the client makes.
type Do func(context.Context, ...pay.CallOption) error

// Result is the error of a call; what it returned beside it is of no interest.
func Result[T any](_ T, err error) error { return err }

// operations lists the calls of a shop and sees that none is missing.
func (s *Suite) Operations(t *testing.T) []string {
	t.Helper()
	missing, names := specmodel.Operations(t, s.Spec), []string(nil)
	shop := s.Shop(t)
	defer shop.Close()
	for _, c := range shop.Calls(t) {
		if _, known := missing[c.Operation]; !known {
			t.Errorf("%s is no operation of the spec, or listed twice", c.Operation)
		}
		delete(missing, c.Operation)
		names = append(names, c.Operation)
	}
	for name := range missing {
		t.Errorf("%s is missing among the calls", name)
	}
	return names
}
