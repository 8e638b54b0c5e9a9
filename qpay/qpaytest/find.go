package qpaytest

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

const (
	// farPage is the page number from which on the list is too busy to answer.
	farPage = 10_000
	// strictLimit is the largest page in strict mode; it is the page of a
	// request without offset too.
	strictLimit = 100
)

// CheckPayment tells what was paid on an invoice or a QR code.
func (m *merchant) CheckPayment(r *http.Request, body api.CheckPaymentRequest) (sandbox.Answer, error) {
	found := checkLimits([]limit{{"object_id", body.ObjectID, 50, true}})
	offset := body.Offset
	if v, given := members(r)["offset"]; !given || isAbsent(v) {
		offset = api.Offset{PageNumber: 1, PageLimit: strictLimit}
	}
	if found = append(found, m.checkOffset(offset)...); len(found) > 0 {
		return sandbox.Answer{}, found
	}
	inv, err := m.object(body.ObjectType, body.ObjectID)
	if err != nil {
		return sandbox.Answer{}, err
	}
	c := m.config.Get()
	var rows []object
	for _, p := range m.payments {
		if p.invoice == inv {
			rows = append(rows, c.checkRow(p))
		}
	}
	paid := decimal.Zero
	if inv != nil {
		paid = m.paid(inv)
	}
	return sandbox.JSON(http.StatusOK, object{
		{"count", len(rows)}, {"paid_amount", c.paidAmount(paid)}, {"rows", page(rows, offset)},
	}), nil
}

// object finds what a check names. An ITEM is accepted and has no payments.
func (m *merchant) object(kind, id string) (*invoice, error) {
	switch kind {
	case "INVOICE":
		return m.invoice(id)
	case "QR":
		for _, inv := range m.invoices {
			if inv.token == id || inv.qrText == id {
				return inv, nil
			}
		}
		return nil, refusal(codeQRCodeNotFound)
	case "ITEM":
		return nil, nil
	}
	return nil, refusal(codeInvalidObjectType)
}

// paidAmount is a number here; with nothing paid it takes the switch's form.
func (c Config) paidAmount(paid decimal.Decimal) any {
	switch {
	case paid.IsPositive() || c.UnpaidAmount == "zero":
		return jsontext.Value(paid.String())
	case c.UnpaidAmount == "null":
		return null()
	}
	return nil
}

func (c Config) checkRow(p *payment) object {
	return object{
		{"payment_id", p.id},
		{"payment_status", p.status},
		{"payment_amount", c.money(p.amount)},
		{"trx_fee", c.money(p.fee)},
		{"payment_currency", "MNT"},
		{"payment_wallet", walletName},
		{"payment_type", p.method},
		{"next_payment_date", p.nextDate()},
		{"next_payment_datetime", p.nextDate()},
		{"card_transactions", c.cards(p, false)},
		{"p2p_transactions", c.transfers(p)},
	}
}

// checkOffset wants both values from 1 on; the upper bound is disputed.
func (m *merchant) checkOffset(o api.Offset) problems {
	var found problems
	if o.PageNumber < 1 {
		found = append(found, tooSmall("page_number"))
	}
	if o.PageLimit < 1 {
		found = append(found, tooSmall("page_limit"))
	}
	if m.config.Get().StrictPageLimit && o.PageLimit > strictLimit {
		found = append(found, problem{"page_limit", "MAX_NUMBER", "Number max value [100]!"})
	}
	return found
}

// page cuts one page out of the rows; past the end it is empty.
func page(rows []object, o api.Offset) []object {
	start := min(len(rows), (min(o.PageNumber, farPage)-1)*min(o.PageLimit, farPage))
	end := min(len(rows), start+min(o.PageLimit, farPage))
	return append([]object{}, rows[start:end]...)
}
