package qpaytest

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// The merchant in a receipt.
const (
	merchantRegister = "1234567"
	merchantTIN      = "30101065006"
)

func (m *merchant) receiptBody(one *receipt) object {
	c, p, register := m.config.Get(), one.payment, "merchant_register_no"
	if c.NumericIDs {
		register = "merchant_register"
	}
	body := object{
		{"id", one.id},
		{"ebarimt_by", "QPAY"},
		{"g_wallet_id", walletID},
		{"g_wallet_customer_id", walletID},
		{"ebarimt_receiver_type", one.receiverType},
		{"ebarimt_receiver", orNull(one.receiver)},
		{"ebarimt_district_code", orNull(one.district)},
		{"ebarimt_bill_type", "1"},
		{"g_merchant_id", m.id},
		{"merchant_branch_code", orNull(p.invoice.request.SenderBranchCode)},
		{"merchant_terminal_code", orNull(p.invoice.request.SenderTerminalCode)},
		{"merchant_staff_code", orNull(p.invoice.request.SenderStaffCode)},
		{register, c.identifier(merchantRegister)},
		{"g_payment_id", c.identifier(p.id)},
		{"paid_by", p.method},
		{"object_type", "INVOICE"},
		{"object_id", p.invoice.id},
		{"amount", c.money(p.amount)},
		{"vat_amount", c.money(p.vat())},
		{"city_tax_amount", c.money(decimal.Zero)},
		{"ebarimt_qr_data", one.qrData},
		{"ebarimt_lottery", one.lottery},
		{"note", null()},
		{"barimt_status", one.status},
		{"barimt_status_date", isoTime(one.updated)},
		{"ebarimt_sent_email", null()},
		{"ebarimt_receiver_phone", null()},
		{"tax_type", p.taxType()},
		{"merchant_tin", c.identifier(merchantTIN)},
	}
	if one.v3 {
		body = append(body, member{"ebarimt_receipt_id", one.number})
	}
	return append(body, object{
		{"created_by", m.clientID}, {"created_date", isoTime(one.created)},
		{"updated_by", m.clientID}, {"updated_date", isoTime(one.updated)},
		{"status", true},
		{"barimt_items", m.itemBodies(one)},
		{"barimt_transactions", []object{}},
		{"barimt_histories", []object{}},
	}...)
}

// identifier returns an ID, as a number if the config says so and it is one.
func (c Config) identifier(id string) any {
	if !c.NumericIDs || strings.Trim(id, "0123456789") != "" {
		return id
	}
	return jsontext.Value(strings.TrimLeft(id, "0"))
}

// itemBodies returns the items of a receipt: the lines of its invoice.
func (m *merchant) itemBodies(one *receipt) []object {
	c, lines := m.config.Get(), one.payment.invoice.request.Lines
	bodies := make([]object, 0, len(lines))
	for i, line := range lines {
		sums := lineTotals([]api.InvoiceLine{line})
		vat, cityTax := lineTaxes(line)
		bodies = append(bodies, object{
			{"id", one.items[i]},
			{"barimt_id", one.id},
			{"merchant_product_code", orNull(line.SenderProductCode)},
			{"tax_product_code", orNull(line.TaxProductCode)},
			{"bar_code", orNull(line.Barcode)},
			{"name", line.LineDescription},
			{"unit_price", c.money(parseOrZero(line.LineUnitPrice))},
			{"quantity", c.money(parseOrZero(line.LineQuantity))},
			{"amount", c.money(sums.total)},
			{"city_tax_amount", c.money(cityTax)},
			{"vat_amount", c.money(vat)},
			{"note", orNull(line.Note)},
			{"created_by", m.clientID}, {"created_date", isoTime(one.created)},
			{"updated_by", m.clientID}, {"updated_date", isoTime(one.updated)},
			{"status", true},
		})
	}
	return bodies
}

// lineTaxes returns the taxes of a line, as they were sent with the invoice.
func lineTaxes(line api.InvoiceLine) (vat, cityTax decimal.Decimal) {
	for _, tax := range line.Taxes {
		if tax.TaxCode == "CITY_TAX" {
			cityTax = cityTax.Add(parseOrZero(tax.Amount))
		} else {
			vat = vat.Add(parseOrZero(tax.Amount))
		}
	}
	return vat, cityTax
}

// taxType is the tax type of the invoice; the default is 1.
func (p *payment) taxType() string {
	if t := p.invoice.request.TaxType; t != "" {
		return t
	}
	return "1"
}

// vat is the VAT included in a payment.
func (p *payment) vat() decimal.Decimal {
	if p.taxType() != "1" {
		return decimal.Zero
	}
	return p.amount.DivRound(decimal.NewFromInt(11), 2)
}
