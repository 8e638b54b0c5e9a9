package xpaytest

import (
	"math/big"

	"github.com/go-json-experiment/json/jsontext"
)

// processing is the currency that all money is moved in.
const processing = "EGP"

// exchange is a rate that was locked: major units of currency times rate are
// major units of EGP.
type exchange struct{ id, currency, rate string }

// exchangeFor locks the rate of a currency. The rates are the sandbox's own.
func (m *merchant) exchangeFor(currency string) (exchange, error) {
	if currency == processing {
		return exchange{currency: processing}, nil
	}
	rate := map[string]string{"USD": "50.25", "EUR": "54.8", "SAR": "13.4", "KWD": "163.905"}[currency]
	if rate == "" {
		return exchange{}, refuse(codeNoRate, "currency", "No exchange rate from %s to %s", currency, processing)
	}
	return exchange{m.newID("exr"), currency, rate}, nil
}

func (x exchange) foreign() bool { return x.rate != "" }

// number is the rate as XPay writes it.
func (x exchange) number() any { return jsontext.Value(x.rate) }

// process is an amount in EGP; what is less than a piaster is dropped.
func (x exchange) process(amount int64) int64 {
	if !x.foreign() {
		return amount
	}
	r, _ := new(big.Rat).SetString(x.rate)
	r.Mul(r, big.NewRat(amount*100, x.scale()))
	return new(big.Int).Quo(r.Num(), r.Denom()).Int64()
}

// present is an amount of EGP in the customer's currency.
func (x exchange) present(amount int64) int64 {
	r, ok := new(big.Rat).SetString(x.rate)
	if !ok {
		return amount
	}
	r.Quo(big.NewRat(amount*x.scale(), 100), r)
	return new(big.Int).Quo(r.Num(), r.Denom()).Int64()
}

// scale is how many minor units make a major one.
func (x exchange) scale() int64 {
	switch x.currency {
	case "KWD", "JOD", "OMR", "BHD", "LYD":
		return 1000
	}
	return 100
}

// presentment is an amount of EGP as the customer sees it; null when it is the same.
func (x exchange) presentment(amount int64) any {
	if !x.foreign() {
		return null()
	}
	return object{"amount": x.present(amount), "currency": x.currency, "exchangeRate": x.number(), "exchangeRateId": x.id}
}
