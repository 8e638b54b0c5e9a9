package openapi_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
)

const walletURL = "https://wallet.example/pay?id=1"

// TestAcceptedPaymentKeepsItsAddress: the address at which the user continues is in
// different members on different platforms, and in a result that is encoded again.
func TestAcceptedPaymentKeepsItsAddress(t *testing.T) {
	for members, want := range map[string]string{
		`"redirectActionForm":{"method":"POST","redirectionUrl":"` + walletURL + `"}`:                       walletURL,
		`"redirectActionForm":{"redirectUrl":"` + walletURL + `"}`:                                          walletURL,
		`"redirectUrl":"` + walletURL + `"`:                                                                 walletURL,
		`"redirectionUrl":"` + walletURL + `"`:                                                              walletURL,
		`"redirectActionForm":{"redirectionUrl":"` + walletURL + `"},"redirectUrl":"https://other.example"`: walletURL,
		`"redirectActionForm":null,"redirectUrl":null`:                                                      "",
		`"paymentId":"1"`: "",
	} {
		body := `{"result":{"resultStatus":"A","resultCode":"ACCEPT"},` + members + `}`
		got, err := responding(t, 200, body).Pay(t.Context(), openapi.PayRequest{PaymentRequestID: "RETAIL-0001"})
		if err != nil {
			t.Errorf("%s: %v", members, err)
			continue
		}
		if got.UserURL() != want || got.Result.Wait() != openapi.WaitingForUser {
			t.Errorf("%s: got address %q and %q, want %q and %q", members, got.UserURL(), got.Result.Wait(), want, openapi.WaitingForUser)
		}
		if again := must(json.Marshal(got)); strings.Contains(string(again), walletURL) != (want != "") {
			t.Errorf("%s: encoded again: got %s, want the address", members, again)
		}
	}
}

// TestAcceptedPaymentIsPaidAtItsAddress sends the user of the sandbox there.
func TestAcceptedPaymentIsPaidAtItsAddress(t *testing.T) {
	for _, form := range []string{"redirect-form", "redirect-url"} {
		srv := openapitest.NewServer(t, openapitest.WithConfig(func(c *openapitest.Config) { c.AgreementPay = form }))
		var got []openapi.Event
		c := connect(t, srv)
		shop := httptest.NewServer(c.Webhook(func(_ context.Context, ev openapi.Event) error { got = append(got, ev); return nil }))
		t.Cleanup(shop.Close)
		body := openapi.PayRequest{
			ProductCode: srv.ProductCode(), PaymentRequestID: "order-1", PaymentAmount: openapi.NewAmount(2500, "EUR"), AccessToken: agreement(t, srv, c),
			PaymentNotifyURL: shop.URL + "/hooks/payment",
		}
		var address string
		for range 2 { // a retry has the same address
			accepted, err := c.Pay(t.Context(), body)
			if err != nil || accepted.Result.Wait() != openapi.WaitingForUser || accepted.UserURL() == "" || address != "" && address != accepted.UserURL() {
				t.Fatalf("%s: got %+v and error %v, want an address", form, accepted, err)
			}
			address = accepted.UserURL()
		}
		if err := srv.Pay(address); err != nil {
			t.Fatal(err)
		}
		paid, err := c.Pay(t.Context(), body)
		if err != nil || paid.Result.Wait() != openapi.WaitingForNothing || paid.PaymentID == "" {
			t.Errorf("%s: after the user has paid: got %+v and error %v", form, paid, err)
		}
		if len(got) != 1 || got[0].Payment == nil || got[0].Payment.PaymentRequestID != "order-1" {
			t.Errorf("%s: got notifications %+v, want one about the payment", form, got)
		}
	}
}

// agreement lets the user sign an agreement and returns its access token.
func agreement(t *testing.T, srv *openapitest.Server, c *openapi.Client) openapi.Secret {
	t.Helper()
	must(c.Prepare(t.Context(), openapi.PrepareRequest{ReferenceClientID: srv.ReferenceClientID(), Scopes: openapi.AgreementScopeAgreementPay}))
	request := openapi.ApplyTokenRequest{GrantType: openapi.GrantTypeAuthorizationCode, AuthCode: must(srv.Contract("VALID"))}
	return must(c.ApplyToken(t.Context(), request)).AccessToken
}
