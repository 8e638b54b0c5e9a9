package xpaytest_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/xpay/xpaytest"
)

// has reports whether a response has the member at a path, even if it is null.
func (a response) has(path string) bool {
	parent, name := a, path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		members, _ := a.at(path[:i]).(map[string]any)
		parent, name = response{body: members}, path[i+1:]
	}
	_, found := parent.body[name]
	return found
}

// shape checks members of a response against their JSON text, or against "absent".
func (s *shop) shape(a response, want map[string]string) {
	s.t.Helper()
	for path, value := range want {
		got := "absent"
		if a.has(path) {
			got = text(a.at(path))
		}
		if got != value {
			s.t.Errorf("%s is %s, want %s in %d %s", path, got, value, a.status, a.raw)
		}
	}
}

const noAddress = `{"city":null,"country":null,"line1":null,"line2":null,"postalCode":null,"state":null}`

func TestWhatIsUnknownIsWrittenAsXPayWritesIt(t *testing.T) {
	s := open(t)
	endpoint, _ := s.endpoint("https://shop.example/xpay", `[]`)
	s.shape(s.call("GET", "/webhook-endpoints/"+endpoint, ""), map[string]string{"metadata": "{}", "description": "null"})
	s.shape(s.call("GET", "/webhook-endpoints", ""), map[string]string{"data.0.metadata": "{}"})

	price := s.text(s.call("POST", "/products", `{"name":"Ticket","defaultPrice":{"unitAmount":500}}`), "prices.0.id")
	link := s.call("POST", "/payment-links", `{"lineItems":[{"priceId":"`+price+`","quantity":1}],`+after+`}`)
	s.shape(link, map[string]string{"expiresAt": "absent", "metadata": "absent"})
	s.shape(s.call("GET", "/payment-links", ""), map[string]string{"data.0.expiresAt": "absent"})
	path := "/payment-links/" + s.text(link, "id")
	s.shape(s.call("PATCH", path, `{"metadata":{"order":"1"},"expiresAt":"2036-05-09T12:34:56.000Z"}`), map[string]string{"expiresAt": `"2036-05-09T12:34:56.000Z"`, "metadata": `{"order":"1"}`})
	s.shape(s.call("PATCH", path, `{"metadata":null,"expiresAt":null}`), map[string]string{"expiresAt": "absent", "metadata": "absent"})

	paid := s.text(s.session(`,"metadata":null`), "id")
	s.pay(paid)
	s.shape(s.call("GET", "/checkout/sessions/"+paid, ""), map[string]string{
		"paymentIntent.metadata":                             "{}",
		"paymentIntent.charges.0.billingDetails.address":     noAddress,
		"paymentIntent.paymentMethod.billingDetails.address": noAddress,
	})
}

func TestDiscountsHaveOnlyTheMembersThatApply(t *testing.T) {
	s := open(t)
	percent, fixed := s.srv.AddCoupon(xpaytest.Coupon{PercentOff: 10}), s.srv.AddCoupon(xpaytest.Coupon{AmountOff: 500})
	a := s.session(`,"discounts":[{"coupon":"` + percent + `"}]`)
	s.shape(a, map[string]string{
		"discounts.0.customerId": "absent", "discounts.0.promotionCodeId": "absent", "discounts.0.promotionCodeCode": "absent",
		"discounts.0.coupon.name": "null", "discounts.0.coupon.amountOff": "null", "discounts.0.coupon.currency": "null",
	})
	s.pay(s.text(a, "id"))
	s.shape(s.call("GET", "/checkout/sessions/"+s.text(a, "id"), ""), map[string]string{
		"discounts.0.promotionCodeId": "absent", "discounts.0.coupon.name": "absent", "discounts.0.coupon.percentOff": "10",
		"discounts.0.coupon.amountOff": "absent", "discounts.0.coupon.currency": "absent",
	})
	id := s.text(s.session(`,"discounts":[{"coupon":"`+fixed+`"}]`), "id")
	s.pay(id)
	s.shape(s.call("GET", "/checkout/sessions/"+id, ""), map[string]string{
		"discounts.0.coupon.percentOff": "absent", "discounts.0.coupon.amountOff": "500", "discounts.0.coupon.currency": `"EGP"`,
	})
}

func TestPaymentIntentHasTheCustomerOfItsSession(t *testing.T) {
	s := open(t)
	customer := s.text(s.call("POST", "/customers", `{"email":"mona@shop.example","name":"Mona"}`), "id")
	named := s.text(s.session(`,"customerId":"`+customer+`"`), "id")
	s.pay(named, xpaytest.PayDeclined("insufficient_funds"))
	s.values(s.call("GET", "/checkout/sessions/"+named, ""), map[string]any{"paymentIntent.customer.id": customer, "paymentIntent.customer.name": "Mona", "paymentIntent.customer.phone": nil})
	guest := s.text(s.session(`,"customerDetails":{"name":"Omar","email":"omar@shop.example"}`), "id")
	s.pay(guest)
	a := s.call("GET", "/checkout/sessions/"+guest, "")
	s.values(a, map[string]any{"paymentIntent.customer.id": a.at("customer.id"), "paymentIntent.customer.email": "omar@shop.example"})
}

// text returns a value as JSON with sorted names.
func text(v any) string {
	raw, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
