package xpaytest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/xpay/xpaytest"
)

func TestSessionLifecycle(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	a := s.session(`,"metadata":{"order":"1001"},"customerDetails":{"name":"Mona","email":"mona@shop.example"}`)
	id := s.text(a, "id")
	s.values(a, map[string]any{
		"status": "open", "paymentStatus": "unpaid", "amountTotal": 20000, "url": "https://checkout.xpay.app/c/" + id, "expiresAt": "2026-05-10T12:34:56.000Z",
		"afterCompletion.redirect.url": "https://shop.example/thanks?s=" + id, "metadata.order": "1001", "livemode": false, "paymentIntent": nil,
	})
	if a.status != 201 || !strings.HasPrefix(id, "cs_test_") || !strings.HasPrefix(a.header.Get("X-Request-Id"), "req_") {
		t.Errorf("%d %s", a.status, id)
	}
	paid := s.pay(id)
	a = s.call("GET", "/checkout/sessions/"+id, "")
	s.values(a, map[string]any{
		"status": "complete", "paymentStatus": "paid", "paymentIntent.status": "SUCCEEDED", "paymentIntent.charges.0.id": paid.ChargeID,
		"paymentIntent.charges.0.balanceTransaction.fee": 700, "paymentIntent.latestCharge.status": "SUCCEEDED", "customer.type": "guest",
		"customer.email": "mona@shop.example", "paymentIntentId": paid.PaymentIntentID,
	})
	s.want(s.call("POST", "/checkout/sessions/"+id+"/expire", ""), 409, "resource_invalid_state", "id")
	s.want(s.call("PATCH", "/checkout/sessions/"+id, `{"locale":"ar"}`), 409, "resource_invalid_state", "id")
	if _, err := xpaytest.Start("bad address"); err == nil {
		t.Error("an invalid address was accepted")
	}
	if got := s.kinds(); got != "session.created payment.succeeded" {
		t.Error(got)
	}
}

func TestInvalidSessions(t *testing.T) {
	s := open(t)
	customer := s.text(s.call("POST", "/customers", `{"email":"mona@shop.example"}`), "id")
	s.pay(s.text(s.session(""), "id"))
	guest := s.text(s.call("GET", "/customers?type=guest", ""), "data.0.id")
	inline := func(data string) string {
		return `{` + after + `,"lineItems":[{"quantity":1,"priceData":` + data + `}]}`
	}
	for body, want := range map[string]string{
		`{}`:                                   "400 parameter_missing afterCompletion",
		`{` + after + `}`:                      "400 parameter_missing lineItems",
		`{"afterCompletion":{},` + lines + `}`: "400 parameter_missing afterCompletion.type",
		`{"afterCompletion":{"type":"x"},` + lines + `}`:                                                             "400 parameter_invalid afterCompletion.type",
		`{"afterCompletion":{"type":"redirect"},` + lines + `}`:                                                      "400 parameter_requires_another afterCompletion.redirect",
		`{"afterCompletion":{"type":"redirect","redirect":{}},` + lines + `}`:                                        "400 parameter_missing afterCompletion.redirect.url",
		order[:len(order)-1] + `,"nonsense":1}`:                                                                      "400 parameter_unknown nonsense",
		`{` + after + `,"lineItems":[{"quantity":1,"price":"x","size":2}]}`:                                          "400 parameter_unknown lineItems[0].size",
		`{` + after + `,"lineItems":[{"quantity":"1","price":"x"}]}`:                                                 "400 parameter_invalid lineItems[0].quantity",
		`{` + after + `,"lineItems":[{"quantity":1.5,"price":"x"}]}`:                                                 "400 parameter_invalid lineItems[0].quantity",
		`{` + after + `,"lineItems":[{"price":"x"}]}`:                                                                "400 parameter_missing lineItems[0].quantity",
		`{` + after + `,"lineItems":[{"quantity":-1,"price":"x"}]}`:                                                  "400 parameter_out_of_range lineItems[0].quantity",
		`{` + after + `,"lineItems":[{"quantity":1}]}`:                                                               "400 line_item_missing_price lineItems[0].price",
		`{` + after + `,"lineItems":[{"quantity":1,"price":"x"}]}`:                                                   "404 resource_missing lineItems[0].price",
		inline(`{"currency":"EGP","unitAmount":1}`):                                                                  "400 parameter_missing lineItems[0].priceData.productData",
		inline(`{"currency":"XYZ","unitAmount":1,"productData":{"name":"T"}}`):                                       "400 currency_invalid lineItems[0].priceData.currency",
		inline(`{"currency":"AUD","unitAmount":1,"productData":{"name":"T"}}`):                                       "400 validation_error lineItems[0].price",
		inline(`{"currency":"EGP","unitAmount":2147483648,"productData":{"name":"T"}}`):                              "400 parameter_out_of_range lineItems[0].priceData.unitAmount",
		inline(`{"currency":"EGP","unitAmount":1,"productData":{"name":"T"},"recurring":{"interval":"DAY"}}`):        "400 price_recurring_not_supported lineItems[0].price",
		strings.Replace(order, `"quantity":2`, `"quantity":2147483647`, 1):                                           "400 amount_invalid lineItems[0].quantity",
		strings.Replace(order, `"quantity":2`, `"quantity":0`, 1):                                                    "400 parameter_out_of_range lineItems[0].quantity",
		order[:len(order)-1] + `,"currency":"USD"}`:                                                                  "400 validation_error lineItems[0].price",
		order[:len(order)-1] + `,"customerUpdate":{"name":"auto"}}`:                                                  "400 parameter_requires_another customerUpdate",
		order[:len(order)-1] + `,"customerId":"` + customer + `","customerDetails":{"name":"M"}}`:                    "400 parameters_exclusive customerId",
		order[:len(order)-1] + `,"customerId":"` + guest + `"}`:                                                      "400 parameter_invalid customerId",
		order[:len(order)-1] + `,"customerId":"cus_unknown"}`:                                                        "404 resource_missing customerId",
		order[:len(order)-1] + `,"expiresAfterMinutes":29}`:                                                          "400 parameter_out_of_range expiresAfterMinutes",
		order[:len(order)-1] + `,"paymentMethodTypes":["card"],"paymentMethodConfigurationId":"pmc_1"}`:              "400 parameters_exclusive paymentMethodTypes",
		order[:len(order)-1] + `,"paymentMethodTypes":[]}`:                                                           "400 must_have_enabled_method paymentMethodTypes",
		order[:len(order)-1] + `,"paymentMethodTypes":["gold"]}`:                                                     "400 parameter_invalid paymentMethodTypes",
		order[:len(order)-1] + `,"uiMode":"custom","phoneNumberCollection":true}`:                                    "400 parameters_exclusive phoneNumberCollection",
		order[:len(order)-1] + `,"uiMode":"embedded","cancelUrl":"https://shop.example"}`:                            "400 parameters_exclusive cancelUrl",
		order[:len(order)-1] + `,"discounts":[{"coupon":"a"},{"coupon":"b"}]}`:                                       "400 too_many_discounts discounts",
		order[:len(order)-1] + `,"discounts":[{}]}`:                                                                  "400 parameter_missing discounts[0].coupon",
		order[:len(order)-1] + `,"discounts":[{"coupon":"a"}]}`:                                                      "404 resource_missing discounts[0].coupon",
		order[:len(order)-1] + `,"discounts":[{"promotionCode":"a"}]}`:                                               "400 promotion_code_not_found discounts[0].promotionCode",
		order[:len(order)-1] + `,"customFields":[{"label":"","type":"TEXT"}]}`:                                       "400 parameter_out_of_range customFields[0].label",
		order[:len(order)-1] + `,"feeConfig":{"feesPassThrough":true}}`:                                              "400 parameter_missing feeConfig.vatCollectionEnabled",
		`{"afterCompletion":{"type":"hosted_confirmation"},"uiMode":"embedded",` + lines + `}`:                       "400 parameters_exclusive afterCompletion.type",
		`{"afterCompletion":{"type":"hosted_confirmation","redirect":{"url":"https://shop.example"}},` + lines + `}`: "400 parameters_exclusive afterCompletion",
	} {
		a := s.call("POST", "/checkout/sessions", body)
		f := strings.Fields(want)
		status := 400
		if f[0] == "404" {
			status = 404
		}
		s.want(a, status, f[1], f[2])
		if t.Failed() {
			t.Fatalf("body %s", body)
		}
	}
	s.want(s.call("POST", "/checkout/sessions", `{"a":1,"a":2}`), 400, "invalid_request", "")
	s.want(s.call("POST", "/checkout/sessions", `[]`), 400, "parameter_invalid", "")
	s.want(s.call("GET", "/checkout/sessions/cs_test_1", ""), 404, "resource_missing", "id")
	if len(s.srv.Ledger()) != 3 { // a customer, a session, a payment
		t.Errorf("failed requests had side effects: %s", s.kinds())
	}
}

func TestForeignCurrency(t *testing.T) {
	s := open(t)
	a := s.call("POST", "/checkout/sessions", priced("usd", `,"currency":"usd"`))
	id := s.text(a, "id")
	s.values(a, map[string]any{
		"currency": "EGP", "amountTotal": 1005000, "presentmentDetails.amount": 20000, "presentmentDetails.currency": "USD",
		"presentmentDetails.exchangeRate": "50.25", "lineItems.0.presentmentDetails.unitAmount": 10000, "paymentMethodTypes.0.type": "card",
	})
	s.want(s.call("POST", "/checkout/sessions", priced("USD", `,"currency":"USD","paymentMethodTypes":["fawry"]`)), 400, "parameter_invalid", "paymentMethodTypes")
	paid := s.pay(id)
	f := s.call("POST", "/refunds", `{"chargeId":"`+paid.ChargeID+`","amount":25125}`)
	s.values(f, map[string]any{"amount": "25125", "currency": "EGP", "presentmentDetails.amount": 500, "presentmentDetails.currency": "USD"})
}

func TestSessionUpdate(t *testing.T) {
	s := open(t, config(func(c *xpaytest.Config) { c.EmptyLinesAfterUpdate = true }))
	id := s.text(s.session(`,"cancelUrl":"https://shop.example/back","metadata":{"a":"1"}`), "id")
	path := "/checkout/sessions/" + id
	a := s.call("PATCH", path, `{"lineItems":[{"quantity":1,"priceData":{"currency":"EGP","unitAmount":700,"productData":{"name":"Pin"}}}],"cancelUrl":null,"allowPromotionCodes":true}`)
	s.values(a, map[string]any{"amountSubtotal": 700, "cancelUrl": nil, "allowPromotionCodes": true, "metadata.a": "1", "lineItems": "[]"})
	a = s.call("PATCH", path, `{"metadata":null,"allowPromotionCodes":false}`)
	s.values(a, map[string]any{"metadata": nil, "allowPromotionCodes": false, "lineItems.0.price.product.name": "Pin", "amountTotal": 700})
	s.want(s.call("PATCH", path, `{"lineItems":[]}`), 400, "parameter_missing", "lineItems")
	s.want(s.call("PATCH", path, `{"lineItems":null}`), 400, "parameter_missing", "lineItems")
	for _, member := range []string{"mode", "uiMode", "submitType", "currency", "expiresAfterMinutes"} {
		s.want(s.call("PATCH", path, `{"`+member+`":"x"}`), 400, "parameter_unknown", member)
	}
	s.want(s.call("PATCH", path, `{"customerUpdate":{"name":"auto"}}`), 400, "parameter_requires_another", "customerUpdate")
}

func TestSessionExpiry(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	id := s.text(s.session(`,"expiresAfterMinutes":30`), "id")
	if err := s.srv.Advance(29 * time.Minute); err != nil {
		t.Fatal(err)
	}
	s.values(s.call("GET", "/checkout/sessions/"+id, ""), map[string]any{"status": "open", "isExpired": false})
	if err := s.srv.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
	s.values(s.call("GET", "/checkout/sessions/"+id, ""), map[string]any{"status": "expired", "isExpired": true})
	if a := s.call("POST", "/_sandbox/pay", `{"id":"`+id+`"}`); a.status != 409 || !strings.Contains(a.raw, "expired") {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestDiscounts(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	tenth, fixed := s.srv.AddCoupon(xpaytest.Coupon{PercentOff: 10}), s.srv.AddCoupon(xpaytest.Coupon{AmountOff: 500, Minimum: 20001})
	code := func(p xpaytest.PromotionCode) string {
		id, err := s.srv.AddPromotionCode(p)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	good := code(xpaytest.PromotionCode{Coupon: tenth, Code: "TEN", Ends: start().Add(time.Hour)})
	off := code(xpaytest.PromotionCode{Coupon: tenth, Code: "OFF", Inactive: true})
	a := s.session(`,"discounts":[{"promotionCode":"` + good + `"}]`)
	s.values(a, map[string]any{"amountSubtotal": 20000, "amountTotal": 18000, "totalDetails.amountDiscount": 2000, "discounts.0.id": "pending", "discounts.0.promotionCodeCode": "TEN"})
	s.want(s.session(`,"discounts":[{"promotionCode":"`+off+`"}]`), 400, "promotion_code_inactive", "discounts[0].promotionCode")
	s.want(s.session(`,"discounts":[{"coupon":"`+fixed+`"}]`), 400, "coupon_minimum_amount", "discounts[0].coupon")
	s.pay(s.text(a, "id"))
	s.values(s.call("GET", "/checkout/sessions/"+s.text(a, "id"), ""), map[string]any{"discounts.0.coupon.timesRedeemed": 1, "paymentIntent.amountReceived": 18000})
	if err := s.srv.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	s.want(s.session(`,"discounts":[{"promotionCode":"`+good+`"}]`), 400, "promotion_code_expired", "discounts[0].promotionCode")
	pending := s.call("POST", "/checkout/sessions", strings.Replace(order, `"quantity":2`, `"quantity":3`, 1)[:len(order)-1]+`,"discounts":[{"coupon":"`+fixed+`"}]}`)
	s.values(pending, map[string]any{"amountTotal": 29500, "discounts.0.coupon.amountOff": "500"})
}
