package qpaytest

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
)

// null returns the JSON null.
func null() jsontext.Value { return jsontext.Value("null") }

// orNull returns text, or null if it is empty.
func orNull(text string) any {
	if text == "" {
		return null()
	}
	return text
}

// rawOrNull returns a raw value, or null if it is absent.
func rawOrNull(v jsontext.Value) any {
	if len(v) == 0 {
		return null()
	}
	return v
}

// isAbsent reports whether a value is absent or null.
func isAbsent(v jsontext.Value) bool { return len(v) == 0 || v.Kind() == 'n' }

// maxDigits is the maximum of a decimal's digits and of its exponent.
const maxDigits = 20

// parseAmount parses a decimal of limited size from a JSON string or number.
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

// formatAmount formats an amount with at least two decimals.
func formatAmount(d decimal.Decimal) string {
	_, decimals, _ := strings.Cut(d.String(), ".")
	return d.StringFixed(int32(max(2, len(decimals))))
}

// money returns an amount in the configured JSON type.
func (c Config) money(d decimal.Decimal) any {
	if c.Money == "number" {
		return jsontext.Value(d.String())
	}
	return formatAmount(d)
}
