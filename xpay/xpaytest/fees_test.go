package xpaytest_test

import (
	"testing"

	"github.com/specpay/specpay/xpay/xpaytest"
)

const (
	fifty   = `{"lineItems":[{"quantity":1,"priceData":{"currency":"EGP","unitAmount":50000,"productData":{"name":"Chair"}}}],` + after
	passOn  = `,"feeConfig":{"feesPassThrough":true,"vatCollectionEnabled":true,"vatCollectionRate":140}`
	bearAll = `,"feeConfig":{"feesPassThrough":false,"vatCollectionEnabled":false}`
)

func TestTotalContainsTheFeesAndVATThatTheCustomerPays(t *testing.T) {
	s := open(t)
	a := s.call("POST", "/checkout/sessions", fifty+passOn+"}")
	s.values(a, map[string]any{
		"amountSubtotal": 50000, "amountTotal": 52450, "totalDetails.amountPlatformFee": 1750, "totalDetails.amountCollectedVat": 700,
		"feeConfig.source": "session", "feeConfig.vatCollectionRate": 140,
	})
	id := s.text(a, "id")
	charge := s.pay(id).ChargeID
	s.values(s.call("GET", "/checkout/sessions/"+id, ""), map[string]any{
		"paymentIntent.amount": 52450, "paymentIntent.amountReceived": 52450, "paymentIntent.amountDetails.productAmount": 50000,
		"paymentIntent.amountDetails.platformFees.amount": 1750, "paymentIntent.amountDetails.tax.amount": 700, "paymentIntent.charges.0.amount": 52450,
		"paymentIntent.charges.0.config.collectedVatAmount": 700, "paymentIntent.charges.0.balanceTransaction.fee": 1750,
	})
	s.values(s.call("POST", "/refunds", `{"chargeId":"`+charge+`"}`), map[string]any{"amount": 52450})
	s.values(s.call("POST", "/checkout/sessions", fifty+`,"feeConfig":{"feesPassThrough":false,"vatCollectionEnabled":true}}`), map[string]any{"amountTotal": 57000})
	s.values(s.call("POST", "/checkout/sessions", fifty+bearAll+"}"), map[string]any{"amountTotal": 50000})
	s.want(s.call("POST", "/checkout/sessions", fifty+`,"feeConfig":{"feesPassThrough":false,"vatCollectionEnabled":true,"vatCollectionRate":-1}}`), 400, "parameter_out_of_range", "feeConfig.vatCollectionRate")
}

func TestAccountCanPassFeesAndVATOn(t *testing.T) {
	s := open(t, config(func(c *xpaytest.Config) { c.FeesPassThrough, c.VATRate = true, 1400 }))
	a := s.call("POST", "/checkout/sessions", fifty+"}")
	s.values(a, map[string]any{"amountTotal": 58750, "totalDetails.amountPlatformFee": 1750, "totalDetails.amountCollectedVat": 7000, "feeConfig.source": "merchant"})
	price := s.text(s.call("POST", "/products", `{"name":"Chair","defaultPrice":{"unitAmount":50000}}`), "prices.0.id")
	link := s.call("POST", "/payment-links", `{"lineItems":[{"priceId":"`+price+`","quantity":1}],`+after+`}`)
	s.values(link, map[string]any{"computedAmount": 50000, "feeConfig.feesPassThrough": true})
	s.values(s.call("GET", "/checkout/sessions/"+s.pay(s.text(link, "id")).SessionID, ""), map[string]any{"amountTotal": 58750})
	s.values(s.call("POST", "/checkout/sessions", fifty+bearAll+"}"), map[string]any{"amountTotal": 50000})
}

func TestCollectedVATCanBeSeparate(t *testing.T) {
	s := open(t, config(func(c *xpaytest.Config) { c.CollectedVAT = "separate" }))
	coupon := s.srv.AddCoupon(xpaytest.Coupon{AmountOff: 10000})
	a := s.call("POST", "/checkout/sessions", fifty+`,"discounts":[{"coupon":"`+coupon+`"}],"feeConfig":{"feesPassThrough":false,"vatCollectionEnabled":true,"vatCollectionRate":1400}}`)
	s.values(a, map[string]any{"amountTotal": 40000, "totalDetails.amountDiscount": 10000, "totalDetails.amountCollectedVat": 5600})
	for _, bad := range []func(*xpaytest.Config){
		func(c *xpaytest.Config) { c.CollectedVAT = "maybe" }, func(c *xpaytest.Config) { c.VATRate = -1 }, func(c *xpaytest.Config) { c.VATRate = 10_001 },
	} {
		if _, err := xpaytest.Start("127.0.0.1:0", config(bad)); err == nil {
			t.Error("an invalid config was accepted")
		}
	}
}

func TestFeesAndVATInAForeignCurrency(t *testing.T) {
	s := open(t)
	a := s.call("POST", "/checkout/sessions", `{"currency":"USD","lineItems":[{"quantity":1,"priceData":{"currency":"USD","unitAmount":10000,"productData":{"name":"Chair"}}}],`+after+passOn+"}")
	s.values(a, map[string]any{
		"amountTotal": 527122, "totalDetails.amountPlatformFee": 17587, "totalDetails.amountCollectedVat": 7035,
		"presentmentDetails.amountTotal": 10490, "presentmentDetails.amountPlatformFee": 350, "presentmentDetails.amountCollectedVat": 140,
	})
}
