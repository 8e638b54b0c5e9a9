package clientcontract

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// refusedRetriesAreSound loses the response to every keyed write after it took
// effect, and refuses the retry with every code, at every status and with the pages
// of other servers. The refusal says nothing about the first attempt. In a sample,
// the operations share the refusals.
func refusedRetriesAreSound(t *testing.T, s harness.Suite) {
	specs, names := specmodel.Operations(t, s.Spec), s.Operations(t)
	var keyed []int
	for i, name := range names {
		if specs[name].Class == "keyed" {
			keyed = append(keyed, i)
		}
	}
	var calls int
	for i, index := range keyed {
		shop := s.Shop(t)
		synctest.Test(t, func(t *testing.T) {
			t.Cleanup(shop.Close)
			x := &refusedRetry{shop: shop, name: names[index], index: index}
			x.tr = faulthttp.Pipe(t, http.HandlerFunc(x.serve))
			x.undisturbed(t)
			if x.lost = x.call(t, refusal{what: "response lost again"}); x.lost == nil {
				t.Fatalf("operation %s, every response lost: got success, want an error", x.name)
			}
			for j, r := range x.refusals() {
				for range sample.Count(3, 1) { // each with another request
					if sample.Turn(i, j%len(keyed), len(keyed)) {
						x.refuse(t, r)
					}
				}
			}
			calls += x.calls
		})
	}
	t.Logf("%d operations, %d calls whose response was lost and whose retry was refused", len(keyed), calls)
}

// refusal is a response to a retry.
type refusal struct {
	what string
	h    http.Handler // nil: the response is lost as well
	code sandbox.Code // if the response has one
}

// refusedRetry makes the calls of one operation. Its server does what the first
// request with rowHeader asks for, loses the response, and refuses the others.
type refusedRetry struct {
	shop   harness.Shop
	name   string
	index  int // in Shop.Calls
	tr     http.RoundTripper
	effect []string      // the ledger entries of one call
	lost   *apierr.Error // of a call without any response
	calls  int

	refusal  atomic.Pointer[refusal]
	requests atomic.Int32
}

func (x *refusedRetry) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(rowHeader) == "" {
		x.shop.Handler().ServeHTTP(w, r)
		return
	}
	refused := x.refusal.Load()
	if x.requests.Add(1) > 1 && refused.h != nil {
		refused.h.ServeHTTP(w, r)
		return
	}
	r.Header.Set(sandbox.ScenarioHeader, sandbox.FaultResetAfterCommit)
	x.shop.Handler().ServeHTTP(w, r)
}

// refusals returns every code, and every status with bodies that have no code.
func (x *refusedRetry) refusals() []refusal {
	var all []refusal
	add := func(status int, contentType, body, what string, code sandbox.Code) {
		h := faulthttp.Respond(status, contentType, body)
		all = append(all, refusal{fmt.Sprintf("status %d, %s", status, what), h, code})
		if x.shop.Genuine != nil {
			all = append(all, refusal{fmt.Sprintf("status %d, signed, %s", status, what), x.shop.Genuine(h), code})
		}
	}
	for _, c := range x.shop.Codes() {
		statuses := c.Statuses
		if len(statuses) == 0 {
			statuses = []int{200, 400}
		}
		for _, status := range statuses {
			add(status, "application/json", c.Body, c.Value, c)
		}
	}
	for i := range sample.Indexes(200, 20) {
		add(400+i, "application/json", "", "empty", sandbox.Code{})
	}
	for i, status := range []int{400, 401, 402, 403, 404, 408, 409, 410, 422, 429, 500, 502, 503, 504} {
		for v, other := range []struct{ contentType, body, what string }{
			{"text/html", proxyPage, "proxy page"}, {"text/plain", newText, "text"},
			{"application/json", `{"error":{"code":"NEW"},"code":"NEW","result":{"resultStatus":"F","resultCode":"NEW"}}`, "unknown code"},
		} {
			if sample.Turn(i, v, 3) {
				add(status, other.contentType, other.body, other.what, sandbox.Code{})
			}
		}
	}
	return all
}

// refuse makes a call whose retry is refused. The error must say no more about the
// effect than that of a call without any response.
func (x *refusedRetry) refuse(t *testing.T, r refusal) {
	got := x.call(t, r)
	if got == nil {
		return
	}
	subject := harness.Subject(x.name, "response lost, then "+r.what)
	harness.Expect(t, subject, "outcome", got.Outcome(), apierr.OutcomeUnknown)
	harness.Expect(t, subject, "category", got.Category(), apierr.ErrOutcomeUnknown)
	harness.ExpectIs(t, subject, got, apierr.ErrDeclined, false)
	if r.code.Outcome == string(apierr.OutcomeUnknown) {
		return // the code has its own texts for an unknown outcome
	}
	harness.Expect(t, subject, "customer message", got.CustomerMessage("en"), x.lost.CustomerMessage("en"))
	harness.Expect(t, subject, "resolution", got.Resolution(), x.lost.Resolution())
}

// prepare returns the next call, by a client of its own, so that no call depends on
// the retry budget that the ones before it have used.
func (x *refusedRetry) prepare(t *testing.T) harness.Do {
	x.calls++
	do, err := x.shop.Calls(t, pay.WithBaseURL(x.shop.URL), pay.WithTransport(x.tr))[x.index].Prepare(t.Context(), x.calls)
	if err != nil {
		t.Fatalf("operation %s cannot be prepared: %v", x.name, err)
	}
	return do
}

// undisturbed makes a call without a fault and records its effect.
func (x *refusedRetry) undisturbed(t *testing.T) {
	do, before := x.prepare(t), len(x.shop.Ledger())
	if err := do(t.Context()); err != nil {
		t.Fatalf("operation %s without a fault: got %s, want success", x.name, harness.ShortError(err))
	}
	if x.effect = kinds(x.shop.Ledger()[before:]); len(x.effect) == 0 {
		t.Fatalf("operation %s without a fault: the ledger has no entry", x.name)
	}
}

// call makes a call, and checks that it took effect once. It returns its error; nil
// if it succeeded.
func (x *refusedRetry) call(t *testing.T, r refusal) *apierr.Error {
	do := x.prepare(t)
	before := len(x.shop.Ledger())
	x.refusal.Store(&r)
	x.requests.Store(0)
	err := do(t.Context(), pay.WithHeader(rowHeader, "1"))
	synctest.Wait() // until the lost connection has left the pool
	subject := harness.Subject(x.name, "response lost, then "+r.what)
	if got := kinds(x.shop.Ledger()[before:]); !slices.Equal(got, x.effect) {
		t.Errorf("%s: the ledger has %v, want %v for one call", subject, got, x.effect)
	}
	if n := x.requests.Load(); n < 2 {
		t.Errorf("%s: got %d requests, want a retry", subject, n)
	}
	if err == nil {
		return nil // it took effect
	}
	return harness.AsError(t, subject, err)
}
