package openapitest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

// The payer's side over HTTP, for clients in any language.
func TestControlRoutes(t *testing.T) {
	s := open(t)
	s.want(s.call("payments/createQrOrder", qr("q1")), ok)
	if a := s.control("pay", `{"id":"q1"}`); a.http != 200 || a.text("state") != "SUCCESS" {
		t.Errorf("pay: %d %s", a.http, a.raw)
	}
	code := s.control("authcode", `{"for":"payment","answer":"PAYMENT_IN_PROCESS"}`).text("authCode")
	s.want(s.call("payments/retailPay", retail("r1", code)), "U PAYMENT_IN_PROCESS")
	if a := s.control("pay", `{"id":"r1","outcome":"rejected"}`); a.text("state") != "FAIL" {
		t.Errorf("reject: %d %s", a.http, a.raw)
	}
	s.want(s.call("payments/retailPay", retail("r1", code)), "F USER_REJECTED")
	s.want(s.call("authorizations/applyToken", byCode(s.control("authcode", "{}").text("authCode"))), ok)
	s.want(s.call("authorizations/prepare", prepare("{}")), ok)
	s.want(s.call("authorizations/applyToken", byCode(s.control("contract", `{"state":"VALID"}`).text("authCode"))), ok)
	if a := s.control("contract", `{"state":"INVALID"}`); a.http != 200 {
		t.Errorf("contract: %d %s", a.http, a.raw)
	}
	for route, body := range map[string]string{
		"pay": `{"id":"404"}`, "authcode": `{"for":"lunch"}`, "contract": `{"state":"MAYBE"}`, "config": `{"algorithm":"none"}`, "fail-next": `{"code":"NOPE"}`,
	} {
		if a := s.control(route, body); a.http != 400 || a.text("sandbox") == "" {
			t.Errorf("%s %s: %d %s", route, body, a.http, a.raw)
		}
	}
	for route, body := range map[string]string{"pay": `{"id":"q1"}`, "contract": `{"state":"INVALID"}`} { // nothing that waits
		if a := s.control(route, body); a.http != 409 {
			t.Errorf("%s %s: %d %s", route, body, a.http, a.raw)
		}
	}
	if a := s.control("guesses", ""); !strings.Contains(a.raw, `"guess"`) || !strings.Contains(a.raw, `"documented"`) {
		t.Errorf("guesses: %.300s", a.raw)
	}
}

// transcript is everything a fixed conversation says.
func transcript(t *testing.T, seed uint64) string {
	s := open(t, openapitest.WithSeed(seed), openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
	var out strings.Builder
	say := func(a answer) answer {
		out.WriteString(a.raw + a.header.Get("Signature") + "\n")
		return a
	}
	id := say(s.call("payments/createQrOrder", qr("q1"))).text("paymentId")
	say(s.control("pay", `{"id":"q1"}`))
	say(s.call("payments/refundApply", `{"paymentId":"`+id+`","refundRequestId":"f1","refundAmount":{"currency":"EUR","value":"5"}}`))
	say(s.call("payments/inquiryPayment", `{"paymentId":"`+id+`"}`))
	say(s.control("ledger", ""))
	return out.String()
}

func TestX3_SameSeedSameTranscript(t *testing.T) {
	want := transcript(t, 7)
	if transcript(t, 8) == want {
		t.Error("the seed changes nothing")
	}
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got := transcript(t, 7); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
	t.Attr("figure", "20 parallel runs of one seed: transcripts byte-identical; another seed differs")
}

func TestReset(t *testing.T) {
	s := open(t)
	s.config(func(c *openapitest.Config) { c.Currency = "USD" })
	s.want(s.call("payments/createQrOrder", qr("q1")), "F INVALID_CURRENCY")
	s.srv.Reset()
	s.want(s.call("payments/createQrOrder", qr("q1")), ok)
	s.srv.Reset()
	s.want(s.call("payments/inquiryPayment", `{"paymentRequestId":"q1"}`), "F ORDER_NOT_EXIST")
	s.want(s.call("payments/createQrOrder", strings.Replace(qr("q1"), "2500", "1", 1)), ok) // the key is free again
	if s.ledger() != "order.created EUR 1" {
		t.Errorf("ledger: %s", s.ledger())
	}
}
