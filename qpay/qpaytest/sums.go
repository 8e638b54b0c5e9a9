package qpaytest

import (
	"net/http"
	"regexp"

	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// sumUp computes an invoice's sums. The amount of the request is the total; it
// must be a JSON number. Without one the lines carry the price.
func sumUp(r *http.Request, q api.CreateInvoiceRequest) (totals, error) {
	t := sumLines(q.Lines)
	given, present := members(r)["amount"]
	switch {
	case present && given.Kind() == '0':
		amount, ok := parseAmount(given)
		if !ok {
			return totals{}, refusal(codeInvalidAmount)
		}
		t.total = amount
	case present && !isAbsent(given), len(q.Lines) == 0:
		return totals{}, refusal(codeInvalidAmount)
	}
	if !t.total.IsPositive() {
		return totals{}, refusal(codeInvalidAmount)
	}
	if len(q.Lines) == 0 {
		t.gross = t.total
	}
	return t, nil
}

func sumLines(lines []api.InvoiceLine) totals {
	var t totals
	for _, line := range lines {
		t.gross = t.gross.Add(linePrice(line))
		for _, d := range line.Discounts {
			t.discount = t.discount.Add(lenient(d.Amount))
		}
		for _, s := range line.Surcharges {
			t.surcharge = t.surcharge.Add(lenient(s.Amount))
		}
		for _, x := range line.Taxes {
			t.tax = t.tax.Add(lenient(x.Amount))
		}
	}
	t.total = t.gross.Sub(t.discount).Add(t.surcharge)
	return t
}

// linePrice is what a line costs, VAT included.
func linePrice(line api.InvoiceLine) decimal.Decimal {
	return lenient(line.LineQuantity).Mul(lenient(line.LineUnitPrice))
}

// lenient reads a decimal and takes anything else for zero.
func lenient(v api.Amount) decimal.Decimal {
	d, _ := parseAmount(v)
	return d
}

// checkTaxed holds the lines of an invoice with a tax receipt to its rules.
func checkTaxed(q api.CreateInvoiceRequest) error {
	if len(q.Lines) == 0 {
		return refusal(codeInvoiceLineRequired)
	}
	var found problems
	switch q.TaxType {
	case "1", "2", "3":
	default:
		found = append(found, invalid("tax_type", "Value is invalid!"))
	}
	if matched, _ := regexp.MatchString(`^\d{4}$`, q.DistrictCode); !matched {
		found = append(found, invalid("district_code", "Value is invalid!"))
	}
	if len(found) > 0 {
		return found
	}
	for _, line := range q.Lines {
		if err := checkTaxedLine(q.TaxType, line); err != nil {
			return err
		}
	}
	return nil
}

func checkTaxedLine(taxType string, line api.InvoiceLine) error {
	price := linePrice(line)
	if !price.IsPositive() {
		return refusal(codeInvalidAmount)
	}
	if !isClass(line.ClassificationCode) {
		return refusal(codeClassInvalid)
	}
	if taxType != "1" {
		return nil
	}
	if len(line.Taxes) == 0 {
		return refusal(codeTaxLineRequired)
	}
	rate := decimal.RequireFromString("1.1")
	for _, tax := range line.Taxes {
		if tax.TaxCode == "CITY_TAX" {
			rate = decimal.RequireFromString("1.12")
		}
	}
	want := price.Mul(decimal.RequireFromString("0.1")).DivRound(rate, 8).Truncate(4)
	for _, tax := range line.Taxes {
		if tax.TaxCode == "VAT" && lenient(tax.Amount).Sub(want).Abs().GreaterThan(decimal.RequireFromString("0.01")) {
			return refusal(codeVATAmountInvalid)
		}
	}
	return nil
}

// isClass tells whether a text has the form of a product class: seven digits.
func isClass(text string) bool {
	matched, _ := regexp.MatchString(`^\d{7}$`, text)
	return matched
}
