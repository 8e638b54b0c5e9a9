package main

import "github.com/specpay/specpay/qpay/qpaytest"

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

type variable struct{ name, value string }

// providers is the one list to add a sandbox to.
func providers() []provider {
	return []provider{
		{name: "qpay", place: 0, start: startQPay},
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
		{"QPAY_BASE_URL", srv.URL},
		{"QPAY_USERNAME", credentials.Username},
		{"QPAY_PASSWORD", credentials.Password},
		{"QPAY_INVOICE_CODE", srv.InvoiceCode()},
		{"QPAY_CALLBACK_URL", s.callback},
	}}, nil
}
