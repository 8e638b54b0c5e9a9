package qpaytest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/qpay/qpaytest"
)

func TestCheckPayment(t *testing.T) {
	s := open(t)
	id := s.invoice("")
	paymentID := s.pay(id)
	check := func(kind, id, more string) response {
		return s.call("POST", "/v2/payment/check", fmt.Sprintf(`{"object_type":%q,"object_id":%q%s}`, kind, id, more))
	}
	offset := func(number, limit string) string {
		return `,"offset":{"page_number":` + number + `,"page_limit":` + limit + `}`
	}
	s.want(check("INVOICE", paymentID, ""), 422, "INVOICE_NOTFOUND")
	s.want(check("QR", "none", ""), 422, "QRCODE_NOTFOUND")
	s.want(check("MERCHANT", id, ""), 400, "INVALID_OBJECT_TYPE")
	s.want(check("", id, ""), 400, "INVALID_OBJECT_TYPE")
	s.wantField(check("INVOICE", "", ""), "object_id", "INVALID")
	s.wantField(check("INVOICE", strings.Repeat("x", 51), ""), "object_id", "MAX_LENGTH")
	s.wantField(check("INVOICE", id, offset("0", "10")), "page_number", "MIN_NUMBER")
	s.wantField(check("INVOICE", id, offset("1", "0")), "page_limit", "MIN_NUMBER")
	s.wantField(check("INVOICE", id, `,"offset":{}`), "page_limit", "MIN_NUMBER")
	s.wantField(check("INVOICE", id, offset(`"1"`, "10")), "page_number", "INVALID")
	if got := check("INVOICE", id, offset("0", "1")); !strings.Contains(got.raw, "Number min value [1]!") {
		t.Errorf("got %s", got.raw)
	}
	for _, more := range []string{"", `,"offset":null`, offset("1", "100"), offset("1", "1000")} {
		if got := check("INVOICE", id, more); got.body["count"] != 1.0 || s.row(got, 0)["payment_id"] != paymentID {
			t.Errorf("%s: got %s", more, got.raw)
		}
	}
	if got := check("INVOICE", id, offset("9223372036854775807", "9223372036854775807")); got.body["count"] != 1.0 || !strings.Contains(got.raw, `"rows":[]`) {
		t.Errorf("got %s", got.raw)
	}
	if got := check("ITEM", "any", ""); got.body["count"] != 0.0 {
		t.Errorf("got %s", got.raw)
	}
	if _, err := s.srv.Config(func(c *qpaytest.Config) { c.StrictPageLimit = true }); err != nil {
		t.Fatal(err)
	}
	s.wantField(check("INVOICE", id, offset("1", "101")), "page_limit", "MAX_NUMBER")
}

func (s *shop) list(kind, id, more string) response {
	s.t.Helper()
	return s.call("POST", "/v2/payment/list", fmt.Sprintf(`{"object_type":%q,"object_id":%q%s}`, kind, id, more))
}

const firstPage = `,"offset":{"page_number":1,"page_limit":100}`

func TestListPayments(t *testing.T) {
	s := open(t, qpaytest.WithTime(start()))
	var payments []string
	for i := range 3 {
		payments = append(payments, s.pay(s.invoice(fmt.Sprintf(`,"sender_branch_code":"B%d"`, i))))
		if err := s.srv.Advance(24 * time.Hour); err != nil {
			t.Fatal(err)
		}
		s.login()
	}
	ids := func(a response) string {
		t.Helper()
		var found []string
		rows, _ := a.body["rows"].([]any)
		for i := range rows {
			found = append(found, fmt.Sprint(s.row(a, i)["payment_id"]))
		}
		return strings.Join(found, " ")
	}
	all := strings.Join(payments, " ")
	for what, c := range map[string]struct {
		got  response
		want string
	}{
		"by merchant":     {s.list("MERCHANT", s.srv.MerchantID(), firstPage), all},
		"by invoice code": {s.list("INVOICE", s.srv.InvoiceCode(), firstPage), all},
		"another code":    {s.list("INVOICE", s.srv.EbarimtInvoiceCode(), firstPage), ""},
		"a branch":        {s.list("MERCHANT", s.srv.MerchantID(), firstPage+`,"merchant_branch_code":"B1"`), payments[1]},
		"a terminal":      {s.list("MERCHANT", s.srv.MerchantID(), firstPage+`,"merchant_terminal_code":"T"`), ""},
		"from a time on":  {s.list("MERCHANT", s.srv.MerchantID(), firstPage+`,"start_date":"2026-01-31 15:02:05"`), payments[1] + " " + payments[2]},
		"until a date":    {s.list("MERCHANT", s.srv.MerchantID(), firstPage+`,"end_date":"2026-01-31"`), payments[0] + " " + payments[1]},
		"ISO 8601":        {s.list("MERCHANT", s.srv.MerchantID(), firstPage+`,"end_date":"2026-01-30T07:02:05Z"`), payments[0]},
		"second page":     {s.list("MERCHANT", s.srv.MerchantID(), `,"offset":{"page_number":2,"page_limit":2}`), payments[2]},
		"past the end":    {s.list("MERCHANT", s.srv.MerchantID(), `,"offset":{"page_number":9,"page_limit":2}`), ""},
	} {
		if got := ids(c.got); c.got.status != 200 || got != c.want {
			t.Errorf("%s: got %q, want %q in %s", what, got, c.want, c.got.raw)
		}
	}
	first := s.row(s.list("MERCHANT", s.srv.MerchantID(), firstPage), 0)
	wantMembers(t, first, map[string]any{"payment_fee": "1.00", "payment_amount": "100.00", "paid_by": "P2P", "object_type": "INVOICE", "payment_description": "test"})
	qr := fmt.Sprint(first["qr_code"])
	if got := s.list("QR", qr, firstPage); ids(got) != payments[0] {
		t.Errorf("by QR: %s", got.raw)
	}
	if got := s.call("POST", "/v2/payment/check", `{"object_type":"QR","object_id":"`+qr+`"}`); ids(got) != payments[0] {
		t.Errorf("check by QR: %s", got.raw)
	}
}

func TestInvalidLists(t *testing.T) {
	s := open(t)
	s.want(s.list("MERCHANT", s.srv.InvoiceCode(), firstPage), 401, "PERMISSION_DENIED")
	s.want(s.list("INVOICE", s.invoice(""), firstPage), 400, "INVOICE_CODE_INVALID")
	s.want(s.list("QR", "none", firstPage), 422, "QRCODE_NOTFOUND")
	s.want(s.list("ITEM", "x", firstPage), 400, "INVALID_OBJECT_TYPE")
	s.want(s.list("MERCHANT", s.srv.MerchantID(), `,"offset":{"page_number":10001,"page_limit":1}`), 500, "SYSTEM_BUSY")
	s.wantField(s.list("MERCHANT", s.srv.MerchantID(), ""), "page_limit", "MIN_NUMBER")
	s.wantField(s.list("MERCHANT", s.srv.MerchantID(), firstPage+`,"start_date":"soon"`), "start_date", "INVALID")
	s.wantField(s.list("MERCHANT", s.srv.MerchantID(), firstPage+`,"end_date":7`), "end_date", "INVALID")
	s.wantField(s.list("MERCHANT", "", firstPage), "object_id", "INVALID")
}
