package main

import (
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/qpay/qpaytest"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// provider is a sandbox that the command serves.
type provider struct {
	name string
	// portOffset is added to the base port. It must not change when a provider
	// is added.
	portOffset int
	start      func(addr string, s settings) (instance, error)
}

// instance is a running sandbox and its settings for a client, as environment
// variables in display order.
type instance struct {
	env   []variable
	close func()
}

// variable is a setting. If file is set, the value is the path of a file with that
// name and content, in the folder of the -env file.
type variable struct{ name, value, file, content string }

func setting(name, value string) variable { return variable{name: name, value: value} }

// providers returns all providers.
func providers() []provider {
	return []provider{
		{name: "qpay", portOffset: 0, start: startQPay},
		{name: "openapi", portOffset: 1, start: startOpenAPI},
		{name: "xpay", portOffset: 2, start: startXPay},
		{name: "gateway", portOffset: 3, start: startGateway},
	}
}

func startQPay(addr string, s settings) (instance, error) {
	srv, err := qpaytest.Start(addr, qpaytest.WithAllowedHosts(s.allowedHosts...), qpaytest.WithCallbackHosts(s.callbackHosts...))
	if err != nil {
		return instance{}, err
	}
	credentials := srv.Credentials()
	return instance{close: srv.Close, env: []variable{
		setting("QPAY_BASE_URL", srv.URL),
		setting("QPAY_USERNAME", credentials.Username),
		setting("QPAY_PASSWORD", credentials.Password),
		setting("QPAY_INVOICE_CODE", srv.InvoiceCode()),
		setting("QPAY_CALLBACK_URL", s.callback),
	}}, nil
}

func startOpenAPI(addr string, s settings) (instance, error) {
	srv, err := openapitest.Start(addr, openapitest.WithAllowedHosts(s.allowedHosts...), openapitest.WithCallbackHosts(s.callbackHosts...))
	if err != nil {
		return instance{}, err
	}
	c := srv.Credentials()
	return instance{close: srv.Close, env: []variable{
		setting("OPENAPI_BASE_URL", srv.URL),
		setting("OPENAPI_CLIENT_ID", c.ClientID),
		{name: "OPENAPI_PRIVATE_KEY_FILE", file: "openapi-private-key.pem", content: c.PrivateKey},
		{name: "OPENAPI_PLATFORM_PUBLIC_KEY_FILE", file: "openapi-platform-public-key.pem", content: c.PlatformPublicKeys[c.KeyVersion]},
		setting("OPENAPI_KEY_VERSION", c.KeyVersion),
		setting("OPENAPI_PRODUCT_CODE", srv.ProductCode()),
		setting("OPENAPI_REFERENCE_CLIENT_ID", srv.ReferenceClientID()),
	}}, nil
}

func startXPay(addr string, s settings) (instance, error) {
	options := []xpaytest.Option{xpaytest.WithAllowedHosts(s.allowedHosts...), xpaytest.WithCallbackHosts(s.callbackHosts...)}
	if s.callback != "" {
		options = append(options, xpaytest.WithWebhookURL(s.callback))
	}
	srv, err := xpaytest.Start(addr, options...)
	if err != nil {
		return instance{}, err
	}
	c := srv.Credentials()
	return instance{close: srv.Close, env: []variable{
		setting("XPAY_BASE_URL", srv.URL),
		setting("XPAY_SECRET_KEY", c.APIKey),
		setting("XPAY_WEBHOOK_SECRET", c.WebhookSecret),
	}}, nil
}

func startGateway(addr string, s settings) (instance, error) {
	options := []gatewaytest.Option{gatewaytest.WithAllowedHosts(s.allowedHosts...), gatewaytest.WithCallbackHosts(s.callbackHosts...)}
	if s.callback != "" {
		options = append(options, gatewaytest.WithWebhookURL(s.callback))
	}
	srv, err := gatewaytest.Start(addr, options...)
	if err != nil {
		return instance{}, err
	}
	c := srv.Credentials()
	return instance{close: srv.Close, env: []variable{
		setting("PAYMENT_GATEWAY_BASE_URL", srv.URL),
		setting("PAYMENT_GATEWAY_PUBLIC_KEY", c.PublicKey),
		setting("PAYMENT_GATEWAY_SECRET", c.Secret),
		setting("PAYMENT_GATEWAY_WEBHOOK_SECRET", c.WebhookSecret),
	}}, nil
}
