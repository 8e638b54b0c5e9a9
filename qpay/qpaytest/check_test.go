package qpaytest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// edit replaces members of a JSON object. The value undefined removes a member.
func edit(t testing.TB, base string, members ...string) string {
	t.Helper()
	var all map[string]jsontext.Value
	if err := json.Unmarshal([]byte(base), &all); err != nil {
		t.Fatal(err)
	}
	for _, one := range members {
		name, value, _ := strings.Cut(one, ":")
		name = strings.Trim(name, `"`)
		if all[name] = jsontext.Value(value); value == "undefined" {
			delete(all, name)
		}
	}
	raw, err := json.Marshal(all, json.Deterministic(true))
	if err != nil {
		t.Fatalf("%v in %v", err, members)
	}
	return string(raw)
}

// payByControl pays through the control route. Unlike Server.Pay, an error does not
// fail the test.
func payByControl(s *shop, id string) (string, error) {
	got := s.call("POST", "/_sandbox/pay", fmt.Sprintf(`{"id":%q}`, id))
	if got.status != 200 {
		return "", fmt.Errorf("%d %s", got.status, got.raw)
	}
	return s.text(got, "payment_id"), nil
}

func TestFieldErrors(t *testing.T) {
	s := open(t)
	for _, c := range []struct{ member, field, kind string }{
		{`"sender_invoice_no":"` + strings.Repeat("x", 46) + `"`, "sender_invoice_no", "MAX_LENGTH"},
		{`"sender_invoice_no":undefined`, "sender_invoice_no", "INVALID"},
		{`"sender_invoice_no":7`, "sender_invoice_no", "INVALID"},
		{`"invoice_code":undefined`, "invoice_code", "INVALID"},
		{`"invoice_description":"` + strings.Repeat("ө", 256) + `"`, "invoice_description", "MAX_LENGTH"},
		{`"invoice_receiver_code":""`, "invoice_receiver_code", "INVALID"},
		{`"callback_url":undefined`, "callback_url", "INVALID"},
		{`"callback_url":"paid"`, "callback_url", "INVALID"},
		{`"callback_url":"ftp://x/paid"`, "callback_url", "INVALID"},
		{`"note":"` + strings.Repeat("x", 1001) + `"`, "note", "MAX_LENGTH"},
		{`"enable_expiry":"perhaps"`, "enable_expiry", "INVALID"},
		{`"allow_partial":1`, "allow_partial", "INVALID"},
		{`"expiry_date":"soon"`, "expiry_date", "INVALID"},
		{`"invoice_due_date":7`, "invoice_due_date", "INVALID"},
		{`"invoice_receiver_data":{"phone":"123456789012345678901"}`, "phone", "MAX_LENGTH"},
		{`"lines":[{"line_description":"","line_quantity":1,"line_unit_price":1}]`, "line_description", "INVALID"},
		{`"lines":[{"line_description":"a","line_quantity":"x","line_unit_price":1}]`, "line_quantity", "INVALID"},
		{`"lines":[{"line_description":"a","line_quantity":1}]`, "line_unit_price", "INVALID"},
		{`"lines":{}`, "lines", "INVALID"},
		{`"minimum_amount":{"a":1}`, "minimum_amount", "INVALID"},
		{`"maximum_amount":"much"`, "maximum_amount", "INVALID"},
		{`"invoice_receiver_data":{"address":{"zipcode":"123456789012345678901"}}`, "zipcode", "MAX_LENGTH"},
		{`"lines":[{"line_description":"a","line_quantity":1,"line_unit_price":1,"discounts":[{"amount":1}]}]`, "description", "INVALID"},
		{`"lines":[{"line_description":"a","line_quantity":1,"line_unit_price":1,"surcharges":[{"description":"a"}]}]`, "amount", "INVALID"},
		{`"lines":[{"line_description":"a","line_quantity":1,"line_unit_price":1,"taxes":[{"amount":true}]}]`, "amount", "INVALID"},
		{`"transactions":[{"amount":1}]`, "description", "INVALID"},
		{`"transactions":[{"description":"a","amount":1,"accounts":[{"account_number":"1"}]}]`, "account_name", "INVALID"},
		{`"allow_subscribe":true`, "subscription_webhook", "INVALID"},
	} {
		s.wantField(s.create(c.member), c.field, c.kind)
	}
	if got := s.create(`"sender_invoice_no":""`, `"callback_url":""`); !strings.Contains(got.raw, "sender_invoice_no") || !strings.Contains(got.raw, "callback_url") {
		t.Errorf("the response does not have both invalid fields: %s", got.raw)
	}
	if got := s.create(`"sender_invoice_no":"` + strings.Repeat("ө", 45) + `"`); got.status != 200 {
		t.Errorf("45 characters were rejected: %s", got.raw)
	}
	if got := s.create(`"enable_expiry":"true"`, `"allow_exceed":""`); got.status != 200 {
		t.Errorf("a boolean as a string was rejected: %s", got.raw)
	}
}

func TestAmounts(t *testing.T) {
	s := open(t)
	for _, bad := range []string{`0`, `-1`, `"100"`, `null`, `undefined`, `true`, `1e400`, `1e1000000000`, `123456789012345678901`, `0.000000000000000000001`} {
		s.want(s.create(`"amount":`+bad), 422, "INVALID_AMOUNT")
	}
	for good, want := range map[string]string{`100`: "100.00", `100.5`: "100.50", `0.01`: "0.01", `1e2`: "100.00", `16777217`: "16777217.00", `9007199254740993`: "9007199254740993.00"} {
		got := s.create(`"amount":` + good)
		if read := s.call("GET", "/v2/invoice/"+s.text(got, "invoice_id"), ""); read.body["total_amount"] != want {
			t.Errorf("amount %s: total_amount is %v, want %s", good, read.body["total_amount"], want)
		}
	}
	s.want(s.create(`"invoice_code":"OTHER"`), 400, "INVOICE_CODE_INVALID")
	s.want(s.create(`"invoice_code":"test_invoice"`), 400, "INVOICE_CODE_INVALID")
}

const oneLine = `{"tax_product_code":"6401","line_description":"test","line_quantity":"1.00","line_unit_price":"200.00",` +
	`"discounts":[{"discount_code":"NONE","description":"d","amount":10}],` +
	`"surcharges":[{"surcharge_code":"NONE","description":"s","amount":5}],"taxes":[{"tax_code":"VAT","description":"v","amount":20}]}`

func TestLines(t *testing.T) {
	s := open(t)
	got := s.create(`"amount":undefined`, `"lines":[`+oneLine+`]`)
	read := s.call("GET", "/v2/invoice/"+s.text(got, "invoice_id"), "")
	for name, want := range map[string]any{
		"total_amount": "195.00", "gross_amount": "200.00", "discount_amount": "10.00", "surcharge_amount": "5.00", "tax_amount": "20.00",
	} {
		if read.body[name] != want {
			t.Errorf("%s is %v, want %v", name, read.body[name], want)
		}
	}
	lines, _ := read.body["lines"].([]any)
	if line, _ := lines[0].(map[string]any); line["line_quantity"] != "1.00" || line["line_unit_price"] != "200.00" {
		t.Errorf("line %v", lines)
	}
}

const taxedLine = `"line_description":"first","line_quantity":"1.00","line_unit_price":"1000.00"`

func TestTaxedInvoice(t *testing.T) {
	s := open(t)
	taxed := func(taxType, lines string) response {
		t.Helper()
		return s.create(`"invoice_code":"TEST_EB_INVOICE"`, `"amount":undefined`, `"tax_type":`+taxType, `"district_code":"0101"`, `"lines":[`+lines+`]`)
	}
	line := func(more string) string { return `{` + taxedLine + more + `}` }
	class, vat := `,"classification_code":"0111100"`, `,"taxes":[{"tax_code":"VAT","amount":"90.91"}]`
	for _, good := range []string{
		class + vat,
		class + `,"taxes":[{"tax_code":"VAT","amount":90.909}]`,
		class + `,"taxes":[{"tax_code":"VAT","amount":"89.2857"},{"tax_code":"CITY_TAX","amount":"17.8571"}]`,
	} {
		if got := taxed(`"1"`, line(good)); got.status != 200 {
			t.Errorf("%s was rejected: %s", good, got.raw)
		}
	}
	if got := taxed(`"2"`, line(class)); got.status != 200 {
		t.Errorf("tax type 2 without taxes was rejected: %s", got.raw)
	}
	s.want(taxed(`"1"`, ``), 400, "INVOICE_LINE_REQUIRED")
	s.want(taxed(`"1"`, line(class)), 400, "TAX_LINE_REQUIRED")
	s.want(taxed(`"1"`, line(vat)), 400, "CLASSIFICATION_CODE_INVALID")
	s.want(taxed(`"1"`, line(`,"classification_code":"123"`+vat)), 400, "CLASSIFICATION_CODE_INVALID")
	s.want(taxed(`"1"`, line(class+`,"taxes":[{"tax_code":"VAT","amount":"100"}]`)), 400, "VAT_AMOUNT_INVALID")
	s.want(taxed(`"1"`, `{"line_description":"a","line_quantity":1,"line_unit_price":0`+class+vat+`}`), 422, "INVALID_AMOUNT")
	s.wantField(taxed(`"4"`, line(class+vat)), "tax_type", "INVALID")
	s.wantField(s.create(`"invoice_code":"TEST_EB_INVOICE"`, `"tax_type":"1"`, `"lines":[`+line(class+vat)+`]`), "district_code", "INVALID")
}

func TestMalformedRequests(t *testing.T) {
	s := open(t)
	s.want(s.call("POST", "/v2/invoice", `{"invoice_code":"a","invoice_code":"b"}`), 400, "OBJECT_DATA_ERROR")
	s.want(s.call("POST", "/v2/invoice", simpleInvoice+simpleInvoice), 400, "OBJECT_DATA_ERROR")
	s.want(s.call("POST", "/v2/invoice", `[]`), 400, "OBJECT_DATA_ERROR")
	s.wantField(s.call("POST", "/v2/invoice", ``), "invoice_code", "INVALID")
	s.want(s.call("GET", "/v2/nothing", ""), 404, "NOT_FOUND")
	s.want(s.call("POST", "/v2/payment/cancel/1", "{}"), 405, "METHOD_NOT_ALLOWED")
	s.want(s.call("POST", "/v2/payment/refund/1", "{}"), 405, "METHOD_NOT_ALLOWED")
	s.want(s.call("POST", "/v2/invoice", `"`+strings.Repeat("x", 1<<20)+`"`), 413, "REQUEST_TOO_LARGE")
	r := s.request("POST", "/v2/invoice", simpleInvoice)
	r.Header.Set("Content-Type", "text/plain")
	s.want(s.send(r), 415, "UNSUPPORTED_MEDIA_TYPE")
}
