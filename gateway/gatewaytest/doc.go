// Package gatewaytest provides a local X-PAY gateway server for tests, in the manner
// of net/http/httptest. The server keeps state, follows what is known about the
// gateway, and shares no code with the client in package gateway. Although the headers
// are called X-PAY-*, XPay is a different provider; see package xpaytest.
//
//	srv := gatewaytest.NewServer(t)
//	client, err := gateway.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// create a payment, then pay it as the buyer:
//	err = srv.Pay(payment.PaymentID)
//
// Where sources differ or leave a choice, [Config] selects the behavior. Where there
// is no source, the sandbox guesses; [Server.Guesses] lists all rules and their
// sources.
package gatewaytest
