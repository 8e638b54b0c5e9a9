package openapitest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

// state returns the status and failure reason of a payment.
func (s *shop) state(requestID string) string {
	s.t.Helper()
	a := s.want(s.call("payments/inquiryPayment", `{"paymentRequestId":"`+requestID+`"}`), ok)
	return a.text("paymentStatus") + " " + a.text("failureReason")
}

// TestOrderOutcomes covers every final state of an order.
func TestOrderOutcomes(t *testing.T) {
	s := open(t, openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
	for id, tt := range map[string]struct {
		end  func(id string)
		want string
	}{
		"paid":       {func(id string) { _ = s.srv.Pay(id) }, "SUCCESS "},
		"rejected":   {func(id string) { _ = s.srv.Pay(id, openapitest.PayRejected()) }, "FAIL USER_REJECTED"},
		"failed":     {func(id string) { _ = s.srv.Pay(id, openapitest.PayFails()) }, "FAIL PAYMENT_FAIL"},
		"expired":    {func(id string) { _ = s.srv.Pay(id, openapitest.PayExpires()) }, "FAIL PAYMENT_TIMEOUT"},
		"authorized": {func(id string) { _ = s.srv.Pay(id, openapitest.PayAuthorized()) }, "AUTH_SUCCESS "},
		"canceled":   {func(id string) { s.want(s.call("payments/cancel", `{"paymentRequestId":"`+id+`"}`), ok) }, "FAIL ORDER_IS_CLOSED"},
	} {
		s.want(s.call("payments/createQrOrder", qr(id)), ok)
		if got := s.state(id); got != "PROCESSING " {
			t.Errorf("%s: initial state %s, want PROCESSING", id, got)
		}
		tt.end(id)
		if got := s.state(id); got != tt.want {
			t.Errorf("%s: %s, want %s", id, got, tt.want)
		}
		s.want(s.call("payments/cancel", `{"paymentRequestId":"`+id+`"}`), "F ORDER_IS_CLOSED")
	}
	s.want(s.call("payments/createQrOrder", qr("late")), ok)
	s.want(s.call("payments/linkPayCreate", `{"productCode":"1","paymentRequestId":"link","paymentAmount":{"currency":"EUR","value":"1"}}`), ok)
	s.advance(15 * time.Minute)
	if a, b := s.state("late"), s.state("link"); a != "FAIL QR_EXPIRED" || b != "FAIL PAYMENT_TIMEOUT" {
		t.Errorf("after 15 minutes: %s, %s", a, b)
	}
	s.want(s.call("payments/inquiryPayment", `{"paymentId":"1"}`), "F ORDER_NOT_EXIST")
	s.want(s.call("payments/inquiryPayment", `{}`), "F MISSING_REQUIRED_PARAM")
}

func TestPaymentCodes(t *testing.T) {
	s := open(t, openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
	code, err := s.srv.PaymentCode("")
	if err != nil {
		t.Fatal(err)
	}
	login := s.srv.AuthCode()
	s.want(s.call("payments/retailPay", retail("r0", login)), "F INVALID_AUTH_CODE")
	s.advance(60 * time.Second)
	s.want(s.call("payments/retailPay", retail("r1", code)), "F INVALID_AUTH_CODE")
	for _, end := range []string{"RISK_REJECT", "USER_NOT_EXIST", "PAYMENT_TIMEOUT"} {
		if code, err = s.srv.PaymentCode(end); err != nil {
			t.Fatal(err)
		}
		s.want(s.call("payments/retailPay", retail(end, code)), "F "+end)
		if got := s.state(end); got != "FAIL "+end {
			t.Errorf("%s: %s", end, got)
		}
	}
}

// TestRefunds makes several refunds of one payment of 25.00.
func TestRefunds(t *testing.T) {
	s := open(t)
	id := s.paid("q1")
	refund := func(request, value string) response {
		return s.call("payments/refundApply", `{"paymentId":"`+id+`","refundRequestId":"`+request+`","refundReason":"late","refundAmount":{"currency":"EUR","value":"`+value+`"}}`)
	}
	s.want(refund("f1", "2000"), ok)
	s.want(refund("f2", "501"), "F REFUND_AMOUNT_EXCEED")
	s.config(func(c *openapitest.Config) { c.Processing = "1m" })
	s.want(refund("f3", "500"), "U REFUND_IN_PROCESS")
	s.want(refund("f4", "1"), "F REFUND_AMOUNT_EXCEED") // a refund in process counts
	inquiry := s.want(s.call("payments/inquiryRefund", `{"refundRequestId":"f3"}`), ok)
	if inquiry.text("refundStatus") != "PROCESSING" || inquiry.text("refundReason") != "late" {
		t.Errorf("in process: %s", inquiry.raw)
	}
	if err := s.srv.Pay(inquiry.text("refundId"), openapitest.PayFails()); err != nil {
		t.Fatal(err)
	}
	if inquiry = s.call("payments/inquiryRefund", `{"refundRequestId":"f3"}`); inquiry.text("refundStatus") != "FAIL" {
		t.Errorf("failed: %s", inquiry.raw)
	}
	s.want(refund("f5", "500"), "U REFUND_IN_PROCESS") // the failed refund no longer counts
	s.advance(time.Minute)
	s.want(refund("f5", "500"), ok)
	if inquiry = s.call("payments/inquiryRefund", `{"refundRequestId":"f5"}`); inquiry.text("refundStatus") != "SUCCESS" {
		t.Errorf("done: %s", inquiry.raw)
	}
	s.want(s.call("payments/inquiryRefund", `{"refundId":"1"}`), "F REFUND_NOT_EXIST")
	s.want(s.call("payments/createQrOrder", qr("open")), ok)
	id = s.call("payments/inquiryPayment", `{"paymentRequestId":"open"}`).text("paymentId")
	s.want(refund("f6", "1"), "F REFUND_NOT_ALLOWED")
	id = "404"
	s.want(refund("f7", "1"), "F ORDER_NOT_EXIST")
	if want := "order.created EUR 2500, payment.paid EUR 2500, refund.done EUR 2000, refund.started EUR 500, refund.failed EUR 500, refund.started EUR 500, refund.done EUR 500, order.created EUR 2500"; s.ledger() != want {
		t.Errorf("ledger: %s", s.ledger())
	}
}

func TestVoids(t *testing.T) {
	s := open(t)
	void := func(id, request string) response {
		return s.call("payments/void", `{"paymentId":"`+id+`","voidRequestId":"`+request+`"}`)
	}
	one := s.paid("q1")
	done := s.want(void(one, "v1"), ok)
	s.want(void(one, "v2"), "F VOID_NOT_ALLOWED")
	s.want(s.call("payments/refundApply", `{"paymentId":"`+one+`","refundRequestId":"f","refundAmount":{"currency":"EUR","value":"1"}}`), "F REFUND_NOT_ALLOWED")
	inquiry := s.want(s.call("payments/inquiryVoid", `{"voidId":"`+done.text("voidId")+`"}`), ok)
	if inquiry.text("acquirementId") != one || inquiry.text("merchantTransId") != "q1" {
		t.Errorf("inquiry: %s", inquiry.raw)
	}
	s.want(s.call("payments/inquiryVoid", `{"merchantTransId":"q1"}`), ok)
	s.want(s.call("payments/inquiryVoid", `{"voidId":"1"}`), "F VOID_BILL_NOT_EXIST")
	two := s.paid("q2")
	s.want(s.call("payments/inquiryVoid", `{"acquirementId":"`+two+`"}`), "F VOID_BILL_NOT_EXIST")
	s.config(func(c *openapitest.Config) { c.Processing = "1m" })
	s.want(void(two, "v3"), "U VOID_IN_PROCESS")
	s.advance(time.Minute)
	s.want(void(two, "v3"), ok)
	three := s.paid("q3")
	s.advance(24 * time.Hour)
	s.want(void(three, "v4"), "F ORDER_ALREADY_SETTLED")
	authorized := s.paid("q4", openapitest.PayAuthorized())
	s.config(func(c *openapitest.Config) { c.Processing = "0s" })
	s.want(void(authorized, "v5"), ok)
	if got := s.state("q4"); got != "FAIL ORDER_IS_CLOSED" {
		t.Errorf("voided authorization: %s", got)
	}
}

func TestCaptures(t *testing.T) {
	s := open(t)
	capture := func(id, request, value string) response {
		return s.call("payments/capture", `{"paymentId":"`+id+`","captureRequestId":"`+request+`","captureAmount":{"currency":"EUR","value":"`+value+`"}}`)
	}
	authorized := s.paid("q1", openapitest.PayAuthorized())
	s.want(capture(authorized, "c1", "2501"), "F CAPTURE_AMOUNT_EXCEED")
	done := s.want(capture(authorized, "c2", "2000"), ok)
	s.want(capture(authorized, "c3", "1"), "F ORDER_STATUS_INVALID")
	if inquiry := s.want(s.call("payments/inquiryCapture", `{"captureId":"`+done.text("captureId")+`"}`), ok); inquiry.text("captureStatus") != "SUCCESS" {
		t.Errorf("inquiry: %s", inquiry.raw)
	}
	refund := `{"paymentId":"` + authorized + `","refundRequestId":"f1","refundAmount":{"currency":"EUR","value":"2001"}}`
	s.want(s.call("payments/refundApply", refund), "F REFUND_AMOUNT_EXCEED")
	late := s.paid("q2", openapitest.PayAuthorized())
	slow := s.paid("q3", openapitest.PayAuthorized())
	s.advance(167 * time.Hour)
	s.config(func(c *openapitest.Config) { c.Processing = "2h" })
	s.want(capture(slow, "c4", "2500"), "U CAPTURE_IN_PROCESS")
	s.advance(2 * time.Hour)
	s.want(capture(slow, "c4", "2500"), ok)
	s.want(capture(late, "c5", "2500"), "F AUTHORIZATION_EXPIRED")
	if a, b := s.state("q3"), s.state("q2"); a != "SUCCESS " || b != "FAIL AUTHORIZATION_EXPIRED" {
		t.Errorf("captured in time: %s, too late: %s", a, b)
	}
	if strings.Count(s.ledger(), "payment.failed") != 1 { // a payment does not expire while a capture is in process
		t.Errorf("ledger: %s", s.ledger())
	}
}
