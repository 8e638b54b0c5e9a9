package qpaytest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/qpay/qpaytest"
)

// TestEveryCode returns each code of the spec, by header and by FailNext, and checks
// that nothing is executed.
func TestEveryCode(t *testing.T) {
	s := open(t)
	codes := s.srv.Codes()
	if len(codes) < 52 {
		t.Fatalf("got %d codes, want at least the 52 of the provider's table", len(codes))
	}
	for _, code := range codes {
		status := 400
		if len(code.Statuses) > 0 {
			status = code.Statuses[0]
		}
		r := s.request("POST", "/v2/invoice", simpleInvoice)
		r.Header.Set("Sandbox-Scenario", code.Value)
		s.want(s.send(r), status, code.Value)
		path := "/v2/invoice"
		if slices.Equal(code.Operations, []string{"createToken"}) {
			path = "/v2/auth/token"
		}
		if err := s.srv.FailNext(code.Value); err != nil {
			t.Error(err)
		}
		s.want(s.call("POST", path, simpleInvoice), status, code.Value)
	}
	s.wantLedger()
}

// TestFaultsAndLedger checks by the ledger whether each fault executes the operation.
func TestFaultsAndLedger(t *testing.T) {
	executed := []string{"reset-after-commit", "reset-in-headers", "reset-in-body", "reset-after-body", "empty", "truncated", "slow"}
	notExecuted := []string{"refuse", "reset-before-read", "reset-before-commit", "html", "huge"}
	s := open(t, qpaytest.WithSlowDelay(time.Millisecond))
	s.skipSpec = true
	for i, kind := range append(executed, notExecuted...) {
		before := len(s.srv.Ledger())
		if err := s.srv.Fault(kind, qpaytest.OnOperation("createInvoice"), qpaytest.Times(1)); err != nil {
			t.Fatal(err)
		}
		s.tryCreateInvoice()
		if n := len(s.srv.Ledger()) - before; (n == 1) != (i < len(executed)) || n > 1 {
			t.Errorf("%s: %d new entries in the ledger", kind, n)
		}
	}
	if got := s.call("POST", "/v2/invoice", simpleInvoice); got.status != 200 {
		t.Errorf("after all faults: %d", got.status)
	}
}

// transcript returns the responses to a fixed series of requests.
func transcript(t *testing.T, seed uint64) string {
	s := open(t, qpaytest.WithSeed(seed), qpaytest.WithTime(start()))
	var out strings.Builder
	record := func(a response) response { fmt.Fprintln(&out, a.status, a.raw); return a }
	record(s.tokens())
	id := s.text(record(s.call("POST", "/v2/invoice", simpleInvoice)), "invoice_id")
	paymentID := s.pay(id, qpaytest.PayByCard())
	record(s.call("GET", "/v2/payment/"+paymentID, ""))
	record(s.check(id))
	record(s.receipt(receiptsV3, paymentID, ""))
	record(s.call("DELETE", "/v2/payment/refund/"+paymentID, ""))
	record(s.call("GET", "/_sandbox/ledger", ""))
	record(s.call("GET", "/_sandbox/requests", ""))
	record(s.call("GET", "/_sandbox/deliveries", ""))
	return strings.ReplaceAll(out.String(), s.srv.URL, "")
}

func TestSameSeedSameTranscript(t *testing.T) {
	want := transcript(t, 7)
	if transcript(t, 8) == want {
		t.Error("two seeds gave the same transcript")
	}
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got := transcript(t, 7); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

func TestReset(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	merchant := s.srv.MerchantID()
	first := s.call("POST", "/v2/invoice", simpleInvoice)
	if _, err := s.srv.Config(func(c *qpaytest.Config) { c.Money = "number" }); err != nil {
		t.Fatal(err)
	}
	s.srv.Reset()
	s.want(s.call("GET", "/v2/invoice/"+s.text(first, "invoice_id"), ""), 401, "NO_CREDENDIALS")
	s.login()
	s.want(s.call("GET", "/v2/invoice/"+s.text(first, "invoice_id"), ""), 422, "INVOICE_NOTFOUND")
	if again := s.call("POST", "/v2/invoice", simpleInvoice); again.raw != first.raw || s.srv.MerchantID() != merchant {
		t.Errorf("after Reset: %s\nbefore: %s", again.raw, first.raw)
	}
	if c, _ := s.srv.Config(); c.Money != "text" || len(s.srv.Ledger()) != 1 {
		t.Errorf("Reset kept state: %+v %v", c, s.srv.Ledger())
	}
}

func TestInvalidStartAndConfig(t *testing.T) {
	if _, err := qpaytest.Start("127.0.0.1:0", with(func(c *qpaytest.Config) { c.Money = "gold" })); err == nil || !strings.Contains(err.Error(), "money") {
		t.Errorf("got %v", err)
	}
	s := open(t)
	if _, err := qpaytest.Start(strings.TrimPrefix(s.srv.URL, "http://")); err == nil {
		t.Error("Start succeeded on a port in use")
	}
	if got := s.call("POST", "/_sandbox/config", `{"sender_data":"x"}`); got.status != 400 || !strings.Contains(got.raw, `["empty","object","null"]`) {
		t.Errorf("got %d %s", got.status, got.raw)
	}
	if got := s.call("POST", "/_sandbox/config", `{"sender_data":"null","one_token":true}`); got.body["sender_data"] != "null" || got.body["one_token"] != true || got.body["money"] != "text" {
		t.Errorf("got %s", got.raw)
	}
}
