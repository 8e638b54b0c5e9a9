package qpaytest

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
)

// null is the JSON null.
func null() jsontext.Value { return jsontext.Value("null") }

// orNull is the text, or null when it is empty.
func orNull(text string) any {
	if text == "" {
		return null()
	}
	return text
}

// rawOrNull is a raw value, or null when the request had none.
func rawOrNull(v jsontext.Value) any {
	if len(v) == 0 {
		return null()
	}
	return v
}

// isAbsent tells whether a request left a value out or set it to null.
func isAbsent(v jsontext.Value) bool { return len(v) == 0 || v.Kind() == 'n' }

// maxDigits bounds a decimal on both sides of its point.
const maxDigits = 20

// parseAmount reads a decimal of sane size from JSON text or number.
func parseAmount(v jsontext.Value) (decimal.Decimal, bool) {
	if k := v.Kind(); k != '"' && k != '0' {
		return decimal.Zero, false
	}
	return parseDecimal(strings.Trim(string(v), `"`))
}

func parseDecimal(text string) (decimal.Decimal, bool) {
	if len(text) > 2*maxDigits {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.Exponent() > maxDigits || d.Exponent() < -maxDigits || d.NumDigits() > maxDigits {
		return decimal.Zero, false
	}
	return d, true
}

// moneyText is a sum with two decimals, or with all it has where that is more.
func moneyText(d decimal.Decimal) string {
	_, decimals, _ := strings.Cut(d.String(), ".")
	return d.StringFixed(int32(max(2, len(decimals))))
}

// money is a sum in the form the switch asks for.
func (c Config) money(d decimal.Decimal) any {
	if c.Money == "number" {
		return jsontext.Value(d.String())
	}
	return moneyText(d)
}
