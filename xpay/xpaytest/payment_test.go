package xpaytest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/xpay/xpaytest"
)

func TestDeclines(t *testing.T) {
	s := open(t)
	id := s.text(s.session(""), "id")
	s.pay(id, xpaytest.PayDeclined("lost_card"))
	a := s.call("GET", "/checkout/sessions/"+id, "")
	s.values(a, map[string]any{
		"status": "open", "paymentIntent.status": "REQUIRES_PAYMENT_METHOD", "paymentIntent.lastPaymentError.code": "card_declined",
		"paymentIntent.lastPaymentError.declineCode": "lost_card", "paymentIntent.lastPaymentError.adviceCode": "do_not_try_again",
		"paymentIntent.lastPaymentError.docUrl": "https://docs.xpay.app/integrate/errors/decline-codes#lost_card", "paymentIntent.charges.0.failureCode": "lost_card",
	})
	s.pay(id, xpaytest.PayFails("processing_error"))
	a = s.call("GET", "/checkout/sessions/"+id, "")
	s.values(a, map[string]any{
		"paymentIntent.lastPaymentError.declineCode": nil, "paymentIntent.lastPaymentError.docUrl": "https://docs.xpay.app/integrate/errors/payment-error-codes#processing_error",
		"paymentIntent.lastPaymentError.adviceCode": "try_again_later", "paymentIntent.charges.1.status": "FAILED",
	})
	s.pay(id)
	s.values(s.call("GET", "/checkout/sessions/"+id, ""), map[string]any{"paymentStatus": "paid", "paymentIntent.lastPaymentError.code": "processing_error", "paymentIntent.charges.2.status": "SUCCEEDED"})
	if got := s.kinds(); got != "session.created payment.failed payment.failed payment.succeeded" {
		t.Error(got)
	}
	for _, bad := range []string{`{"id":"x"}`, `{"id":"` + id + `","outcome":"declined:authentication_required"}`, `{"id":"` + id + `","outcome":"failed:lost_card"}`,
		`{"id":"` + id + `","outcome":"won"}`, `{"id":"` + id + `","method":"gold"}`, `{"id":"` + id + `","amount":1}`} {
		if a := s.call("POST", "/_sandbox/pay", bad); a.status != 400 {
			t.Errorf("%s: %d %s", bad, a.status, a.raw)
		}
	}
}

func TestPaymentReference(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	one, other := s.text(s.session(""), "id"), s.text(s.session(""), "id")
	for _, id := range []string{one, other} {
		s.pay(id, xpaytest.PayBy("fawry"))
		s.values(s.call("GET", "/checkout/sessions/"+id, ""), map[string]any{
			"status": "complete", "paymentStatus": "unpaid", "paymentIntent.status": "REQUIRES_ACTION", "paymentIntent.nextAction.displayVoucherDetails.provider": "fawry",
		})
	}
	if done := s.pay(one); done.PaymentStatus != "paid" {
		t.Errorf("%+v", done)
	}
	if err := s.srv.Advance(72 * time.Hour); err != nil {
		t.Fatal(err)
	}
	s.values(s.call("GET", "/checkout/sessions/"+one, ""), map[string]any{"paymentStatus": "paid", "paymentIntent.status": "SUCCEEDED"})
	s.values(s.call("GET", "/checkout/sessions/"+other, ""), map[string]any{"status": "complete", "paymentStatus": "unpaid", "paymentIntent.status": "PAYMENT_FAILED"})
	third := s.text(s.session(""), "id")
	s.pay(third, xpaytest.PayBy("fawry"))
	s.pay(third, xpaytest.PayExpires())
	var kinds []string
	for _, e := range s.srv.Events() {
		kinds = append(kinds, strings.TrimPrefix(e.Type, "checkout.session."))
	}
	if got := strings.Join(kinds, " "); got != "completed completed async_payment_succeeded async_payment_failed completed async_payment_failed" {
		t.Error(got)
	}
}

func TestRefunds(t *testing.T) {
	s := open(t)
	paid := s.pay(s.text(s.session(""), "id"))
	declined := s.text(s.session(""), "id")
	failed := s.pay(declined, xpaytest.PayDeclined("generic_decline"))
	valu := s.pay(s.text(s.session(""), "id"), xpaytest.PayBy("valu"))
	for body, want := range map[string]string{
		`{}`:                                     "400 parameter_missing chargeId",
		`{"chargeId":"a","paymentIntentId":"b"}`: "400 parameters_exclusive chargeId",
		`{"chargeId":"ch_x"}`:                    "404 resource_missing chargeId",
		`{"paymentIntentId":"pi_x"}`:             "404 resource_missing paymentIntentId",
		`{"paymentIntentId":"` + failed.PaymentIntentID + `"}`:             "400 resource_invalid_state paymentIntentId",
		`{"chargeId":"` + failed.ChargeID + `"}`:                           "400 charge_not_captured chargeId",
		`{"chargeId":"` + valu.ChargeID + `"}`:                             "400 resource_invalid_state chargeId",
		`{"chargeId":"` + paid.ChargeID + `","amount":0}`:                  "400 parameter_out_of_range amount",
		`{"chargeId":"` + paid.ChargeID + `","amount":20001}`:              "400 amount_invalid amount",
		`{"chargeId":"` + paid.ChargeID + `","amount":"100"}`:              "400 parameter_invalid amount",
		`{"chargeId":"` + paid.ChargeID + `","reason":"duplicate"}`:        "400 parameter_invalid reason",
		`{"chargeId":"` + paid.ChargeID + `","amount":1,"currency":"EGP"}`: "400 parameter_unknown currency",
	} {
		f := strings.Fields(want)
		status := map[string]int{"400": 400, "404": 404}[f[0]]
		s.want(s.call("POST", "/refunds", body), status, f[1], f[2])
	}
	part := s.call("POST", "/refunds", `{"chargeId":"`+paid.ChargeID+`","amount":5000,"reason":"DUPLICATE"}`)
	s.values(part, map[string]any{"amount": "5000", "status": "SUCCEEDED", "reason": "DUPLICATE"})
	s.values(s.call("GET", "/refunds/"+s.text(part, "id"), ""), map[string]any{"amount": 5000})
	s.values(s.call("POST", "/refunds", `{"paymentIntentId":"`+paid.PaymentIntentID+`","amount":null}`), map[string]any{"amount": "15000"})
	s.want(s.call("POST", "/refunds", `{"chargeId":"`+paid.ChargeID+`"}`), 400, "resource_invalid_state", "chargeId")
	if a := s.call("GET", "/refunds?chargeId="+paid.ChargeID+"&limit=1&offset=1", ""); !strings.HasPrefix(a.raw, `[{`) || !strings.Contains(a.raw, `"amount":5000`) {
		t.Errorf("newest first: %s", a.raw)
	}
	s.want(s.call("GET", "/refunds?limit=101", ""), 400, "parameter_out_of_range", "limit")
	s.want(s.call("GET", "/refunds?limit=x", ""), 400, "parameter_invalid", "limit")
	s.want(s.call("GET", "/refunds/re_x", ""), 404, "resource_missing", "id")
	row := s.call("GET", "/customers?limit=1", "")
	s.values(row, map[string]any{"data.0.spendData.grossSpend": 20000, "data.0.spendData.netSpend": 0, "data.0.spendData.numPayments": 1})
}

func TestRefundOutcomes(t *testing.T) {
	s := open(t, config(func(c *xpaytest.Config) { c.Balance, c.RefundOutcome, c.RefundAmount = 0, "PENDING", "number" }))
	paid := s.pay(s.text(s.session(""), "id"))
	s.want(s.call("POST", "/refunds", `{"chargeId":"`+paid.ChargeID+`"}`), 400, "insufficient_balance", "amount")
	a := s.call("POST", "/refunds", `{"chargeId":"`+paid.ChargeID+`","amount":1000}`)
	s.values(a, map[string]any{"status": "PENDING", "pendingReason": "processing", "amount": 1000})
	s.want(s.call("POST", "/refunds", `{"chargeId":"`+paid.ChargeID+`","amount":1000}`), 409, "resource_invalid_state", "chargeId")
	if _, err := s.srv.Config(func(c *xpaytest.Config) { c.RefundOutcome = "FAILED" }); err != nil {
		t.Fatal(err)
	}
	second := s.pay(s.text(s.session(""), "id"))
	a = s.call("POST", "/refunds", `{"chargeId":"`+second.ChargeID+`","amount":1000}`)
	s.values(a, map[string]any{"status": "FAILED", "failureReason": "declined", "balanceTransactionId": nil})
	if e := s.srv.Events(); e[len(e)-1].Type != "refund.failed" {
		t.Errorf("%+v", e)
	}
	if c, err := s.srv.Config(); err != nil || c.RefundOutcome != "FAILED" {
		t.Error(c, err)
	}
	if a := s.call("POST", "/_sandbox/config", `{"refund_outcome":"GONE"}`); a.status != 400 || !strings.Contains(a.raw, "PENDING") {
		t.Errorf("%s", a.raw)
	}
}

func TestPriceRules(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	p := s.call("POST", "/products", `{"name":"Ticket","defaultPrice":{"unitAmount":500,"stock":3}}`)
	product, first := s.text(p, "id"), s.text(p, "prices.0.id")
	if p.status != 201 || p.at("object") != nil || p.at("merchantId") != nil {
		t.Errorf("creation must return the short form: %s", p.raw)
	}
	buy := func(price string, quantity string) response {
		return s.call("POST", "/checkout/sessions", `{`+after+`,"lineItems":[{"price":"`+price+`","quantity":`+quantity+`}]}`)
	}
	price := func(body string) string {
		t.Helper()
		return s.text(s.call("POST", "/prices?productId="+product, body), "id")
	}
	s.want(buy(first, "4"), 400, "price_sold_out", "lineItems[0].price")
	s.want(buy(price(`{"unitAmount":1,"active":false}`), "1"), 400, "price_inactive", "lineItems[0].price")
	s.want(buy(price(`{"unitAmount":1,"startDate":"2026-06-01T00:00:00Z"}`), "1"), 400, "price_not_yet_active", "lineItems[0].price")
	s.want(buy(price(`{"unitAmount":1,"expirationDate":"2026-05-01T00:00:00+03:00"}`), "1"), 400, "price_expired", "lineItems[0].price")
	s.want(buy(price(`{"unitAmount":1,"type":"RECURRING","recurring":{"interval":"MONTH"}}`), "1"), 400, "price_recurring_not_supported", "lineItems[0].price")
	custom := price(`{"type":"CUSTOM","customUnitAmount":{"minimum":100,"preset":250}}`)
	s.values(buy(custom, "1"), map[string]any{"amountTotal": 250})
	for body, want := range map[string]string{
		`{}`:                                  "parameter_missing unitAmount",
		`{"type":"CUSTOM","unitAmount":1}`:    "parameters_exclusive unitAmount",
		`{"type":"RECURRING","unitAmount":1}`: "parameter_requires_another recurring",
		`{"unitAmount":1,"startDate":"2026-05-01"}`: "parameter_invalid startDate",
		`{"unitAmount":1,"stock":-1}`:               "price_stock_invalid stock",
		`{"unitAmount":1,"startDate":"2026-05-02T00:00:00Z","expirationDate":"2026-05-02T00:00:00Z"}`: "price_date_range_invalid startDate",
	} {
		f := strings.Fields(want)
		s.want(s.call("POST", "/prices?productId="+product, body), 400, f[0], f[1])
	}
	s.want(s.call("POST", "/prices?productId=prod_x", `{"unitAmount":1}`), 404, "resource_missing", "productId")
	s.want(s.call("POST", "/prices", `{"unitAmount":1}`), 400, "parameter_missing", "productId")
	s.pay(s.text(buy(first, "3"), "id"))
	a := s.call("GET", "/products/"+product, "")
	s.values(a, map[string]any{"prices.0.stock": 0, "defaultPriceId": first})
	s.want(s.call("PATCH", "/prices/"+first, `{"unitAmount":600}`), 400, "price_immutable_while_used", "")
	s.values(s.call("PATCH", "/prices/"+first, `{"stock":null,"name":"Old"}`), map[string]any{"stock": nil, "name": "Old", "unitAmount": 500})
	s.want(s.call("DELETE", "/prices/"+first, ""), 400, "resource_invalid_state", "id")
	s.want(s.call("DELETE", "/products/"+product, ""), 400, "resource_invalid_state", "id")
	s.values(s.call("PATCH", "/products/"+product, `{"defaultPrice":"","description":"d","metadata":{"b":"2"},"active":false}`), map[string]any{"defaultPriceId": nil, "active": false, "metadata.b": "2"})
	s.values(s.call("PATCH", "/products/"+product, `{"metadata":{"c":"3"},"description":null}`), map[string]any{"metadata.b": "2", "metadata.c": "3", "description": nil})
	fresh := s.text(s.call("POST", "/products", `{"name":"Pin","defaultPrice":{"unitAmount":1}}`), "id")
	if a := s.call("DELETE", "/products/"+fresh, ""); a.status != 204 || a.raw != "" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	s.want(s.call("GET", "/products/"+fresh, ""), 404, "resource_missing", "id")
}

func TestLinks(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	p := s.call("POST", "/products", `{"name":"Ticket","defaultPrice":{"unitAmount":500}}`)
	body := `{"lineItems":[{"priceId":"` + s.text(p, "prices.0.id") + `","quantity":2}],` + after
	a := s.call("POST", "/payment-links", body+`,"customFields":[{"label":"Size","type":"TEXT","isOptional":false}],"expiresAt":"2026-05-10T00:00:00Z"}`)
	id := s.text(a, "id")
	s.values(a, map[string]any{"computedAmount": 1000, "active": true, "currency": "EGP", "customFields.0.key": "size", "url": nil})
	s.want(s.call("POST", "/payment-links", body+`,"currency":"EGP"}`), 400, "parameter_unknown", "currency")
	s.want(s.call("POST", "/payment-links", body+`,"customFields":[{"label":"Size","type":"TEXT"}]}`), 400, "parameter_missing", "customFields[0].isOptional")
	s.want(s.call("POST", "/payment-links", `{`+after+`}`), 400, "parameter_missing", "lineItems")
	for query, n := range map[string]int{
		"": 1, "?active=false": 0, "?search=tick,x": 1, "?search=x": 0, "?amount=eq:1000": 1, "?amount=bt:10,999": 0, "?amount=gt:999": 1, "?amount=lt:1000": 0,
		"?date=last:7,days": 1, "?date=eq:2026-05-09": 1, "?date=bt:2026-01-01,2026-05-08": 0, "?page=2": 0, "?liveMode=false": 1,
	} {
		a := s.call("GET", "/payment-links"+query, "")
		if rows, _ := a.body["data"].([]any); a.status != 200 || len(rows) != n {
			t.Errorf("%s: %s", query, a.raw)
		}
	}
	for query, param := range map[string]string{"?amount=ne:1": "amount", "?date=eq:1": "date", "?timezone=Mars/Base": "timezone"} {
		s.want(s.call("GET", "/payment-links"+query, ""), 400, "parameter_invalid", param)
	}
	s.want(s.call("GET", "/payment-links?page=0", ""), 400, "parameter_out_of_range", "page")
	done := s.pay(id)
	s.values(s.call("GET", "/checkout/sessions/"+done.SessionID, ""), map[string]any{"paymentLinkId": id, "paymentStatus": "paid", "amountTotal": 1000})
	s.values(s.call("PATCH", "/payment-links/"+id, `{"active":false,"expiresAt":null,"customFields":[]}`), map[string]any{"active": false, "expiresAt": nil, "customFields": "[]"})
	if a := s.call("POST", "/_sandbox/pay", `{"id":"`+id+`"}`); a.status != 409 || !strings.Contains(a.raw, "payment_link_inactive") {
		t.Errorf("%d %s", a.status, a.raw)
	}
	s.call("PATCH", "/payment-links/"+id, `{"active":true,"expiresAt":"2026-05-01T00:00:00Z"}`)
	if a := s.call("POST", "/_sandbox/pay", `{"id":"`+id+`"}`); a.status != 409 || !strings.Contains(a.raw, "payment_link_expired") {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestCustomers(t *testing.T) {
	s := open(t)
	a := s.call("POST", "/customers", `{"name":"Mona","email":"mona@shop.example","phone":"010 1234-5678"}`)
	s.values(a, map[string]any{"phone": "+201012345678", "type": "registered", "guestFingerprint": nil})
	s.values(s.call("POST", "/customers", `{"phone":"ext. 12"}`), map[string]any{"phone": "ext. 12", "email": nil})
	s.want(s.call("POST", "/customers", `{"email":"MONA@shop.example"}`), 409, "resource_invalid_state", "email")
	s.want(s.call("POST", "/customers", `{"name":"Mona"}`), 400, "parameter_missing", "email")
	s.want(s.call("POST", "/customers", `{"email":"mona"}`), 400, "parameter_invalid", "email")
	s.want(s.call("POST", "/customers", `{"phone":"1","currency":"XXX"}`), 400, "currency_invalid", "currency")
	a = s.session(`,"customerId":"` + s.text(a, "id") + `","customerUpdate":{"name":"auto"}`)
	s.values(a, map[string]any{"customer.name": "Mona", "customerUpdate.name": "auto"})
}
