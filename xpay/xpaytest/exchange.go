package xpaytest

import (
	"math/big"

	"github.com/go-json-experiment/json/jsontext"
)

// processingCurrency is the currency in which all payments are processed.
const processingCurrency = "EGP"

// exchange is a locked exchange rate: a major unit of currency is worth rate major
// units of EGP.
type exchange struct{ id, currency, rate string }

// lockRate locks the exchange rate of a currency. The rates are made up.
func (m *merchant) lockRate(currency string) (exchange, error) {
	if currency == processingCurrency {
		return exchange{currency: processingCurrency}, nil
	}
	rate := map[string]string{"USD": "50.25", "EUR": "54.8", "SAR": "13.4", "KWD": "163.905"}[currency]
	if rate == "" {
		return exchange{}, errorf(codeNoRate, "currency", "No exchange rate from %s to %s", currency, processingCurrency)
	}
	return exchange{m.newID("exr"), currency, rate}, nil
}

func (x exchange) foreign() bool { return x.rate != "" }

// number returns the rate as a JSON number.
func (x exchange) number() any { return jsontext.Value(x.rate) }

// toEGP converts an amount to EGP. It truncates to whole piasters.
func (x exchange) toEGP(amount int64) int64 {
	if !x.foreign() {
		return amount
	}
	r, _ := new(big.Rat).SetString(x.rate)
	r.Mul(r, big.NewRat(amount*100, x.scale()))
	return new(big.Int).Quo(r.Num(), r.Denom()).Int64()
}

// fromEGP converts an amount of EGP to the customer's currency.
func (x exchange) fromEGP(amount int64) int64 {
	r, ok := new(big.Rat).SetString(x.rate)
	if !ok {
		return amount
	}
	r.Quo(big.NewRat(amount*x.scale(), 100), r)
	return new(big.Int).Quo(r.Num(), r.Denom()).Int64()
}

// scale returns the number of minor units in a major unit.
func (x exchange) scale() int64 {
	if decimals(x.currency) == 3 {
		return 1000
	}
	return 100
}

// decimals returns the number of decimals of a currency.
func decimals(currency string) int {
	switch currency {
	case "KWD", "JOD", "OMR", "BHD", "LYD":
		return 3
	}
	return 2
}

// presentment returns an amount of EGP in the customer's currency, or null if that is
// EGP.
func (x exchange) presentment(amount int64) any {
	if !x.foreign() {
		return null()
	}
	return object{"amount": x.fromEGP(amount), "currency": x.currency, "exchangeRate": x.number(), "exchangeRateId": x.id}
}
