package xpaytest

import "github.com/specpay/specpay/xpay/xpaytest/internal/api"

// The rates of the sandbox. XPay's SDK has an example with a fee of 1750 for a price of
// 50000; the VAT is Egypt's.
const (
	feeRate    = 350  // basis points of the price
	defaultVAT = 1400 // basis points, for a fee config without a rate
)

// feeTerms is what the customer of a session pays in addition to the price.
type feeTerms struct {
	passFee, collectVAT bool
	vatRate             int64  // basis points
	vatApart            bool   // the total does not include the VAT
	source              string // who configured it
}

// feeTerms returns the terms of a session or payment link. Without a config of its own,
// those of the account apply.
func (m *merchant) feeTerms(own *api.FeeConfigInput) feeTerms {
	c := m.config.Get()
	f := feeTerms{
		passFee: c.FeesPassThrough, collectVAT: c.VATRate > 0, vatRate: c.VATRate, vatApart: c.CollectedVAT == "separate", source: "merchant",
	}
	if own != nil {
		f.passFee, f.collectVAT, f.vatRate, f.source = own.FeesPassThrough, own.VATCollectionEnabled, int64(own.VATCollectionRate), "session"
	}
	if f.collectVAT && f.vatRate == 0 {
		f.vatRate = defaultVAT
	}
	return f
}

// feeOf returns XPay's fee for a price.
func feeOf(price int64) int64 { return price * feeRate / 10_000 }

// fee returns the fee that the customer pays.
func (f feeTerms) fee(price int64) int64 {
	if !f.passFee {
		return 0
	}
	return feeOf(price)
}

// vat returns the VAT that the customer pays.
func (f feeTerms) vat(price int64) int64 {
	if !f.collectVAT {
		return 0
	}
	return price * f.vatRate / 10_000
}

// total returns what the customer pays for a price.
func (f feeTerms) total(price int64) int64 {
	total := price + f.fee(price)
	if !f.vatApart {
		total += f.vat(price)
	}
	return total
}

// body returns the terms in the form of a session.
func (f feeTerms) body() object {
	body := object{"feesPassThrough": f.passFee, "vatCollectionEnabled": f.collectVAT, "vatCollectionRate": null(), "source": f.source}
	if f.collectVAT {
		body["vatCollectionRate"] = f.vatRate
	}
	return body
}

// price returns what the items of a session cost after the discount, in the currency of
// its prices.
func (s *session) price() int64 {
	subtotal := sum(s.lines)
	return subtotal - s.discount.amountOff(subtotal)
}

// total returns the total of a session in the currency of its prices.
func (s *session) total() int64 { return s.fees.total(s.price()) }

// due returns the amount that is charged, in EGP.
func (s *session) due() int64 { return s.rate.toEGP(s.total()) }

// totals returns the parts of a session's total, in EGP.
func (s *session) totals() object {
	return object{
		"amountDiscount": s.rate.toEGP(sum(s.lines) - s.price()), "amountTax": 0, "amountShipping": 0,
		"amountPlatformFee": s.rate.toEGP(s.fees.fee(s.price())), "amountCollectedVat": s.rate.toEGP(s.fees.vat(s.price())),
	}
}

// addParts adds the parts of the total that the customer pays in addition to the price, in
// the currency of the prices.
func (s *session) addParts(body object) {
	if s.fees.passFee {
		body["amountPlatformFee"] = s.fees.fee(s.price())
	}
	if s.fees.collectVAT {
		body["amountCollectedVat"] = s.fees.vat(s.price())
	}
}

// amountDetails returns the parts of a payment intent's amount, in EGP.
func (s *session) amountDetails() object {
	body := object{"productAmount": s.rate.toEGP(sum(s.lines)), "tax": null(), "platformFees": null(), "tip": null(), "discount": null()}
	totals := s.totals()
	if s.discount != nil {
		body["discount"] = totals["amountDiscount"]
	}
	if s.fees.passFee {
		body["platformFees"] = object{"amount": totals["amountPlatformFee"], "vatAmount": 0}
	}
	if s.fees.collectVAT {
		body["tax"] = object{"amount": totals["amountCollectedVat"], "rateBps": s.fees.vatRate}
	}
	return body
}

// feeConfig returns the terms in the form of a charge, or null if the customer pays
// nothing in addition to the price.
func (s *session) feeConfig() any {
	if !s.fees.passFee && !s.fees.collectVAT {
		return null()
	}
	body := s.fees.body()
	config := object{
		"vatCollectionEnabled": s.fees.collectVAT, "vatCollectionRate": body["vatCollectionRate"], "collectedVatAmount": null(),
		"platformFeePassThrough": s.fees.passFee, "merchantFeeDeduction": null(),
	}
	if s.fees.collectVAT {
		config["collectedVatAmount"] = s.totals()["amountCollectedVat"]
	}
	return config
}
