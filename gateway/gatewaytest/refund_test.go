package gatewaytest_test

import (
	"strings"
	"testing"

	"github.com/specpay/specpay/gateway/gatewaytest"
)

func TestRefund(t *testing.T) {
	a := open(t)
	id := a.paid(qris)
	got := a.call("POST", "/v1/refunds", `{"payment_id":"`+id+`","amount_minor":1500,"reason":"customer requested"}`)
	if got.status != 201 {
		t.Errorf("status: got %d, want 201", got.status)
	}
	for name, want := range map[string]any{"status": "succeeded", "amount_minor": 1500.0, "currency": "IDR", "reason": "customer requested"} {
		if got.body[name] != want {
			t.Errorf("%s: got %v, want %v", name, got.body[name], want)
		}
	}
	if status := a.status(id); status != "succeeded" {
		t.Errorf("status of a refunded payment: got %s, want succeeded", status)
	}
	a.want(a.call("POST", "/v1/refunds", `{"payment_id":"`+id+`","amount_minor":1}`), 422, "payment already has a refund")
}

func TestInvalidRefunds(t *testing.T) {
	a := open(t)
	id, waiting, polar := a.paid(qris), a.payment(qris), a.paid(plan)
	for body, want := range map[string]struct {
		status int
		text   string
	}{
		`{}`:                               {400, "missing required fields: payment_id"},
		`{"payment_id":"x"}`:               {404, "payment not found"},
		`{"payment_id":"` + waiting + `"}`: {422, "payment must be in 'succeeded' state to refund (got initiated)"},
		`{"payment_id":"` + id + `","amount_minor":50001}`: {422, "refund amount exceeds payment amount"},
		`{"payment_id":"` + id + `","amount_minor":0}`:     {400, "missing required fields: amount_minor"},
		`{"payment_id":"` + polar + `"}`:                   {502, "refund failed: the polar driver has no refunds"},
	} {
		a.want(a.call("POST", "/v1/refunds", body), want.status, want.text)
	}
	if _, err := a.srv.Config(func(c *gatewaytest.Config) { c.Refunds, c.RefundFields = "refuse", "short" }); err != nil {
		t.Fatal(err)
	}
	a.want(a.call("POST", "/v1/refunds", `{"payment_id":"`+id+`"}`), 502, "refund failed: refund window expired")
	if _, err := a.srv.Config(func(c *gatewaytest.Config) { c.Refunds = "succeed" }); err != nil {
		t.Fatal(err)
	}
	if got := a.call("POST", "/v1/refunds", `{"payment_id":"`+id+`"}`); got.status != 201 || len(got.body) != 4 || got.body["amount_minor"] != 50000.0 {
		t.Errorf("full refund, short response: %d %s", got.status, got.raw)
	}
}

func TestWaitingRefund(t *testing.T) {
	a := open(t, with(func(c *gatewaytest.Config) { c.Refunds, c.FailedRefundBlocks = "wait", false }))
	id := a.paid(qris)
	request := `{"payment_id":"` + id + `"}`
	first := a.text(a.call("POST", "/v1/refunds", request), "refund_id")
	a.want(a.call("POST", "/v1/refunds", request), 422, "payment already has a refund")
	if err := a.srv.Pay(first, gatewaytest.PayFails()); err != nil {
		t.Fatal(err)
	}
	second := a.call("POST", "/v1/refunds", request)
	if second.status != 201 || second.body["status"] != "initiated" {
		t.Fatalf("after a failed refund: %d %s", second.status, second.raw)
	}
	if err := a.srv.Pay(a.text(second, "refund_id")); err != nil {
		t.Fatal(err)
	}
	if got := a.call("POST", "/_sandbox/pay", `{"id":"`+first+`"}`); got.status != 409 || !strings.Contains(got.raw, "only an initiated refund") {
		t.Errorf("completing a refund twice: %d %s", got.status, got.raw)
	}
}
