package qpaytest

import (
	"net/http"
	"time"

	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// The states of an invoice.
const (
	invoiceOpen     = "OPEN"
	invoiceClosed   = "CLOSED"
	invoiceCanceled = "CANCELED"
)

// invoice is a stored invoice.
type invoice struct {
	id, status    string
	request       api.CreateInvoiceRequest
	totals        totals
	token, qrText string
	shortURL      string
	subscription  *subscription
}

// totals are the sums of an invoice.
type totals struct {
	total, gross, tax, surcharge, discount decimal.Decimal
}

func (m *merchant) invoice(id string) (*invoice, error) {
	for _, one := range m.invoices {
		if one.id == id {
			return one, nil
		}
	}
	return nil, codeError(codeInvoiceNotFound)
}

// paid returns the sum of the successful payments of an invoice.
func (m *merchant) paid(inv *invoice) decimal.Decimal {
	sum := decimal.Zero
	for _, p := range m.payments {
		if p.invoice == inv && p.status == paymentPaid {
			sum = sum.Add(p.amount)
		}
	}
	return sum
}

// CreateInvoice creates an invoice. A repeated sender_invoice_no creates another one.
func (m *merchant) CreateInvoice(r *http.Request, body api.CreateInvoiceRequest) (sandbox.Response, error) {
	if err := m.checkInvoice(body); err != nil {
		return sandbox.Response{}, err
	}
	sums, err := computeTotals(r, body)
	if err != nil {
		return sandbox.Response{}, err
	}
	ids := m.core.IDs()
	inv := &invoice{id: ids.UUID(), status: invoiceOpen, request: body, totals: sums, token: ids.Token(21)}
	inv.qrText = emvText(m.account, sums.total.String(), body.SenderInvoiceNo, body.InvoiceDescription, inv.token)
	inv.shortURL = "https://s.qpay.mn/" + ids.Token(9)
	if body.AllowSubscribe {
		inv.subscription = m.subscribe(inv)
	}
	m.invoices = append(m.invoices, inv)
	m.core.Record("invoice.created", inv.id, body.SenderInvoiceNo, formatAmount(sums.total))
	return sandbox.JSON(http.StatusOK, m.createdBody(inv)), nil
}

func (m *merchant) createdBody(inv *invoice) object {
	c := m.config.Get()
	image := ""
	if !c.EmptyQRImage {
		image = qrImage(inv.qrText)
	}
	body := object{
		{"invoice_id", inv.id},
		{"qr_text", inv.qrText},
		{"qr_image", image},
		{"qPay_shortUrl", inv.shortURL},
		{c.Links, bankLinks(inv.qrText)},
	}
	if inv.subscription != nil {
		body = append(body, member{"subscription", inv.subscription.body()})
	}
	return body
}

// GetInvoice returns an invoice.
func (m *merchant) GetInvoice(_ *http.Request, invoiceID string) (sandbox.Response, error) {
	inv, err := m.invoice(invoiceID)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, m.invoiceBody(inv)), nil
}

func (m *merchant) invoiceBody(inv *invoice) object {
	c, q, t := m.config.Get(), inv.request, inv.totals
	return object{
		{"invoice_id", inv.id},
		{"invoice_status", inv.status},
		{"sender_invoice_no", q.SenderInvoiceNo},
		{"sender_branch_code", orNull(q.SenderBranchCode)},
		{"sender_branch_data", c.party()},
		{"sender_staff_code", orNull(q.SenderStaffCode)},
		{"sender_staff_data", c.party()},
		{"sender_terminal_code", orNull(q.SenderTerminalCode)},
		{"sender_terminal_data", c.party()},
		{"invoice_description", q.InvoiceDescription},
		{"invoice_due_date", rawOrNull(q.InvoiceDueDate)},
		{"enable_expiry", q.EnableExpiry},
		{"expiry_date", rawOrNull(q.ExpiryDate)},
		{"allow_partial", q.AllowPartial},
		{"minimum_amount", rawOrNull(q.MinimumAmount)},
		{"allow_exceed", q.AllowExceed},
		{"maximum_amount", rawOrNull(q.MaximumAmount)},
		{"total_amount", c.money(t.total)},
		{"gross_amount", c.money(t.gross)},
		{"tax_amount", c.money(t.tax)},
		{"surcharge_amount", c.money(t.surcharge)},
		{"discount_amount", c.money(t.discount)},
		{"callback_url", q.CallbackURL},
		{"note", orNull(q.Note)},
		{"lines", lineBodies(q.Lines)},
		{"transactions", append([]api.InvoiceTransaction{}, q.Transactions...)},
		{"inputs", []object{}},
	}
}

// party is the value of a sender_*_data member. All three forms were reported.
func (c Config) party() any {
	switch c.SenderData {
	case "object":
		return object{{"name", "Sandbox"}}
	case "null":
		return null()
	}
	return ""
}

// lineBodies returns lines with quantities and prices as strings, whatever the type in
// the request.
func lineBodies(lines []api.InvoiceLine) []object {
	bodies := make([]object, 0, len(lines))
	for _, line := range lines {
		quantity, _ := parseAmount(line.LineQuantity) // valid since createInvoice
		price, _ := parseAmount(line.LineUnitPrice)
		bodies = append(bodies, object{
			{"sender_product_code", orNull(line.SenderProductCode)},
			{"tax_product_code", orNull(line.TaxProductCode)},
			{"line_description", line.LineDescription},
			{"barcode", orNull(line.Barcode)},
			{"line_quantity", formatAmount(quantity)},
			{"line_unit_price", formatAmount(price)},
			{"note", orNull(line.Note)},
			{"classification_code", orNull(line.ClassificationCode)},
			{"discounts", append([]api.LineDiscount{}, line.Discounts...)},
			{"surcharges", append([]api.LineSurcharge{}, line.Surcharges...)},
			{"taxes", append([]api.LineTax{}, line.Taxes...)},
		})
	}
	return bodies
}

// CancelInvoice cancels an open invoice.
func (m *merchant) CancelInvoice(_ *http.Request, invoiceID string) (sandbox.Response, error) {
	inv, err := m.invoice(invoiceID)
	if err != nil {
		return sandbox.Response{}, err
	}
	switch {
	case inv.status == invoiceCanceled:
		return sandbox.Response{}, codeError(codeInvoiceAlreadyCanceled)
	case inv.status == invoiceClosed || m.paid(inv).IsPositive():
		return sandbox.Response{}, codeError(codeInvoicePaid)
	}
	inv.status = invoiceCanceled
	m.core.Record("invoice.canceled", inv.id, inv.request.SenderInvoiceNo, formatAmount(inv.totals.total))
	return m.config.Get().emptyResponse(), nil
}

// expired reports whether an invoice cannot be paid because of its expiry_date.
func (inv *invoice) expired(now time.Time) bool {
	end, given, _ := parseDateTime(inv.request.ExpiryDate, true)
	return given && !inv.request.EnableExpiry && now.After(end)
}
