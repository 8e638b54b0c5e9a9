package openapitest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

// TestControlRoutes plays the user over HTTP, as a client in any language can.
func TestControlRoutes(t *testing.T) {
	s := open(t)
	s.want(s.call("payments/createQrOrder", qr("q1")), ok)
	if a := s.control("pay", `{"id":"q1"}`); a.status != 200 || a.text("state") != "SUCCESS" {
		t.Errorf("pay: %d %s", a.status, a.raw)
	}
	code := s.control("authcode", `{"for":"payment","result":"PAYMENT_IN_PROCESS"}`).text("authCode")
	s.want(s.call("payments/retailPay", retail("r1", code)), "U PAYMENT_IN_PROCESS")
	if a := s.control("pay", `{"id":"r1","outcome":"rejected"}`); a.text("state") != "FAIL" {
		t.Errorf("reject: %d %s", a.status, a.raw)
	}
	s.want(s.call("payments/retailPay", retail("r1", code)), "F USER_REJECTED")
	s.want(s.call("authorizations/applyToken", codeBody(s.control("authcode", "{}").text("authCode"))), ok)
	s.want(s.call("authorizations/prepare", prepareBody("{}")), ok)
	s.want(s.call("authorizations/applyToken", codeBody(s.control("contract", `{"state":"VALID"}`).text("authCode"))), ok)
	if a := s.control("contract", `{"state":"INVALID"}`); a.status != 200 {
		t.Errorf("contract: %d %s", a.status, a.raw)
	}
	for route, body := range map[string]string{
		"pay": `{"id":"404"}`, "authcode": `{"for":"lunch"}`, "contract": `{"state":"MAYBE"}`, "config": `{"algorithm":"none"}`, "fail-next": `{"code":"NOPE"}`,
	} {
		if a := s.control(route, body); a.status != 400 || a.text("sandbox") == "" {
			t.Errorf("%s %s: %d %s", route, body, a.status, a.raw)
		}
	}
	for route, body := range map[string]string{"pay": `{"id":"q1"}`, "contract": `{"state":"INVALID"}`} { // nothing is open
		if a := s.control(route, body); a.status != 409 {
			t.Errorf("%s %s: %d %s", route, body, a.status, a.raw)
		}
	}
	if a := s.control("guesses", ""); !strings.Contains(a.raw, `"guess"`) || !strings.Contains(a.raw, `"documented"`) {
		t.Errorf("guesses: %.300s", a.raw)
	}
}

// TestEveryCodeByName requests every code of the spec, by header and by FailNext.
// Each response is signed, and no operation is executed.
func TestEveryCodeByName(t *testing.T) {
	s := open(t)
	codes := s.srv.Codes()
	if len(codes) != 72 {
		t.Fatalf("%d codes, want 47 and 25", len(codes))
	}
	for _, code := range codes {
		r := s.request("payments/createQrOrder", qr("q"))
		r.Header.Set("Sandbox-Scenario", code.Value)
		byHeader := s.send(r)
		if err := s.srv.FailNext(code.Value); err != nil {
			t.Error(err)
		}
		byCall := s.call("payments/createQrOrder", qr("q"))
		if byHeader.result("resultCode") != code.Value || byCall.raw != byHeader.raw || byCall.status != code.Statuses[0] || byHeader.result("resultStatus") == "S" {
			t.Errorf("%s: %d %s, %s", code.Value, byCall.status, byCall.raw, byHeader.raw)
		}
	}
	if s.ledger() != "" {
		t.Errorf("ledger: %s", s.ledger())
	}
}

// transcript returns the responses to a fixed sequence of calls.
func transcript(t *testing.T, seed uint64) string {
	s := open(t, openapitest.WithSeed(seed), openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
	var out strings.Builder
	add := func(a response) response {
		out.WriteString(a.raw + a.header.Get("Signature") + "\n")
		return a
	}
	id := add(s.call("payments/createQrOrder", qr("q1"))).text("paymentId")
	add(s.control("pay", `{"id":"q1"}`))
	add(s.call("payments/refundApply", `{"paymentId":"`+id+`","refundRequestId":"f1","refundAmount":{"currency":"EUR","value":"5"}}`))
	add(s.call("payments/inquiryPayment", `{"paymentId":"`+id+`"}`))
	add(s.control("ledger", ""))
	return out.String()
}

func TestX3_SameSeedSameTranscript(t *testing.T) {
	want := transcript(t, 7)
	if transcript(t, 8) == want {
		t.Error("another seed gives the same transcript")
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
	s := open(t)
	s.config(func(c *openapitest.Config) { c.Currency = "USD" })
	s.want(s.call("payments/createQrOrder", qr("q1")), "F INVALID_CURRENCY")
	s.srv.Reset()
	s.want(s.call("payments/createQrOrder", qr("q1")), ok)
	s.srv.Reset()
	s.want(s.call("payments/inquiryPayment", `{"paymentRequestId":"q1"}`), "F ORDER_NOT_EXIST")
	s.want(s.call("payments/createQrOrder", strings.Replace(qr("q1"), "2500", "1", 1)), ok) // the request ID can be used again
	if s.ledger() != "order.created EUR 1" {
		t.Errorf("ledger: %s", s.ledger())
	}
}
