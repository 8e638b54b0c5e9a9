package qpaytest

import "github.com/specpay/specpay/qpay/qpaytest/internal/api"

// number is a field with a decimal, a JSON number or string.
type number struct {
	field    string
	value    api.Amount
	required bool
}

func checkNumbers(numbers ...number) fieldErrors {
	var found fieldErrors
	for _, n := range numbers {
		if _, ok := parseAmount(n.value); !ok && (n.required || !isAbsent(n.value)) {
			found = append(found, invalid(n.field, "Number is invalid!"))
		}
	}
	return found
}

func addressLimits(a api.Address) []limit {
	return []limit{
		{"city", a.City, 100, false}, {"district", a.District, 100, false}, {"street", a.Street, 100, false},
		{"building", a.Building, 100, false}, {"address", a.Address, 100, false},
		{"zipcode", a.Zipcode, 20, false}, {"longitude", a.Longitude, 20, false}, {"latitude", a.Latitude, 20, false},
	}
}

func checkLines(lines []api.InvoiceLine) fieldErrors {
	var found fieldErrors
	for _, line := range lines {
		found = append(found, checkLimits([]limit{
			{"line_description", line.LineDescription, 255, true},
			{"sender_product_code", line.SenderProductCode, 45, false},
			{"tax_product_code", line.TaxProductCode, 45, false},
			{"note", line.Note, 100, false},
		})...)
		found = append(found, checkNumbers(
			number{"line_quantity", line.LineQuantity, true}, number{"line_unit_price", line.LineUnitPrice, true})...)
		for _, d := range line.Discounts {
			found = append(found, checkExtra("discount_code", d.DiscountCode, d.Description, d.Note, d.Amount)...)
		}
		for _, s := range line.Surcharges {
			found = append(found, checkExtra("surcharge_code", s.SurchargeCode, s.Description, s.Note, s.Amount)...)
		}
		for _, tax := range line.Taxes {
			found = append(found, checkNumbers(number{"amount", tax.Amount, false}, number{"city_tax", tax.CityTax, false})...)
		}
	}
	return found
}

// checkExtra validates a discount or a surcharge.
func checkExtra(codeField, code, description, note string, amount api.Amount) fieldErrors {
	found := checkLimits([]limit{
		{codeField, code, 45, false}, {"description", description, 100, true}, {"note", note, 255, false},
	})
	return append(found, checkNumbers(number{"amount", amount, true})...)
}

func checkTransactions(transactions []api.InvoiceTransaction) fieldErrors {
	var found fieldErrors
	for _, part := range transactions {
		found = append(found, checkLimits([]limit{{"description", part.Description, 100, true}})...)
		found = append(found, checkNumbers(number{"amount", part.Amount, true})...)
		for _, account := range part.Accounts {
			found = append(found, checkLimits([]limit{
				{"account_bank_code", account.AccountBankCode, 45, true}, {"account_number", account.AccountNumber, 100, true},
				{"account_name", account.AccountName, 100, true}, {"account_currency", account.AccountCurrency, 45, true},
			})...)
		}
	}
	return found
}
