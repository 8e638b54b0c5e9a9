package qpay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// TestGenuineInvoiceIsNotRefused: what createInvoice requires of a row, a row of
// getInvoice need not have.
func TestGenuineInvoiceIsNotRefused(t *testing.T) {
	for name, members := range map[string]string{
		"empty rows":             `"lines":[{}],"transactions":[{}],"inputs":[{}]`,
		"rows with nulls":        `"lines":[{"line_description":null,"line_quantity":null,"line_unit_price":null}],"transactions":[{"description":null,"amount":null,"accounts":null}]`,
		"empty parts of rows":    `"lines":[{"discounts":[{}],"surcharges":[{}],"taxes":[{}]}],"transactions":[{"accounts":[{}]}]`,
		"null parts of rows":     `"lines":[{"discounts":null,"surcharges":null,"taxes":null}],"transactions":null,"inputs":null`,
		"nulls in parts of rows": `"lines":[{"discounts":[{"description":null,"amount":null}],"taxes":[{"tax_code":null,"amount":null}]}]`,
		"numbers as IDs":         `"sender_invoice_no":1001,"sender_branch_code":7,"inputs":[{"id":7,"name":null}],"transactions":[{"accounts":[{"account_number":5000000001,"account_bank_code":50000}]}]`,
		"numbers in a party":     `"sender_branch_data":{"register":1234567,"phone":88614450,"name":null,"address":null},"sender_staff_data":null,"sender_terminal_data":""`,
	} {
		c := responding(t, 200, `{"invoice_id":"i","invoice_status":"OPEN",`+members+`}`)
		if got, err := c.GetInvoice(t.Context(), "i"); err != nil || got.InvoiceStatus != qpay.InvoiceStatusOpen {
			t.Errorf("%s: got %v, %v; want the invoice", name, got, err)
		}
	}
	c := responding(t, 200, `{"invoice_id":"i","invoice_status":"OPEN","sender_invoice_no":1001,"sender_branch_data":{"phone":88614450},"lines":[{"classification_code":111100}]}`)
	got, err := c.GetInvoice(t.Context(), "i")
	if err != nil {
		t.Fatal(err)
	}
	if got.SenderInvoiceNo != "1001" || got.SenderBranchData.Phone != "88614450" || got.Lines[0].ClassificationCode != "111100" {
		t.Errorf("got %+v, want the digits of the numbers", got)
	}
}

// TestTextMayBeANumberOrNull replaces each text of each response by a number and by
// null. The call succeeds, and a number is returned with all its digits. Without an ID
// that the schema requires, the response remains an error.
func TestTextMayBeANumberOrNull(t *testing.T) {
	const id = "9007199254740993123" // no float64 has it
	for operation, body := range responseBodies {
		call := readers(id)[operation]
		for _, m := range specmodel.Members(specmodel.Decode([]byte(body))) {
			if _, text := m.Value.(string); !text {
				continue
			}
			for _, value := range []string{id, "null"} {
				edited := specmodel.Edits{Replace: map[string]string{m.Pointer: value}}.Write(specmodel.Decode([]byte(body)))
				got, err := call(responding(t, 200, edited), t)
				if (required[m.Name] || m.Pointer == "/subscription/id") && value == "null" {
					if err == nil {
						t.Errorf("%s, %s = null: got success, want an error", operation, m.Pointer)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s, %s = %s: got %v, want success", operation, m.Pointer, value, err)
					continue
				}
				encoded, err := json.Marshal(got)
				back, _ := specmodel.At(specmodel.Decode(encoded), m.Pointer)
				if value == id && (err != nil || fmt.Sprint(back) != id) {
					t.Errorf("%s, %s = %s: got %v, want the same digits", operation, m.Pointer, value, back)
				}
			}
		}
	}
}

// required are the members of text without which a response cannot be used.
var required = map[string]bool{"invoice_id": true, "qr_text": true, "invoice_status": true, "payment_id": true, "payment_status": true, "payment_amount": true}

// responseBodies have an ID of their request only where a test puts one.
var responseBodies = map[string]string{
	"createInvoice": `{"invoice_id":"i","qr_text":"q","qr_image":"a","qPay_shortUrl":"s","urls":[{"name":"n","description":"d","logo":"l","link":"k"}],
		"subscription":{"id":"9","merchant_id":"m","g_invoice_id":"g","webhook":"w","interval":"1M","note":"n","created_by":"c","updated_by":"u"}}`,
	"getInvoice": `{"invoice_id":"9007199254740993123","invoice_status":"OPEN","sender_invoice_no":"1","sender_branch_code":"b","sender_staff_code":"s","sender_terminal_code":"t",
		"invoice_description":"d","callback_url":"u","note":"n","invoice_due_date":"2026-01-02",
		"lines":[{"sender_product_code":"1","tax_product_code":"2","line_description":"d","barcode":"3","line_quantity":"1","line_unit_price":"1","note":"n","classification_code":"4",
			"discounts":[{"discount_code":"5","description":"d","amount":"1","note":"n"}],"surcharges":[{"surcharge_code":"6","description":"d","amount":"1","note":"n"}],
			"taxes":[{"tax_code":"VAT","description":"d","amount":"1","note":"n"}]}],
		"transactions":[{"description":"d","amount":"1","accounts":[{"account_bank_code":"050000","account_number":"1","account_name":"n","account_currency":"MNT","iban_number":"i"}]}],
		"inputs":[{"id":"1","name":"n","type":"t","label":"l","value":"v"}]}`,
	"getPayment": `{"payment_id":"9007199254740993123","payment_status":"PAID","payment_amount":"100.00","payment_currency":"MNT","payment_wallet":"w","object_type":"INVOICE","object_id":"i",
		"card_transactions":[{"card_merchant_code":"1","card_terminal_code":"2","card_number":"3","card_type":"4","status":"SUCCESS"}],
		"p2p_transactions":[{"id":"1","transaction_bank_code":"050000","account_bank_name":"n","account_number":"5"}]}`,
	"checkPayment": `{"count":1,"rows":[{"payment_id":"1","payment_status":"PAID","payment_amount":"100.00","payment_wallet":"w","payment_type":"P2P","ebarimt_customer_no":"7"}]}`,
	"listPayments": `{"count":1,"rows":[{"payment_id":"1","payment_status":"PAID","payment_amount":"100.00","payment_wallet":"w","payment_name":"n","payment_description":"d","qr_code":"q","object_id":"o"}]}`,
	"createEbarimtV3": `{"id":"i","ebarimt_by":"QPAY","g_wallet_id":"w","g_wallet_customer_id":"c","ebarimt_receiver_type":"CITIZEN","ebarimt_receiver":"88614450","ebarimt_district_code":"3505",
		"ebarimt_bill_type":"1","g_merchant_id":"m","merchant_branch_code":"b","merchant_register_no":"1","merchant_register":"1","g_payment_id":"9007199254740993123","object_id":"o",
		"ebarimt_qr_data":"1","ebarimt_lottery":"l","barimt_status":"REGISTERED","ebarimt_status":"REGISTERED","ebarimt_status_date":"2026-01-02","tax_type":"1","merchant_tin":"30101065006",
		"ebarimt_receipt_id":"1","barimt_items":[{"id":"1","barimt_id":"2","name":"n","tax_product_code":"3","bar_code":"4"}],"barimt_histories":[{"id":"1","ebarimt_register_no":"2","ebarimt_bill_id":"3"}]}`,
}

// readers call the operations of responseBodies, with an ID where they take one.
func readers(id string) map[string]func(*qpay.Client, *testing.T) (any, error) {
	return map[string]func(*qpay.Client, *testing.T) (any, error){
		"createInvoice": func(c *qpay.Client, t *testing.T) (any, error) {
			return c.CreateInvoice(t.Context(), invoice("TEST_INVOICE", "https://shop.example/paid"))
		},
		"getInvoice": func(c *qpay.Client, t *testing.T) (any, error) { return c.GetInvoice(t.Context(), id) },
		"getPayment": func(c *qpay.Client, t *testing.T) (any, error) { return c.GetPayment(t.Context(), id) },
		"checkPayment": func(c *qpay.Client, t *testing.T) (any, error) {
			return c.CheckPayment(t.Context(), qpay.CheckPaymentRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: "i"})
		},
		"listPayments": func(c *qpay.Client, t *testing.T) (any, error) {
			return c.ListPayments(t.Context(), qpay.ListPaymentsRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: "i", Offset: qpay.Offset{PageNumber: 1, PageLimit: 10}})
		},
		"createEbarimtV3": func(c *qpay.Client, t *testing.T) (any, error) {
			return c.CreateEbarimtV3(t.Context(), qpay.CreateEbarimtV3Request{PaymentID: id, EbarimtReceiverType: qpay.ReceiverTypeCitizen})
		},
	}
}

// mismatches is an observer that keeps what did not repeat the request.
type mismatches struct{ found []string }

func (*mismatches) StartCall(ctx context.Context, _ pay.Call) context.Context       { return ctx }
func (*mismatches) EndCall(context.Context, pay.Call, pay.CallResult)               {}
func (*mismatches) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }
func (m *mismatches) EndAttempt(_ context.Context, _ pay.Attempt, r pay.AttemptResult) {
	m.found = append(m.found, r.Mismatches...)
}

// TestReceiptWithNumericIDs: a refused receipt would be a write with an unknown outcome.
// A payment ID that is a number is the same ID.
func TestReceiptWithNumericIDs(t *testing.T) {
	srv := qpaytest.NewServer(t, qpaytest.WithConfig(func(c *qpaytest.Config) { c.NumericIDs = true }))
	transfer := paid(t, srv) // a card payment has a UUID
	var seen mismatches
	got, err := connect(t, srv, pay.WithObserver(&seen)).CreateEbarimtV3(t.Context(), qpay.CreateEbarimtV3Request{PaymentID: transfer, EbarimtReceiverType: qpay.ReceiverTypeCitizen})
	if err != nil {
		t.Fatalf("got %v with outcome %v, want the receipt", err, outcome(err))
	}
	if got.GPaymentID != transfer || got.MerchantRegister == "" || got.MerchantTIN != "30101065006" || got.BarimtStatus != qpay.BarimtStatusRegistered {
		t.Errorf("got payment %s, register %q, TIN %q, status %s; want payment %s and the others as text", got.GPaymentID, got.MerchantRegister, got.MerchantTIN, got.BarimtStatus, transfer)
	}
	if len(seen.found) > 0 {
		t.Errorf("got mismatches %v, want none", seen.found)
	}
}

func outcome(err error) apierr.Outcome {
	if e, ok := errors.AsType[*apierr.Error](err); ok {
		return e.Outcome()
	}
	return ""
}

// TestReceiptHasTheLinesOfItsInvoice reads the items of a receipt from the sandbox.
func TestReceiptHasTheLinesOfItsInvoice(t *testing.T) {
	srv := qpaytest.NewServer(t)
	c := connect(t, srv)
	body := invoice(srv.InvoiceCode(), "https://shop.example/paid")
	body.Amount = qpay.Amount{}
	body.Lines = []qpay.InvoiceLine{
		{LineDescription: "ticket", SenderProductCode: "T1", Barcode: "123", TaxProductCode: "6401", LineQuantity: qpay.NewAmount(2), LineUnitPrice: qpay.NewAmount(5500), Taxes: []qpay.LineTax{{TaxCode: qpay.TaxCodeVat, Amount: qpay.NewAmount(1000)}}},
		{LineDescription: "popcorn", LineQuantity: qpay.NewAmount(1), LineUnitPrice: qpay.NewAmount(4000)},
	}
	inv, err := c.CreateInvoice(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	id, err := srv.Pay(inv.InvoiceID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.CreateEbarimtV3(t.Context(), qpay.CreateEbarimtV3Request{PaymentID: id, EbarimtReceiverType: qpay.ReceiverTypeCitizen})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.BarimtItems) != 2 {
		t.Fatalf("got items %+v, want one for each line", got.BarimtItems)
	}
	first, second := got.BarimtItems[0], got.BarimtItems[1]
	if first.Name != "ticket" || first.BarimtID != got.ID || first.MerchantProductCode != "T1" || first.BarCode != "123" || first.TaxProductCode != "6401" ||
		first.Quantity.Cmp(qpay.NewAmount(2)) != 0 || first.UnitPrice.Cmp(qpay.NewAmount(5500)) != 0 || first.Amount.Cmp(qpay.NewAmount(11_000)) != 0 || first.VATAmount.Cmp(qpay.NewAmount(1000)) != 0 {
		t.Errorf("got %+v, want the first line", first)
	}
	if second.Name != "popcorn" || second.ID == first.ID || second.Amount.Cmp(qpay.NewAmount(4000)) != 0 {
		t.Errorf("got %+v, want the second line", second)
	}
	again, err := c.GetEbarimt(t.Context(), got.ID)
	if err != nil || len(again.BarimtItems) != 2 || again.BarimtItems[0].ID != first.ID {
		t.Errorf("getEbarimt: got %+v, %v; want the same items", again, err)
	}
}
