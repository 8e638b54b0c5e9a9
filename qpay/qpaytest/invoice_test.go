package qpaytest_test

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
	"github.com/specpay/specpay/qpay/qpaytest"
)

func TestCreateInvoice(t *testing.T) {
	s := open(t)
	got := s.call("POST", "/v2/invoice", simpleInvoice)
	text := s.text(got, "qr_text")
	if !strings.HasPrefix(s.text(got, "qPay_shortUrl"), "https://s.qpay.mn/") {
		t.Errorf("short URL %v", got.body["qPay_shortUrl"])
	}
	links, _ := got.body["urls"].([]any)
	if len(links) != 16 {
		t.Fatalf("%d bank links, want 16", len(links))
	}
	khan, _ := links[0].(map[string]any)
	if khan["link"] != "khanbank://q?qPay_QRcode="+text || khan["logo"] != "https://qpay.mn/q/logo/khanbank.png" {
		t.Errorf("first link %v", khan)
	}
	checkQRImage(t, s.text(got, "qr_image"), text)
}

// checkQRImage checks that an image is the QR code of text.
func checkQRImage(t *testing.T, image, text string) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(image)
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	side, modules := got.Bounds().Dx(), want.Bounds().Dx()
	scale := side / (modules + 8)
	border := (side - modules*scale) / 2
	for y := range modules {
		for x := range modules {
			a, _, _, _ := got.At(border+x*scale+scale/2, border+y*scale+scale/2).RGBA()
			b, _, _, _ := want.At(x, y).RGBA()
			if a != b {
				t.Fatalf("module %d,%d of the image differs from the QR code of the text", x, y)
			}
		}
	}
}

func TestInvoiceConfig(t *testing.T) {
	s := open(t, with(func(c *qpaytest.Config) {
		c.EmptyQRImage, c.Links, c.SenderData, c.Money = true, "qPay_deeplink", "object", "number"
	}))
	got := s.call("POST", "/v2/invoice", simpleInvoice)
	if links, _ := got.body["qPay_deeplink"].([]any); got.body["qr_image"] != "" || len(links) != 16 || got.body["urls"] != nil {
		t.Errorf("got %s", got.raw)
	}
	read := s.call("GET", "/v2/invoice/"+s.text(got, "invoice_id"), "")
	if party, _ := read.body["sender_branch_data"].(map[string]any); party == nil || read.body["total_amount"] != 100.0 {
		t.Errorf("got %s", read.raw)
	}
	if _, err := s.srv.Config(func(c *qpaytest.Config) { c.SenderData = "null" }); err != nil {
		t.Fatal(err)
	}
	read = s.call("GET", "/v2/invoice/"+s.text(got, "invoice_id"), "")
	if party, present := read.body["sender_branch_data"]; party != nil || !present {
		t.Errorf("got %s", read.raw)
	}
}

func TestInvoiceStates(t *testing.T) {
	s := open(t)
	id := s.invoice(`,"note":"n","sender_branch_code":"B"`)
	got := s.call("GET", "/v2/invoice/"+id, "")
	for name, want := range map[string]any{
		"invoice_status": "OPEN", "sender_invoice_no": "1234567", "total_amount": "100.00", "gross_amount": "100.00",
		"sender_branch_data": "", "sender_terminal_code": nil, "minimum_amount": nil, "note": "n", "enable_expiry": false,
	} {
		if got.body[name] != want {
			t.Errorf("%s is %v, want %v", name, got.body[name], want)
		}
	}
	if got := s.call("DELETE", "/v2/invoice/"+id, "{}"); got.status != 200 || got.raw != "{}" {
		t.Errorf("cancel: got %d %q", got.status, got.raw)
	}
	if got := s.call("GET", "/v2/invoice/"+id, ""); got.body["invoice_status"] != "CANCELED" {
		t.Errorf("got %s", got.raw)
	}
	s.want(s.call("DELETE", "/v2/invoice/"+id, ""), 400, "INVOICE_ALREADY_CANCELED")
	if _, err := payByControl(s, id); err == nil {
		t.Error("a canceled invoice was paid")
	}
	paid := s.invoice("")
	s.pay(paid)
	s.want(s.call("DELETE", "/v2/invoice/"+paid, ""), 400, "INVOICE_PAID")
	s.want(s.call("GET", "/v2/invoice/none", ""), 422, "INVOICE_NOTFOUND")
	s.want(s.call("DELETE", "/v2/invoice/none", ""), 422, "INVOICE_NOTFOUND")
	want := []string{"invoice.created", "invoice.canceled", "invoice.created", "payment.paid"}
	s.wantLedger(want...)
}

func (s *shop) wantLedger(kinds ...string) {
	s.t.Helper()
	var got []string
	for _, entry := range s.srv.Ledger() {
		got = append(got, entry.Kind)
	}
	if strings.Join(got, " ") != strings.Join(kinds, " ") {
		s.t.Errorf("ledger %v, want %v", got, kinds)
	}
}

// A repeated sender_invoice_no creates another invoice.
func TestRepeatedInvoiceNumber(t *testing.T) {
	s := open(t)
	if first, second := s.invoice(""), s.invoice(""); first == second {
		t.Error("two requests with the same number created one invoice")
	}
	for _, entry := range s.srv.Ledger() {
		if entry.Kind != "invoice.created" || entry.Key != "1234567" || entry.Amount != "100.00" {
			t.Errorf("entry %+v", entry)
		}
	}
	s.wantLedger("invoice.created", "invoice.created")
}

func TestStatusConfig(t *testing.T) {
	s := open(t, with(func(c *qpaytest.Config) {
		c.NotFoundStatus, c.ConflictStatus, c.AmountStatus, c.PermissionStatus = 404, 409, 400, 403
		c.InvoiceCodeInvalid, c.EmptyResponse = "field", "204"
	}))
	s.want(s.call("GET", "/v2/invoice/none", ""), 404, "INVOICE_NOTFOUND")
	s.want(s.create(`"amount":0`), 400, "INVALID_AMOUNT")
	s.wantField(s.create(`"invoice_code":"test_invoice"`), "invoice_code", "INVALID")
	s.want(s.call("POST", "/v2/payment/list", `{"object_type":"MERCHANT","object_id":"x","offset":{"page_number":1,"page_limit":1}}`), 403, "PERMISSION_DENIED")
	id := s.invoice("")
	if got := s.call("DELETE", "/v2/invoice/"+id, ""); got.status != 204 {
		t.Errorf("cancel: got %d", got.status)
	}
	s.want(s.call("DELETE", "/v2/invoice/"+id, ""), 409, "INVOICE_ALREADY_CANCELED")
}

func TestEnvelopeConfig(t *testing.T) {
	s := open(t, with(func(c *qpaytest.Config) { c.ErrorKey, c.Messages = "error_code", "text" }))
	got := s.call("GET", "/v2/invoice/none", "")
	if got.body["error_code"] != "INVOICE_NOTFOUND" || got.body["error"] != nil || !strings.Contains(s.text(got, "message"), " ") {
		t.Errorf("got %s", got.raw)
	}
	if _, err := s.srv.Config(func(c *qpaytest.Config) { c.ErrorsInside200, c.EmptyResponse = true, "no-body" }); err != nil {
		t.Fatal(err)
	}
	s.skipSpec = true // an error with status 200, and a 200 without a body
	if got := s.call("GET", "/v2/invoice/none", ""); got.status != 200 || got.body["error_code"] != "INVOICE_NOTFOUND" {
		t.Errorf("got %d %s", got.status, got.raw)
	}
	if got := s.call("DELETE", "/v2/invoice/"+s.invoice(""), ""); got.status != 200 || got.raw != "" {
		t.Errorf("got %d %q", got.status, got.raw)
	}
}

// create creates an invoice from simpleInvoice with some members replaced.
func (s *shop) create(members ...string) response {
	s.t.Helper()
	return s.call("POST", "/v2/invoice", edit(s.t, simpleInvoice, members...))
}
