package main

import (
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/qpay/qpaytest"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// provider is one sandbox that the command can serve.
type provider struct {
	name string
	// place is added to the base port. Places stay as they are when providers come.
	place int
	start func(addr string, s settings) (instance, error)
}

// instance is a running sandbox and the settings a client needs for it, as
// environment variables in the order to show them.
type instance struct {
	env   []variable
	close func()
}

// variable is one setting. With a file, the value is the path of a file of that
// name beside the -env file, and content is what stands in it.
type variable struct{ name, value, file, content string }

func setting(name, value string) variable { return variable{name: name, value: value} }

// providers is the one list to add a sandbox to.
func providers() []provider {
	return []provider{
		{name: "qpay", place: 0, start: startQPay},
		{name: "openapi", place: 1, start: startOpenAPI},
		{name: "xpay", place: 2, start: startXPay},
		{name: "gateway", place: 3, start: startGateway},
	}
}

func startQPay(addr string, s settings) (instance, error) {
	var options []qpaytest.Option
	if s.allowRemote {
		options = append(options, qpaytest.WithRemoteCallbacks())
	}
	srv, err := qpaytest.Start(addr, options...)
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
	var options []openapitest.Option
	if s.allowRemote {
		options = append(options, openapitest.WithRemoteCallbacks())
	}
	srv, err := openapitest.Start(addr, options...)
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
	var options []xpaytest.Option
	if s.allowRemote {
		options = append(options, xpaytest.WithRemoteCallbacks())
	}
	if s.callback != "" {
		options = append(options, xpaytest.WithEndpoint(s.callback))
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
	var options []gatewaytest.Option
	if s.allowRemote {
		options = append(options, gatewaytest.WithRemoteCallbacks())
	}
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
