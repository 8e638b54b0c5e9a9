package xpaytest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specpay/specpay/xpay/xpaytest"
)

// priced returns a session in a currency, with additional members.
func priced(currency, more string) string {
	return strings.Replace(order, "EGP", currency, 1)[:len(order)-1] + more + "}"
}

func TestKnownCustomerIsNotCreated(t *testing.T) {
	s := open(t)
	customer := s.text(s.call("POST", "/customers", `{"email":"mona@shop.example"}`), "id")
	s.want(s.session(`,"customerId":"`+customer+`","customerCreation":"always"`), 400, "parameters_exclusive", "customerCreation")
	id := s.text(s.session(`,"customerId":"`+customer+`","customerCreation":"if_required"`), "id")
	s.want(s.call("PATCH", "/checkout/sessions/"+id, `{"customerCreation":"always"}`), 400, "parameters_exclusive", "customerCreation")
	if a := s.call("PATCH", "/checkout/sessions/"+id, `{"customerCreation":"always","customerId":null}`); a.status != 200 {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestForeignCurrencyMustBeNamed(t *testing.T) {
	s := open(t)
	s.want(s.call("POST", "/checkout/sessions", priced("USD", "")), 400, "validation_error", "lineItems[0].price")
	s.values(s.call("POST", "/checkout/sessions", priced("USD", `,"currency":"USD"`)), map[string]any{"presentmentDetails.currency": "USD"})
	s.values(s.session(`,"currency":"EGP"`), map[string]any{"status": "open"})
}

func TestAccountListsWhatSessionsAccept(t *testing.T) {
	s := open(t)
	listed := map[string][]string{}
	for _, v := range s.call("GET", "/account", "").at("supportedCurrencies").([]any) {
		a := response{body: v.(map[string]any)}
		for _, method := range a.at("paymentMethodTypes").([]any) {
			listed[s.text(a, "code")] = append(listed[s.text(a, "code")], fmt.Sprint(method))
		}
	}
	if fmt.Sprint(listed) != "map[EGP:[card fawry valu] EUR:[card] KWD:[card] SAR:[card] USD:[card]]" {
		t.Errorf("%v", listed)
	}
	for _, code := range []string{"EGP", "USD", "KWD", "AUD"} {
		for _, method := range []string{"card", "fawry", "vodafone_cash"} {
			a := s.call("POST", "/checkout/sessions", priced(code, `,"currency":"`+code+`","paymentMethodTypes":["`+method+`"]`))
			switch {
			case listed[code] == nil:
				s.want(a, 400, "parameter_invalid", "currency")
			case !strings.Contains(fmt.Sprint(listed[code]), method):
				s.want(a, 400, "parameter_invalid", "paymentMethodTypes")
			case a.status != 201:
				t.Errorf("%s %s: %d %s", code, method, a.status, a.raw)
			}
		}
	}
	id := s.text(s.session(""), "id")
	s.want(s.call("PATCH", "/checkout/sessions/"+id, `{"paymentMethodTypes":["aman"]}`), 400, "parameter_invalid", "paymentMethodTypes")
}

func TestAccountCanHaveOtherCurrenciesAndMethods(t *testing.T) {
	s := open(t, config(func(c *xpaytest.Config) { c.Currencies, c.PaymentMethods = "EGP,AUD", "card,vodafone_cash" }))
	s.values(s.call("GET", "/account", ""), map[string]any{
		"supportedCurrencies.0.paymentMethodTypes": "[card vodafone_cash]", "supportedCurrencies.1.code": "AUD", "supportedCurrencies.2": nil,
	})
	s.values(s.session(`,"paymentMethodTypes":["vodafone_cash"]`), map[string]any{"paymentMethodTypes.0.type": "vodafone_cash"})
	s.want(s.session(`,"paymentMethodTypes":["fawry"]`), 400, "parameter_invalid", "paymentMethodTypes")
	s.want(s.call("POST", "/checkout/sessions", priced("AUD", `,"currency":"AUD"`)), 400, "exchange_rate_not_found", "currency")
	for _, bad := range []func(*xpaytest.Config){
		func(c *xpaytest.Config) { c.Currencies = "USD" }, func(c *xpaytest.Config) { c.Currencies = "EGP,GOLD" },
		func(c *xpaytest.Config) { c.PaymentMethods = "" }, func(c *xpaytest.Config) { c.PaymentMethods = "card,shells" },
	} {
		if _, err := xpaytest.Start("127.0.0.1:0", config(bad)); err == nil {
			t.Error("an invalid config was accepted")
		}
	}
}

func TestCustomUIModeRefusesTheCollectionFlags(t *testing.T) {
	s := open(t)
	for _, member := range []string{"nameCollection", "billingAddressCollection", "shippingAddressCollection", "phoneNumberCollection"} {
		for _, value := range []string{"true", "false"} {
			s.want(s.session(`,"uiMode":"custom","`+member+`":`+value), 400, "parameters_exclusive", member)
		}
		if a := s.session(`,"uiMode":"custom","` + member + `":null`); a.status != 201 {
			t.Errorf("%s null: %d %s", member, a.status, a.raw)
		}
	}
	s.want(s.session(`,"uiMode":"custom","submitType":"PAY"`), 400, "parameters_exclusive", "submitType")
	id := s.text(s.session(`,"uiMode":"custom"`), "id")
	s.want(s.call("PATCH", "/checkout/sessions/"+id, `{"nameCollection":false}`), 400, "parameters_exclusive", "nameCollection")
}

func TestTooManyEndpointsNamesTheMaximum(t *testing.T) {
	s := open(t)
	for range 16 {
		s.endpoint("https://shop.example/xpay", `[]`)
	}
	a := s.call("POST", "/webhook-endpoints", `{"url":"https://shop.example/xpay","enabledEvents":[]}`)
	s.want(a, 400, "invalid_request", "")
	if message := s.text(a, "error.message"); !strings.Contains(message, "maximum") || !strings.Contains(message, "16") {
		t.Errorf("message %q", message)
	}
}
