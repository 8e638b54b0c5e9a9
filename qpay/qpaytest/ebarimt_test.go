package qpaytest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specpay/specpay/qpay/qpaytest"
)

func (s *shop) receipt(path, paymentID, more string) response {
	s.t.Helper()
	return s.call("POST", path, fmt.Sprintf(`{"payment_id":%q,"ebarimt_receiver_type":"CITIZEN","ebarimt_receiver":"88614450"%s}`, paymentID, more))
}

const receiptsV2, receiptsV3 = "/v2/ebarimt/create", "/v2/ebarimt_v3/create"

func TestReceiptsV3(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	paymentID := s.pay(s.invoice(""))
	created := s.receipt(receiptsV3, paymentID, `,"district_code":"3505","classification_code":"0000010"`)
	wantMembers(t, created.body, map[string]any{
		"barimt_status": "REGISTERED", "amount": "100.00", "vat_amount": "9.09", "g_payment_id": paymentID, "paid_by": "P2P",
		"ebarimt_receiver": "88614450", "ebarimt_district_code": "3505", "tax_type": "1", "status": true,
	})
	if len(s.text(created, "ebarimt_receipt_id")) != 33 {
		t.Errorf("receipt ID %v", created.body["ebarimt_receipt_id"])
	}
	if got := s.call("GET", "/v2/ebarimt/"+s.text(created, "id"), ""); got.raw != created.raw {
		t.Errorf("getEbarimt returned %s, createEbarimtV3 %s", got.raw, created.raw)
	}
	if got := s.call("DELETE", "/v2/ebarimt_v3/"+paymentID, `{"note":"n"}`); got.body["barimt_status"] != "CANCELED" {
		t.Errorf("got %s", got.raw)
	}
	s.want(s.call("DELETE", "/v2/ebarimt_v3/"+paymentID, ``), 400, "EBARIMT_CANCEL_NOTSUPPERDED")
	s.wantLedger("invoice.created", "payment.paid", "ebarimt.registered", "ebarimt.canceled")
}

// TestNumericIDs: the response is checked against the spec, which permits both forms.
func TestNumericIDs(t *testing.T) {
	s := open(t, qpaytest.WithConfig(func(c *qpaytest.Config) { c.NumericIDs = true }))
	paymentID := s.pay(s.invoice(""))
	got := s.receipt(receiptsV3, paymentID, "")
	for _, want := range []string{`"g_payment_id":` + strings.TrimLeft(paymentID, "0") + `,`, `"merchant_register":1234567,`, `"merchant_tin":30101065006,`} {
		if !strings.Contains(got.raw, want) {
			t.Errorf("got %s, want a response with %s", got.raw, want)
		}
	}
	if strings.Contains(got.raw, "merchant_register_no") {
		t.Errorf("got %s, want the register number once", got.raw)
	}
}

func TestReceiptsV2(t *testing.T) {
	s := open(t)
	paymentID := s.pay(s.invoice(`,"tax_type":"2"`))
	created := s.receipt(receiptsV2, paymentID, "")
	wantMembers(t, created.body, map[string]any{"vat_amount": "0.00", "tax_type": "2", "ebarimt_receipt_id": nil})
	path := "/v2/ebarimt/" + s.text(created, "id")
	s.want(s.call("DELETE", "/v2/ebarimt_v3/"+paymentID, ""), 422, "BARIMT_NOT_FOUND")
	if got := s.call("DELETE", path, ""); got.status != 200 || got.raw != "{}" {
		t.Errorf("got %d %s", got.status, got.raw)
	}
	s.want(s.call("DELETE", path, ""), 400, "EBARIMT_CANCEL_NOTSUPPERDED")
	if got := s.call("GET", path, ""); got.body["barimt_status"] != "CANCELED" {
		t.Errorf("got %s", got.raw)
	}
	s.want(s.call("GET", "/v2/ebarimt/none", ""), 422, "BARIMT_NOT_FOUND")
	s.want(s.call("DELETE", "/v2/ebarimt/none", ""), 500, "SYSTEM_BUSY")
	if _, err := s.srv.Config(func(c *qpaytest.Config) { c.EmptyEbarimt = true }); err != nil {
		t.Fatal(err)
	}
	if got := s.receipt(receiptsV2, paymentID, ""); got.status != 200 || got.raw != "{}" {
		t.Errorf("got %d %s", got.status, got.raw)
	}
}

func TestInvalidReceipts(t *testing.T) {
	s := open(t)
	paymentID := s.pay(s.invoice(""), qpaytest.PayByCard())
	refunded := s.pay(s.invoice(""), qpaytest.PayByCard())
	s.call("DELETE", "/v2/payment/refund/"+refunded, "")
	for _, path := range []string{receiptsV2, receiptsV3} {
		s.want(s.receipt(path, "none", ""), 422, "PAYMENT_NOTFOUND")
		s.want(s.receipt(path, refunded, ""), 400, "PAYMENT_NOT_PAID")
		s.wantField(s.call("POST", path, `{"payment_id":"`+paymentID+`","ebarimt_receiver_type":"83"}`), "ebarimt_receiver_type", "INVALID")
		s.wantField(s.call("POST", path, `{"ebarimt_receiver_type":"CITIZEN"}`), "payment_id", "INVALID")
		s.want(s.call("POST", path, `{"payment_id":"`+paymentID+`","ebarimt_receiver_type":"COMPANY","ebarimt_receiver":"1"}`), 400, "CUSTOMER_REGISTER_INVALID")
	}
	s.want(s.receipt(receiptsV3, paymentID, `,"classification_code":"1"`), 400, "CLASSIFICATION_CODE_INVALID")
	s.want(s.call("DELETE", "/v2/ebarimt_v3/none", ""), 422, "PAYMENT_NOTFOUND")
}

func TestSubscription(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	const subscribe = `"allow_subscribe":true`
	s.want(s.create(subscribe, `"subscription_interval":"1M"`, `"subscription_webhook":"http://127.0.0.1:1/s"`), 400, "INVOICE_LINE_REQUIRED")
	for _, wrong := range []string{"0D", "1Y", "12345D", "1M "} {
		s.wantField(s.create(subscribe, `"subscription_interval":"`+wrong+`"`), "subscription_interval", "INVALID")
	}
	var id, invoiceID string
	for interval, next := range map[string]string{"1M": "2026-03-02T07:02:05.000Z", "2W": "2026-02-13T07:02:05.000Z", "31D": "2026-03-02T07:02:05.000Z"} {
		got := s.create(subscribe, `"subscription_interval":"`+interval+`"`, `"subscription_webhook":"http://127.0.0.1:1/s"`, `"lines":[`+oneLine+`]`)
		sub, _ := got.body["subscription"].(map[string]any)
		wantMembers(t, sub, map[string]any{"interval": interval, "is_active": true, "next_payment_date": next, "webhook": "http://127.0.0.1:1/s"})
		id, invoiceID = fmt.Sprint(sub["id"]), s.text(got, "invoice_id")
	}
	if _, err := payByControl(s, invoiceID); err == nil {
		t.Error("an invoice with a subscription was paid by bank transfer")
	}
	s.pay(invoiceID, qpaytest.PayByCard())
	if next := s.row(s.check(invoiceID), 0)["next_payment_date"]; next == nil {
		t.Error("the payment of a subscription has no next_payment_date")
	}
	path := "/v2/subscription/" + id
	for range 2 {
		if got := s.call("DELETE", path, ""); got.status != 200 || got.raw != "{}" {
			t.Errorf("got %d %s", got.status, got.raw)
		}
	}
	wantMembers(t, s.call("GET", path, "").body, map[string]any{"is_active": false, "status": false})
	s.want(s.call("GET", "/v2/subscription/none", ""), 422, "INFORM_NOTFOUND")
	s.want(s.call("DELETE", "/v2/subscription/none", ""), 422, "INFORM_NOTFOUND")
	canceled := 0
	for _, entry := range s.srv.Ledger() {
		if entry.Kind == "subscription.canceled" {
			canceled++
		}
	}
	if canceled != 1 {
		t.Errorf("the ledger has %d cancellations, want 1", canceled)
	}
}
