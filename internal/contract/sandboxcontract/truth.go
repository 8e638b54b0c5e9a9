package sandboxcontract

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// trafficMatchesTheSpec makes every call, provokes every code, and validates each
// request and each response against the spec.
func trafficMatchesTheSpec(t *testing.T, s harness.Suite) {
	e := harness.Open(t, s) // its Traffic validates
	everyCodeIsRecognized(t, e)
	shop := s.Shop(t)
	t.Cleanup(shop.Close)
	for i, c := range shop.Calls(t, pay.WithTransport(e.Traffic)) {
		if c.Ages {
			continue // needs fake time; other logins send the same requests
		}
		do, err := c.Prepare(t.Context(), i+1)
		if err == nil {
			err = do(t.Context())
		}
		if err != nil {
			t.Errorf("operation %s: got %s, want success", c.Operation, harness.ShortError(err))
		}
	}
	if e.Traffic.Checked() == 0 {
		t.Error("no exchange was validated")
	}
	t.Logf("%d exchanges were validated", e.Traffic.Checked())
}

// sandboxesAreIndependent starts many sandboxes at once. Each starts quickly, and what
// happens at one does not appear at another.
func sandboxesAreIndependent(t *testing.T, s harness.Suite) {
	n := sample.Count(200, 20)
	shops, took := make([]harness.Shop, n), make([]time.Duration, n)
	urls := map[string]bool{}
	for i := range shops {
		start := time.Now()
		shops[i] = s.Shop(t)
		took[i] = time.Since(start)
		urls[shops[i].URL] = true
	}
	harness.Expect(t, fmt.Sprintf("%d sandboxes", n), "addresses", len(urls), n)
	first := shops[0]
	firstWrite(t, s, first)
	var wg sync.WaitGroup
	for _, shop := range shops[1:] {
		harness.Expect(t, "another sandbox", "ledger entries", len(shop.Ledger()), 0)
		harness.Expect(t, "another sandbox", "requests", len(shop.Requests()), 0)
		wg.Go(shop.Close)
	}
	wg.Wait()
	first.Close()
	slices.Sort(took)
	if median := took[n/2]; median > 50*time.Millisecond {
		t.Errorf("starting a sandbox took %v in the median, want at most 50ms", median)
	}
}

// firstWrite makes the first write of a shop.
func firstWrite(t *testing.T, s harness.Suite, shop harness.Shop) {
	t.Helper()
	tr, specs := &http.Transport{}, specmodel.Operations(t, s.Spec)
	defer tr.CloseIdleConnections()
	for _, c := range shop.Calls(t, pay.WithTransport(tr)) {
		if specs[c.Operation].Class == "safe" {
			continue
		}
		do, err := c.Prepare(t.Context(), 1)
		if err == nil {
			err = do(t.Context())
		}
		if err != nil {
			t.Errorf("operation %s: got %s, want success", c.Operation, harness.ShortError(err))
		}
		if len(shop.Ledger()) == 0 {
			t.Errorf("operation %s: the ledger has no entry", c.Operation)
		}
		return
	}
}
