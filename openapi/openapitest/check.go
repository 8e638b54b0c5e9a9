package openapitest

import (
	"unicode/utf8"

	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// field is a text member with its limit in characters; 0 is none.
type field struct {
	name, value string
	limit       int
	required    bool
}

func need(name, value string, limit int) field { return field{name, value, limit, true} }

func may(name, value string, limit int) field { return field{name, value, limit, false} }

// checkFields looks for what is missing first, then for what is too long.
func checkFields(fields ...field) error {
	for _, f := range fields {
		if f.required && f.value == "" {
			return badMember{codeMissingParam, f.name}
		}
	}
	for _, f := range fields {
		if f.limit > 0 && utf8.RuneCountInString(f.value) > f.limit {
			return badMember{codeParamIllegal, f.name}
		}
	}
	return nil
}

// oneOf wants at least one of two ids.
func oneOf(names string, values ...string) error {
	for _, v := range values {
		if v != "" {
			return nil
		}
	}
	return badMember{codeMissingParam, names}
}

// checkAmount wants a positive whole number in the merchant's currency.
func (p *platform) checkAmount(name string, a api.Amount) (money, error) {
	if a.Currency == "" || len(a.Value) == 0 || a.Value.Kind() == 'n' {
		return money{}, badMember{codeMissingParam, name}
	}
	value, ok := minor(a.Value)
	if !ok {
		return money{}, badMember{codeInvalidAmount, name}
	}
	if a.Currency != p.config.Get().Currency {
		return money{}, badMember{codeInvalidCurrency, name}
	}
	return money{a.Currency, value}, nil
}
