package openapitest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// TestSameRequestIsReplayed checks that requests are compared by their members,
// regardless of order and white space.
func TestSameRequestIsReplayed(t *testing.T) {
	s := open(t)
	first := s.want(s.call("payments/createQrOrder", qr("q1")), ok)
	again := s.call("payments/createQrOrder", qr("q1"))
	spaced := s.call("payments/createQrOrder", `{ "paymentAmount": {"value":"2500", "currency":"EUR"}, "paymentRequestId":"q1",
		"productCode":"5105010010000100040","codeType":"CGCP","bizType":"ORDER_CODE"}`)
	if again.raw != first.raw || spaced.raw != first.raw {
		t.Errorf("%s\n%s\n%s", first.raw, again.raw, spaced.raw)
	}
	s.want(s.call("payments/createQrOrder", strings.Replace(qr("q1"), `"2500"`, `2500`, 1)), "F REPEAT_REQ_INCONSISTENT")
	link := `{"productCode":"5105010010000100040","paymentRequestId":"q1","paymentAmount":{"currency":"EUR","value":"2500"}}`
	s.want(s.call("payments/linkPayCreate", link), "F REPEAT_REQ_INCONSISTENT")
	s.want(s.call("payments/linkPayCreate", strings.Replace(link, "q1", "q2", 1)), ok)
	if s.ledger() != "order.created EUR 2500, order.created EUR 2500" {
		t.Errorf("ledger: %s", s.ledger())
	}
}

// TestFinalResponsesAreReplayed checks that a final failure is replayed, and that an
// invalid request and a response with U are not.
func TestFinalResponsesAreReplayed(t *testing.T) {
	s := open(t)
	poor, err := s.srv.PaymentCode("INSUFFICIENT_BALANCE")
	if err != nil {
		t.Fatal(err)
	}
	s.want(s.call("payments/retailPay", strings.Replace(retail("r1", poor), "2500", "0", 1)), "F INVALID_AMOUNT")
	s.want(s.call("payments/retailPay", retail("r1", poor)), "F INSUFFICIENT_BALANCE")
	s.want(s.call("payments/retailPay", retail("r1", poor)), "F INSUFFICIENT_BALANCE")
	s.want(s.call("payments/retailPay", retail("r2", poor)), "F INVALID_AUTH_CODE") // the code was used
	slow, err := s.srv.PaymentCode("PAYMENT_IN_PROCESS")
	if err != nil {
		t.Fatal(err)
	}
	s.want(s.call("payments/retailPay", retail("r3", slow)), "U PAYMENT_IN_PROCESS")
	s.want(s.call("payments/retailPay", retail("r3", slow)), "U PAYMENT_IN_PROCESS")
	s.want(s.call("payments/retailPay", strings.Replace(retail("r3", slow), "2500", "2501", 1)), "F REPEAT_REQ_INCONSISTENT")
	if err := s.srv.Pay("r3"); err != nil {
		t.Fatal(err)
	}
	done := s.want(s.call("payments/retailPay", retail("r3", slow)), ok)
	if again := s.call("payments/retailPay", retail("r3", slow)); again.raw != done.raw {
		t.Errorf("%s\n%s", done.raw, again.raw)
	}
	if s.ledger() != "payment.failed EUR 2500, payment.started EUR 2500, payment.paid EUR 2500" {
		t.Errorf("ledger: %s", s.ledger())
	}
}

// TestRetryInProgress retries a request from the shop's notification handler, while
// the first request is in progress.
func TestRetryInProgress(t *testing.T) {
	s := open(t)
	var concurrent response
	code, err := s.srv.PaymentCode("")
	if err != nil {
		t.Fatal(err)
	}
	var body string
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		concurrent = s.call("payments/retailPay", body)
		fmt.Fprint(w, `{"result":{"resultStatus":"S"}}`)
	}))
	defer handler.Close()
	body = strings.Replace(retail("r1", code), "http://shop.localhost/pay", handler.URL, 1)
	s.want(s.call("payments/retailPay", body), ok)
	s.want(concurrent, "U PAYMENT_IN_PROCESS")
	s.want(s.call("payments/retailPay", body), ok)
}

func TestConcurrentRetries(t *testing.T) {
	s := open(t)
	id := s.paid("q1")
	refund := `{"paymentId":"` + id + `","refundRequestId":"f1","refundAmount":{"currency":"EUR","value":"100"}}`
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if a := s.call("payments/refundApply", refund); a.result("resultStatus") == "F" {
				t.Errorf("failed: %s", a.raw)
			}
		})
	}
	wg.Wait()
	if s.ledger() != "order.created EUR 2500, payment.paid EUR 2500, refund.done EUR 100" {
		t.Errorf("ledger: %s", s.ledger())
	}
}
