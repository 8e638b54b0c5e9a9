package xpaytest_test

import (
	"testing"

	"github.com/specpay/specpay/xpay/xpaytest"
)

func TestAMissingReferenceIsNamedByItsMember(t *testing.T) {
	s := open(t)
	product := s.text(s.call("POST", "/products", `{"name":"Ticket"}`), "id")
	for _, call := range [][4]string{
		{"POST", "/checkout/sessions", `{` + after + `,"lineItems":[{"quantity":1,"price":"price_x"}]}`, "lineItems[0].price"},
		{"POST", "/checkout/sessions", order[:len(order)-1] + `,"customerId":"cus_x"}`, "customerId"},
		{"POST", "/checkout/sessions", order[:len(order)-1] + `,"discounts":[{"coupon":"coupon_x"}]}`, "discounts[0].coupon"},
		{"PATCH", "/checkout/sessions/" + s.text(s.session(""), "id"), `{"customerId":"cus_x"}`, "customerId"},
		{"POST", "/payment-links", `{` + after + `,"lineItems":[{"quantity":1,"priceId":"price_x"}]}`, "lineItems[0].priceId"},
		{"PATCH", "/products/" + product, `{"defaultPrice":"price_x"}`, "defaultPrice"},
		{"POST", "/prices?productId=prod_x", `{"unitAmount":1}`, "productId"},
		{"POST", "/refunds", `{"chargeId":"ch_x"}`, "chargeId"},
		{"POST", "/refunds", `{"paymentIntentId":"pi_x"}`, "paymentIntentId"},
		{"GET", "/products/prod_x", "", "id"},
	} {
		s.want(s.call(call[0], call[1], call[2]), 404, "resource_missing", call[3])
	}
	ended := s.srv.AddCoupon(xpaytest.Coupon{PercentOff: 10, Ended: true})
	s.want(s.session(`,"discounts":[{"coupon":"`+ended+`"}]`), 400, "coupon_invalid", "discounts[0].coupon")
}

func TestAMissingQueryParameterIsMissing(t *testing.T) {
	s := open(t)
	s.want(s.call("POST", "/prices", `{"unitAmount":1}`), 400, "parameter_missing", "productId")
	s.want(s.call("POST", "/prices?productId=", `{"unitAmount":1}`), 400, "parameter_missing", "productId")
}

func TestAUsedPriceCanKeepItsAmount(t *testing.T) {
	s := open(t)
	product := s.call("POST", "/products", `{"name":"Ticket","defaultPrice":{"unitAmount":500}}`)
	price := s.text(product, "prices.0.id")
	s.call("POST", "/checkout/sessions", `{`+after+`,"lineItems":[{"quantity":1,"price":"`+price+`"}]}`)
	a := s.call("PATCH", "/prices/"+price, `{"name":"Evening","unitAmount":500,"currency":"EGP","type":"ONE_TIME"}`)
	if a.status != 200 || a.at("name") != "Evening" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	for _, change := range []string{`"unitAmount":501`, `"unitAmount":null`, `"currency":"USD"`, `"type":"CUSTOM"`, `"recurring":{"interval":"DAY"}`} {
		s.want(s.call("PATCH", "/prices/"+price, `{`+change+`}`), 400, "price_immutable_while_used", "")
	}
}

func TestLastPaymentErrorHasTheCardAndThePayer(t *testing.T) {
	s := open(t)
	id := s.text(s.session(`,"customerDetails":{"name":"Mona","email":"mona@shop.example"}`), "id")
	s.pay(id, xpaytest.PayDeclined("insufficient_funds"))
	s.shape(s.call("GET", "/checkout/sessions/"+id, ""), map[string]string{
		"paymentIntent.lastPaymentError.paymentMethod.card.funding":         `"debit"`,
		"paymentIntent.lastPaymentError.paymentMethod.billingDetails.name":  `"Mona"`,
		"paymentIntent.lastPaymentError.paymentMethod.billingDetails.email": `"mona@shop.example"`,
	})
}
