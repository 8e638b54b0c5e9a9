package qpaytest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// ListPayments returns payments, oldest first.
func (m *merchant) ListPayments(_ *http.Request, body api.ListPaymentsRequest) (sandbox.Response, error) {
	found := checkLimits([]limit{{"object_id", body.ObjectID, 500, true}})
	from, hasFrom, okFrom := parseDateTime(body.StartDate, false)
	to, hasTo, okTo := parseDateTime(body.EndDate, true)
	if !okFrom {
		found = append(found, invalid("start_date", "Date is invalid!"))
	}
	if !okTo {
		found = append(found, invalid("end_date", "Date is invalid!"))
	}
	if found = append(found, m.checkOffset(body.Offset)...); len(found) > 0 {
		return sandbox.Response{}, found
	}
	match, err := m.invoiceFilter(body.ObjectType, body.ObjectID)
	if err != nil {
		return sandbox.Response{}, err
	}
	if body.Offset.PageNumber > busyPage {
		return sandbox.Response{}, codeError(codeSystemBusy)
	}
	c := m.config.Get()
	var rows []object
	for _, p := range m.payments {
		early, late := hasFrom && p.date.Before(from), hasTo && p.date.After(to)
		if !early && !late && match(p.invoice) && matchesFilters(p.invoice.request, body) {
			rows = append(rows, c.listRow(p))
		}
	}
	return sandbox.JSON(http.StatusOK, object{{"count", len(rows)}, {"rows", page(rows, body.Offset)}}), nil
}

// invoiceFilter returns a function that matches the invoices of a list. The id of an
// INVOICE is an invoice code here.
func (m *merchant) invoiceFilter(kind, id string) (func(*invoice) bool, error) {
	switch kind {
	case "MERCHANT":
		if id != m.id {
			return nil, codeError(codePermissionDenied)
		}
		return func(*invoice) bool { return true }, nil
	case "INVOICE":
		if id != invoiceCode && id != taxedInvoiceCode {
			return nil, codeError(codeInvoiceCodeInvalid)
		}
		return func(inv *invoice) bool { return inv.request.InvoiceCode == id }, nil
	case "QR":
		want, err := m.lookupObject(kind, id)
		return func(inv *invoice) bool { return inv == want }, err
	}
	return nil, codeError(codeInvalidObjectType)
}

// matchesFilters applies the optional filters of a list.
func matchesFilters(q api.CreateInvoiceRequest, body api.ListPaymentsRequest) bool {
	matches := func(want, have string) bool { return want == "" || want == have }
	return matches(body.MerchantBranchCode, q.SenderBranchCode) &&
		matches(body.MerchantTerminalCode, q.SenderTerminalCode) && matches(body.MerchantStaffCode, q.SenderStaffCode)
}

func (c Config) listRow(p *payment) object {
	return object{
		{"payment_id", p.id},
		{"payment_date", isoTime(p.date)},
		{"payment_status", p.status},
		{"payment_fee", c.money(p.fee)},
		{"payment_amount", c.money(p.amount)},
		{"payment_currency", "MNT"},
		{"payment_wallet", walletName},
		{"payment_name", p.invoice.request.InvoiceDescription},
		{"payment_description", p.invoice.request.InvoiceDescription},
		{"qr_code", p.invoice.token},
		{"paid_by", p.method},
		{"object_type", "INVOICE"},
		{"object_id", p.invoice.id},
		{"next_payment_date", p.nextDate()},
		{"next_payment_datetime", p.nextDate()},
	}
}
