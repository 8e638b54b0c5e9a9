package openapitest

import (
	"unicode/utf8"

	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// field is a string member of a request. Its limit is in characters; 0 means no limit.
type field struct {
	name, value string
	limit       int
	required    bool
}

func required(name, value string, limit int) field { return field{name, value, limit, true} }

func optional(name, value string, limit int) field { return field{name, value, limit, false} }

// checkFields reports missing members first, then members that are too long.
func checkFields(fields ...field) error {
	for _, f := range fields {
		if f.required && f.value == "" {
			return memberError{codeMissingParam, f.name}
		}
	}
	for _, f := range fields {
		if f.limit > 0 && utf8.RuneCountInString(f.value) > f.limit {
			return memberError{codeParamIllegal, f.name}
		}
	}
	return nil
}

// checkIDs requires at least one of the IDs and limits the length of each.
func checkIDs(names string, ids ...string) error {
	if err := checkAny(names, ids...); err != nil {
		return err
	}
	for _, id := range ids {
		if err := checkFields(optional(names, id, idLimit)); err != nil {
			return err
		}
	}
	return nil
}

// checkAny requires at least one of the values.
func checkAny(names string, values ...string) error {
	for _, v := range values {
		if v != "" {
			return nil
		}
	}
	return memberError{codeMissingParam, names}
}

// checkAmount requires a positive whole number in the merchant's currency.
func (p *platform) checkAmount(name string, a api.Amount) (money, error) {
	if a.Currency == "" || len(a.Value) == 0 || a.Value.Kind() == 'n' {
		return money{}, memberError{codeMissingParam, name}
	}
	value, ok := parseMinorUnits(a.Value)
	if !ok {
		return money{}, memberError{codeInvalidAmount, name}
	}
	if a.Currency != p.config.Get().Currency {
		return money{}, memberError{codeInvalidCurrency, name}
	}
	return money{a.Currency, value}, nil
}
