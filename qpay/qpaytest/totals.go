package qpaytest

import (
	"net/http"
	"regexp"

	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// computeTotals computes the totals of an invoice. The amount of the request, which
// must be a JSON number, is the total. Without it the total comes from the lines.
func computeTotals(r *http.Request, q api.CreateInvoiceRequest) (totals, error) {
	t := lineTotals(q.Lines)
	given, present := members(r)["amount"]
	switch {
	case present && given.Kind() == '0':
		amount, ok := parseAmount(given)
		if !ok {
			return totals{}, codeError(codeInvalidAmount)
		}
		t.total = amount
	case present && !isAbsent(given), len(q.Lines) == 0:
		return totals{}, codeError(codeInvalidAmount)
	}
	if !t.total.IsPositive() {
		return totals{}, codeError(codeInvalidAmount)
	}
	if len(q.Lines) == 0 {
		t.gross = t.total
	}
	return t, nil
}

func lineTotals(lines []api.InvoiceLine) totals {
	var t totals
	for _, line := range lines {
		t.gross = t.gross.Add(linePrice(line))
		for _, d := range line.Discounts {
			t.discount = t.discount.Add(parseOrZero(d.Amount))
		}
		for _, s := range line.Surcharges {
			t.surcharge = t.surcharge.Add(parseOrZero(s.Amount))
		}
		for _, x := range line.Taxes {
			t.tax = t.tax.Add(parseOrZero(x.Amount))
		}
	}
	t.total = t.gross.Sub(t.discount).Add(t.surcharge)
	return t
}

// linePrice is the price of a line, including VAT.
func linePrice(line api.InvoiceLine) decimal.Decimal {
	return parseOrZero(line.LineQuantity).Mul(parseOrZero(line.LineUnitPrice))
}

// parseOrZero parses a decimal. Any other value is zero.
func parseOrZero(v api.Amount) decimal.Decimal {
	d, _ := parseAmount(v)
	return d
}

// checkTaxed validates the lines of an invoice with a tax receipt.
func checkTaxed(q api.CreateInvoiceRequest) error {
	if len(q.Lines) == 0 {
		return codeError(codeInvoiceLineRequired)
	}
	var found fieldErrors
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
		return codeError(codeInvalidAmount)
	}
	if !isClassificationCode(line.ClassificationCode) {
		return codeError(codeClassInvalid)
	}
	if taxType != "1" {
		return nil
	}
	if len(line.Taxes) == 0 {
		return codeError(codeTaxLineRequired)
	}
	rate := decimal.RequireFromString("1.1")
	for _, tax := range line.Taxes {
		if tax.TaxCode == "CITY_TAX" {
			rate = decimal.RequireFromString("1.12")
		}
	}
	want := price.Mul(decimal.RequireFromString("0.1")).DivRound(rate, 8).Truncate(4)
	for _, tax := range line.Taxes {
		if tax.TaxCode == "VAT" && parseOrZero(tax.Amount).Sub(want).Abs().GreaterThan(decimal.RequireFromString("0.01")) {
			return codeError(codeVATAmountInvalid)
		}
	}
	return nil
}

// isClassificationCode reports whether text has the form of a classification code:
// seven digits.
func isClassificationCode(text string) bool {
	matched, _ := regexp.MatchString(`^\d{7}$`, text)
	return matched
}
