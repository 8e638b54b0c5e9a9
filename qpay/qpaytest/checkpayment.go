package qpaytest

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

const (
	// busyPage is the page number above which listPayments returns SYSTEM_BUSY.
	busyPage = 10_000
	// maxPageLimit is the maximum page_limit in strict mode, and the page_limit
	// of a checkPayment without offset.
	maxPageLimit = 100
)

// CheckPayment returns the payments of an invoice or a QR code.
func (m *merchant) CheckPayment(r *http.Request, body api.CheckPaymentRequest) (sandbox.Response, error) {
	found := checkLimits([]limit{{"object_id", body.ObjectID, 50, true}})
	offset := body.Offset
	if v, given := members(r)["offset"]; !given || isAbsent(v) {
		offset = api.Offset{PageNumber: 1, PageLimit: maxPageLimit}
	}
	if found = append(found, m.checkOffset(offset)...); len(found) > 0 {
		return sandbox.Response{}, found
	}
	inv, err := m.lookupObject(body.ObjectType, body.ObjectID)
	if err != nil {
		return sandbox.Response{}, err
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

// lookupObject returns the invoice of a checkPayment. For an ITEM, which has no
// payments, it returns nil.
func (m *merchant) lookupObject(kind, id string) (*invoice, error) {
	switch kind {
	case "INVOICE":
		return m.invoice(id)
	case "QR":
		for _, inv := range m.invoices {
			if inv.token == id || inv.qrText == id {
				return inv, nil
			}
		}
		return nil, codeError(codeQRCodeNotFound)
	case "ITEM":
		return nil, nil
	}
	return nil, codeError(codeInvalidObjectType)
}

// paidAmount is a JSON number. If nothing is paid, it has the configured form.
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

// checkOffset requires both values to be at least 1. Sources differ on the maximum.
func (m *merchant) checkOffset(o api.Offset) fieldErrors {
	var found fieldErrors
	if o.PageNumber < 1 {
		found = append(found, tooSmall("page_number"))
	}
	if o.PageLimit < 1 {
		found = append(found, tooSmall("page_limit"))
	}
	if m.config.Get().StrictPageLimit && o.PageLimit > maxPageLimit {
		found = append(found, fieldError{"page_limit", "MAX_NUMBER", "Number max value [100]!"})
	}
	return found
}

// page returns one page of the rows. Past the end it is empty.
func page(rows []object, o api.Offset) []object {
	start := min(len(rows), (min(o.PageNumber, busyPage)-1)*min(o.PageLimit, busyPage))
	end := min(len(rows), start+min(o.PageLimit, busyPage))
	return append([]object{}, rows[start:end]...)
}
