package qpaytest_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/specpay/specpay/qpay/qpaytest"
)

func (s *shop) check(id string) response {
	s.t.Helper()
	return s.call("POST", "/v2/payment/check", fmt.Sprintf(`{"object_type":"INVOICE","object_id":%q}`, id))
}

// row returns a row of a response.
func (s *shop) row(a response, i int) map[string]any {
	s.t.Helper()
	rows, _ := a.body["rows"].([]any)
	if i >= len(rows) {
		s.t.Fatalf("no row %d in %s", i, a.raw)
	}
	row, _ := rows[i].(map[string]any)
	return row
}

func wantMembers(t *testing.T, got map[string]any, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
}

func TestBankTransfer(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	id := s.invoice("")
	if got := s.check(id); got.body["count"] != 0.0 || got.body["paid_amount"] != 0.0 {
		t.Errorf("unpaid: %s", got.raw)
	}
	paymentID := s.pay(id)
	if !regexp.MustCompile(`^[1-9]\d{14}$`).MatchString(paymentID) {
		t.Errorf("payment ID %q is not 15 digits", paymentID)
	}
	got := s.call("GET", "/v2/payment/"+paymentID, "")
	wantMembers(t, got.body, map[string]any{
		"payment_id": paymentID, "payment_status": "PAID", "payment_fee": "1.00", "payment_amount": "100.00", "payment_currency": "MNT",
		"payment_date": "2026-01-30T07:02:05.000Z", "transaction_type": "P2P", "object_type": "INVOICE", "object_id": id, "next_payment_date": nil,
	})
	transfers, _ := got.body["p2p_transactions"].([]any)
	if cards, _ := got.body["card_transactions"].([]any); len(cards) != 0 || len(transfers) != 1 {
		t.Fatalf("got %s", got.raw)
	}
	transfer, _ := transfers[0].(map[string]any)
	wantMembers(t, transfer, map[string]any{"amount": "99.00", "status": "SUCCESS", "settlement_status": "SETTLED", "account_number": "50*******"})
	checked := s.check(id)
	if checked.body["count"] != 1.0 || checked.body["paid_amount"] != 100.0 {
		t.Errorf("paid: %s", checked.raw)
	}
	wantMembers(t, s.row(checked, 0), map[string]any{
		"payment_id": paymentID, "trx_fee": "1.00", "payment_type": "P2P", "payment_wallet": "qPay wallet", "payment_fee": nil,
	})
	if got := s.call("GET", "/v2/invoice/"+id, ""); got.body["invoice_status"] != "CLOSED" {
		t.Errorf("got %s", got.raw)
	}
	for _, verb := range []string{"cancel", "refund"} {
		s.want(s.call("DELETE", "/v2/payment/"+verb+"/"+paymentID, `{"note":"n"}`), 400, "PAYMENT_SETTLED")
	}
	s.want(s.call("GET", "/v2/payment/"+id, ""), 422, "PAYMENT_NOTFOUND")
	s.wantLedger("invoice.created", "payment.paid")
}

func TestCardPayment(t *testing.T) {
	for verb, kind := range map[string]string{"cancel": "payment.canceled", "refund": "payment.refunded"} {
		s := open(t)
		id := s.invoice("")
		paymentID := s.pay(id, qpaytest.PayByCard())
		path := "/v2/payment/" + verb + "/" + paymentID
		s.wantField(s.call("DELETE", path, fmt.Sprintf(`{"note":"%0256d"}`, 0)), "note", "MAX_LENGTH")
		if got := s.call("DELETE", path, ""); got.status != 200 || got.raw != "{}" {
			t.Errorf("%s: got %d %s", verb, got.status, got.raw)
		}
		if got := s.call("GET", "/v2/payment/"+paymentID, ""); got.body["payment_status"] != "REFUNDED" {
			t.Errorf("%s: got %s", verb, got.raw)
		}
		s.want(s.call("DELETE", path, `{"note":"n"}`), 400, "PAYMENT_ALREADY_CANCELED")
		s.want(s.call("DELETE", "/v2/payment/"+verb+"/none", ""), 422, "PAYMENT_NOTFOUND")
		if got := s.check(id); got.body["count"] != 1.0 || got.body["paid_amount"] != 0.0 {
			t.Errorf("%s: %s", verb, got.raw)
		}
		s.wantLedger("invoice.created", "payment.paid", kind)
	}
}

func TestCardTransactions(t *testing.T) {
	s := open(t)
	id := s.invoice("")
	paymentID := s.pay(id, qpaytest.PayByCard())
	card := func(holder map[string]any) map[string]any {
		cards, _ := holder["card_transactions"].([]any)
		one, _ := cards[0].(map[string]any)
		return one
	}
	read := func() (get, check map[string]any) {
		return card(s.call("GET", "/v2/payment/"+paymentID, "").body), card(s.row(s.check(id), 0))
	}
	get, check := read()
	wantMembers(t, get, map[string]any{"transaction_amount": "100.00", "transaction_status": "SUCCESS", "amount": nil, "settlement_status": "PENDING"})
	wantMembers(t, check, map[string]any{"transaction_amount": nil, "amount": "100.00", "status": "SUCCESS", "card_type": "UNIONPAY", "is_cross_border": false})
	if _, err := s.srv.Config(func(c *qpaytest.Config) { c.Cards = "both" }); err != nil {
		t.Fatal(err)
	}
	get, check = read()
	for _, one := range []map[string]any{get, check} {
		wantMembers(t, one, map[string]any{"transaction_amount": "100.00", "amount": "100.00"})
	}
}

func TestPay(t *testing.T) {
	const partial = `,"allow_partial":true,"minimum_amount":30`
	const exceed = `,"allow_exceed":true,"maximum_amount":"150"`
	for _, c := range []struct {
		name, more, body string
		status           int
	}{
		{"full amount", ``, `"amount":"100.00"`, 200},
		{"partial amount", ``, `"amount":"40"`, 409},
		{"allowed partial amount", partial, `"amount":"40"`, 200},
		{"below the minimum", partial, `"amount":"29.99"`, 409},
		{"excess amount", ``, `"amount":100.01`, 409},
		{"allowed excess amount", exceed, `"amount":150`, 200},
		{"above the maximum", exceed, `"amount":"150.01"`, 409},
		{"zero", partial, `"amount":"0"`, 400},
		{"negative amount", partial, `"amount":"-5"`, 400},
		{"not a number", ``, `"amount":"much"`, 400},
		{"unknown method", ``, `"method":"CASH"`, 400},
		{"unknown outcome", ``, `"outcome":"maybe"`, 400},
		{"expired invoice", `,"expiry_date":"2026-01-29"`, `"method":"P2P"`, 409},
		{"invoice on its last day", `,"expiry_date":"2026-01-30"`, `"outcome":"paid"`, 200},
		{"expired invoice with enable_expiry", `,"expiry_date":"2026-01-29 10:00:00","enable_expiry":true`, `"method":"CARD"`, 200},
	} {
		s := open(t, qpaytest.WithTime(start()))
		id := s.invoice(c.more)
		if got := s.call("POST", "/_sandbox/pay", `{"id":"`+id+`",`+c.body+`}`); got.status != c.status {
			t.Errorf("%s: got %d %s, want %d", c.name, got.status, got.raw, c.status)
		}
	}
	s := open(t)
	if got := s.call("POST", "/_sandbox/pay", `{"id":"none"}`); got.status != 400 {
		t.Errorf("unknown invoice: got %d %s", got.status, got.raw)
	}
}

func TestPartialPayments(t *testing.T) {
	s := open(t)
	id := s.invoice(`,"allow_partial":true`)
	first := s.pay(id, qpaytest.PayAmount("40.50"))
	if got := s.call("GET", "/v2/invoice/"+id, ""); got.body["invoice_status"] != "OPEN" {
		t.Errorf("paid in part: %s", got.raw)
	}
	s.want(s.call("DELETE", "/v2/invoice/"+id, ""), 400, "INVOICE_PAID")
	second := s.pay(id)
	got := s.check(id)
	if got.body["count"] != 2.0 || got.body["paid_amount"] != 100.0 {
		t.Errorf("got %s", got.raw)
	}
	wantMembers(t, s.row(got, 0), map[string]any{"payment_id": first, "payment_amount": "40.50", "trx_fee": "0.41"})
	wantMembers(t, s.row(got, 1), map[string]any{"payment_id": second, "payment_amount": "59.50"})
	if got := s.call("GET", "/v2/invoice/"+id, ""); got.body["invoice_status"] != "CLOSED" {
		t.Errorf("paid: %s", got.raw)
	}
}

func TestFailedPayment(t *testing.T) {
	s := open(t)
	id := s.invoice("")
	paymentID := s.pay(id, qpaytest.PayFails(), qpaytest.PayByCard())
	if len(s.srv.Deliveries()) != 0 {
		t.Error("a callback was sent for a failed payment")
	}
	got := s.check(id)
	if got.body["count"] != 1.0 || got.body["paid_amount"] != 0.0 {
		t.Errorf("got %s", got.raw)
	}
	wantMembers(t, s.row(got, 0), map[string]any{"payment_status": "FAILED"})
	s.want(s.call("DELETE", "/v2/payment/refund/"+paymentID, ""), 400, "PAYMENT_NOT_PAID")
	s.pay(id)
	s.wantLedger("invoice.created", "payment.failed", "payment.paid")
}

func TestUnpaidAmount(t *testing.T) {
	s := open(t)
	id := s.invoice("")
	for _, form := range []string{"zero", "null", "absent"} {
		if _, err := s.srv.Config(func(c *qpaytest.Config) { c.UnpaidAmount = form }); err != nil {
			t.Fatal(err)
		}
		value, present := s.check(id).body["paid_amount"]
		if present != (form != "absent") || (value != nil) != (form == "zero") {
			t.Errorf("%s: got %v, %v", form, value, present)
		}
	}
}

func TestPaymentDate(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	if err := s.srv.Advance(90 * time.Minute); err != nil {
		t.Fatal(err)
	}
	got := s.call("GET", "/v2/payment/"+s.pay(s.invoice("")), "")
	wantMembers(t, got.body, map[string]any{"payment_date": "2026-01-30T08:32:05.000Z"})
}
