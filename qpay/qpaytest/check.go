package qpaytest

import (
	"net/url"
	"regexp"
	"unicode/utf8"

	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// limit is the official maximum length of a field, in characters.
type limit struct {
	field, value string
	width        int
	required     bool
}

// checkInvoice validates an invoice: first the fields, whose errors are returned
// together, then the invoice code, then the rules for the kind of invoice.
func (m *merchant) checkInvoice(q api.CreateInvoiceRequest) error {
	found := checkLimits(invoiceLimits(q))
	found = append(found, checkCallback(q)...)
	found = append(found, checkDates(q)...)
	found = append(found, checkLines(q.Lines)...)
	found = append(found, checkNumbers(number{"minimum_amount", q.MinimumAmount, false}, number{"maximum_amount", q.MaximumAmount, false})...)
	found = append(found, checkTransactions(q.Transactions)...)
	found = append(found, checkSubscription(q)...)
	if len(found) > 0 {
		return found
	}
	if q.InvoiceCode != invoiceCode && q.InvoiceCode != taxedInvoiceCode {
		if m.config.Get().InvoiceCodeInvalid == "field" {
			return fieldErrors{invalid("invoice_code", "Invoice code is invalid!")}
		}
		return codeError(codeInvoiceCodeInvalid)
	}
	if q.AllowSubscribe && len(q.Lines) == 0 {
		return codeError(codeInvoiceLineRequired)
	}
	if q.InvoiceCode == taxedInvoiceCode {
		return checkTaxed(q)
	}
	return nil
}

func checkLimits(limits []limit) fieldErrors {
	var found fieldErrors
	for _, l := range limits {
		if l.required && l.value == "" {
			found = append(found, invalid(l.field, "Value is required!"))
		}
		if utf8.RuneCountInString(l.value) > l.width {
			found = append(found, tooLong(l.field, l.width))
		}
	}
	return found
}

func invoiceLimits(q api.CreateInvoiceRequest) []limit {
	limits := []limit{
		{"invoice_code", q.InvoiceCode, 45, true},
		{"sender_invoice_no", q.SenderInvoiceNo, 45, true},
		{"invoice_receiver_code", q.InvoiceReceiverCode, 45, true},
		{"invoice_description", q.InvoiceDescription, 255, true},
		{"callback_url", q.CallbackURL, 255, true},
		{"sender_branch_code", q.SenderBranchCode, 45, false},
		{"sender_staff_code", q.SenderStaffCode, 100, false},
		{"sender_terminal_code", q.SenderTerminalCode, 45, false},
		{"note", q.Note, 1000, false},
	}
	limits = append(limits, addressLimits(q.SenderBranchData.Address)...)
	limits = append(limits, addressLimits(q.InvoiceReceiverData.Address)...)
	for _, p := range []struct{ register, name, email, phone string }{
		{q.SenderBranchData.Register, q.SenderBranchData.Name, q.SenderBranchData.Email, q.SenderBranchData.Phone},
		{"", q.SenderStaffData.Name, q.SenderStaffData.Email, q.SenderStaffData.Phone},
		{"", q.SenderTerminalData.Name, "", ""},
		{q.InvoiceReceiverData.Register, q.InvoiceReceiverData.Name, q.InvoiceReceiverData.Email, q.InvoiceReceiverData.Phone},
	} {
		limits = append(limits, limit{"register", p.register, 20, false}, limit{"name", p.name, 100, false},
			limit{"email", p.email, 255, false}, limit{"phone", p.phone, 20, false})
	}
	return limits
}

func checkCallback(q api.CreateInvoiceRequest) fieldErrors {
	to, err := url.Parse(q.CallbackURL)
	if q.CallbackURL == "" || (err == nil && (to.Scheme == "http" || to.Scheme == "https") && to.Host != "") {
		return nil
	}
	return fieldErrors{invalid("callback_url", "URL is invalid!")}
}

func checkDates(q api.CreateInvoiceRequest) fieldErrors {
	var found fieldErrors
	for _, d := range []struct {
		field string
		value api.DateTime
	}{{"invoice_due_date", q.InvoiceDueDate}, {"expiry_date", q.ExpiryDate}, {"next_payment_date", q.NextPaymentDate}} {
		if _, _, ok := parseDateTime(d.value, false); !ok {
			found = append(found, invalid(d.field, "Date is invalid!"))
		}
	}
	return found
}

func checkSubscription(q api.CreateInvoiceRequest) fieldErrors {
	if !q.AllowSubscribe {
		return nil
	}
	var found fieldErrors
	if matched, _ := regexp.MatchString(`^[1-9]\d{0,3}[DWM]$`, q.SubscriptionInterval); !matched {
		found = append(found, invalid("subscription_interval", "Interval is invalid!"))
	}
	if q.SubscriptionWebhook == "" {
		found = append(found, invalid("subscription_webhook", "Value is required!"))
	}
	return found
}
