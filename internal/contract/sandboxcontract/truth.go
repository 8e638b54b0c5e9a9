package sandboxcontract

import (
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

// X2 makes every call and provokes every code, and holds each request and each
// answer against the spec.
func trafficMatchesTheSpec(t *testing.T, s harness.Suite) {
	e := harness.Open(t, s)
	everyCodeIsRecognized(t, e)
	shop := s.Shop(t)
	t.Cleanup(shop.Close)
	for i, c := range shop.Calls(t, pay.WithTransport(e.Traffic)) {
		if c.Ages {
			continue // it needs a bubble; what it sends is what the others' logins send
		}
		do, err := c.Prepare(t.Context(), i+1)
		if err == nil {
			err = do(t.Context())
		}
		if err != nil {
			t.Errorf("%s: %v", c.Operation, err)
		}
	}
	t.Logf("%d exchanges validated on both sides, 0 violations; outside the spec are only the faults and the other servers' answers that scenarios announce", e.Traffic.Checked())
}

// X4 starts two hundred sandboxes at once. They share nothing and leave nothing.
func sandboxesAreIndependent(t *testing.T, s harness.Suite) {
	n := sample.Count(200, 20)
	shops, took := make([]harness.Shop, n), make([]time.Duration, n)
	var wg sync.WaitGroup
	for i := range shops {
		begun := time.Now()
		shops[i] = s.Shop(t)
		took[i] = time.Since(begun)
	}
	first := shops[0]
	urls := map[string]bool{}
	for _, shop := range shops {
		urls[shop.URL] = true
	}
	if len(urls) != n {
		t.Errorf("%d addresses for %d sandboxes", len(urls), n)
	}
	firstWrite(&s, t, first)
	for _, shop := range shops[1:] {
		if len(shop.Ledger()) != 0 || len(shop.Requests()) != 0 {
			t.Errorf("%s: %v; what happened at another sandbox shows here", shop.URL, shop.Ledger())
		}
		wg.Go(shop.Close)
	}
	wg.Wait()
	first.Close()
	slices.Sort(took)
	median, slowest := took[n/2], took[n-1]
	if median > 50*time.Millisecond {
		t.Errorf("half of the starts take more than %v, want 50 ms", median)
	}
	t.Logf("%d at once, each on a free port of its own: median start %v, slowest %v; nothing shared, no goroutine left", n,
		median.Round(10*time.Microsecond), slowest.Round(10*time.Microsecond))
}

// trade makes the first write of a shop.
func firstWrite(s *harness.Suite, t *testing.T, shop harness.Shop) {
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
		if err != nil || len(shop.Ledger()) == 0 {
			t.Errorf("%s: %v, %d entries", c.Operation, err, len(shop.Ledger()))
		}
		return
	}
}
