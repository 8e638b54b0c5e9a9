package sqlstore_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// TestKilledPayers kills processes at random times while they refund. Each refund in
// the sandbox's ledger was known to its process, or is settled by one of four
// reconcilers in processes of their own, exactly once. SPECPAY_KILLS is the number of
// kills.
func TestKilledPayers(t *testing.T) {
	kills := setting(t, "SPECPAY_KILLS", 12)
	eachDatabase(t, func(t *testing.T, d database) {
		_, db := d.migrated(t)
		accounts(t, db)
		srv := openapitest.NewServer(t)
		paymentID := paid(t, srv)
		atOnce(4, func(slot int) {
			for i := range (kills + 3) / 4 {
				if out, err := payerProcess(t, d, srv, paymentID, "payer", 10_000*slot+i); err == nil || !strings.Contains(err.Error(), "killed") {
					t.Errorf("a payer was not killed: %v\n%s", err, out)
				}
			}
		})
		left := pendingCalls(t, db)
		d.dueEarlier(t, db, 10*time.Minute)
		var outputs [4]string
		atOnce(len(outputs), func(slot int) {
			out, err := payerProcess(t, d, srv, paymentID, "reconciler", 100_000+slot)
			if outputs[slot] = string(out); err != nil {
				t.Errorf("a reconciler: %v\n%s", err, out)
			}
		})
		settled := compareWithLedger(t, db, srv)
		callbacks := strings.Fields(strings.ReplaceAll(strings.Join(outputs[:], ""), "callback ", ""))
		if slices.Sort(callbacks); len(slices.Compact(slices.Clone(callbacks))) != len(callbacks) || len(callbacks) != settled {
			t.Errorf("%d calls were settled by the callbacks %v, want one for each", settled, callbacks)
		}
		t.Logf("%d refunds, %d calls left by killed processes, %d settled, %d still pending", len(refunds(srv)), left, settled, pendingCalls(t, db))
	})
}

// compareWithLedger returns how many calls were settled.
func compareWithLedger(t *testing.T, db *sql.DB, srv *openapitest.Server) (settled int) {
	t.Helper()
	all, err := written(t.Context(), db)
	fatal(t, err)
	times := map[string]int{}
	for _, effect := range all {
		if times[effect]++; strings.HasPrefix(effect, "ok ") || strings.HasPrefix(effect, "failed ") {
			settled++
		}
		if times[effect] > 1 && !strings.HasPrefix(effect, "known ") {
			t.Errorf("the call was settled twice: %s", effect)
		}
	}
	made := refunds(srv)
	for id := range made {
		var pending int
		fatal(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM specpay_pending WHERE idempotency_key = $1", id).Scan(&pending))
		if times["known "+id]+times["ok "+id]+pending == 0 {
			t.Errorf("refund %s is in the ledger, but is neither known, nor settled, nor pending", id)
		}
		if times["failed "+id] > 0 {
			t.Errorf("refund %s is in the ledger, but was settled as not applied", id)
		}
	}
	for effect := range times {
		if id, ok := strings.CutPrefix(effect, "ok "); ok && !made[id] {
			t.Errorf("refund %s was settled as applied, but is not in the ledger", id)
		}
	}
	return settled
}

// refunds returns the IDs of the refunds in the ledger.
func refunds(srv *openapitest.Server) map[string]bool {
	made := map[string]bool{}
	for _, e := range srv.Ledger() {
		if e.Kind == "refund.done" {
			made[e.Key] = true
		}
	}
	return made
}

func pendingCalls(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	fatal(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM specpay_pending").Scan(&n))
	return n
}

// paid makes a large payment and returns its ID.
func paid(t *testing.T, srv *openapitest.Server) string {
	t.Helper()
	c, err := openapi.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	fatal(t, err)
	made, err := c.CreateQROrder(t.Context(), openapi.CreateQROrderRequest{
		BizType: openapi.BizTypeOrderCode, CodeType: openapi.CodeTypeCGCP, ProductCode: srv.ProductCode(), PaymentAmount: openapi.Amount{Currency: "EUR", Value: 100_000},
	})
	fatal(t, err)
	fatal(t, srv.Pay(made.PaymentID))
	return made.PaymentID
}

// atOnce runs f n times at once.
func atOnce(n int, f func(int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// payerProcess runs a process until it ends.
func payerProcess(t *testing.T, d database, srv *openapitest.Server, paymentID, role string, seed int) ([]byte, error) {
	creds := srv.Credentials()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "SHOP_ROLE="+role, "SHOP_DRIVER="+d.driver, "SHOP_DSN="+d.dsn, "SHOP_SEED="+fmt.Sprint(seed), "SHOP_URL="+srv.URL,
		"SHOP_KEY="+creds.ClientID, "SHOP_SECRET="+creds.PrivateKey+"\n\n"+creds.PlatformPublicKeys["1"], "SHOP_PAYMENT="+paymentID)
	return cmd.CombinedOutput()
}
