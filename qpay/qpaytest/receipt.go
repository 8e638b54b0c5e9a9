package qpaytest

import "github.com/shopspring/decimal"

func (m *merchant) receiptBody(one *receipt) object {
	c, p := m.config.Get(), one.payment
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
		{"merchant_register_no", "1234567"},
		{"g_payment_id", p.id},
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
		{"merchant_tin", "30101065006"},
	}
	if one.v3 {
		body = append(body, member{"ebarimt_receipt_id", one.number})
	}
	return append(body, object{
		{"created_by", m.clientID}, {"created_date", isoTime(one.created)},
		{"updated_by", m.clientID}, {"updated_date", isoTime(one.updated)},
		{"status", true},
		{"barimt_items", []object{}},
		{"barimt_transactions", []object{}},
		{"barimt_histories", []object{}},
	}...)
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
